// DOMException, for engines that lack it: an Error with the name and the code of Web IDL section 2.8.1. Not a subclass:
// that is broken in Espruino, and frozen in preloaded XS.

const CODES: Record<string, number> = {
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidAccessError: 15,
}

/** Called with `new`, as the runtime's own is; gives an Error. */
export const DOMException = ((message: string, name: string): Error => {
  const error = new Error(message) as Error & { code: number }
  error.name = name
  error.code = CODES[name] || 0
  return error
}) as unknown as new (
  message: string,
  name: string,
) => Error
