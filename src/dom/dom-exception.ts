// DOMException, for engines that lack it: an Error with the name and the code of Web IDL section 2.8.1. Not a subclass:
// that is broken in Espruino, and frozen in preloaded XS.

const CODES: Record<string, number> = {
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidAccessError: 15,
}

/** Gives an Error, whatever class it is made of. */
class OwnDOMException {
  constructor(message: string, name: string) {
    const error = new Error(message) as Error & { code: number }
    // Not set: where what it inherits is frozen, that would throw.
    Object.defineProperty(error, 'name', { value: name, writable: true, configurable: true })
    error.code = CODES[name] || 0
    // biome-ignore lint/correctness/noConstructorReturn: what is thrown must be an Error
    return error
  }
}

export const DOMException = OwnDOMException as unknown as new (
  message: string,
  name: string,
) => Error
