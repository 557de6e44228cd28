// CloseEvent, for runtimes that lack it: websockets.spec.whatwg.org section 6.

export interface CloseEventInit {
  code?: number
  reason?: string
  wasClean?: boolean
}

/** Not a name that is shortened: the base is the runtime's. */
const INIT = 'ringlet close'

/** On `Event` of the runtime, or of `event.ts`. */
export function closeEventOn(Event: new (type: string, init?: object) => object) {
  class CloseEvent extends Event {
    declare private readonly [INIT]: Required<CloseEventInit>

    constructor(type: string, init: CloseEventInit = {}) {
      super(type, init)
      const { code = 0, reason = '', wasClean = false } = init
      Object.defineProperty(this, INIT, {
        value: { code: code & 0xffff, reason: `${reason}`, wasClean: !!wasClean },
      })
    }

    get code(): number {
      return this[INIT].code
    }

    get reason(): string {
      return this[INIT].reason
    }

    get wasClean(): boolean {
      return this[INIT].wasClean
    }

    get [Symbol.toStringTag](): string {
      return 'CloseEvent'
    }
  }

  for (const name of ['code', 'reason', 'wasClean']) {
    Object.defineProperty(CloseEvent.prototype, name, { enumerable: true })
  }
  // A bundle shortens what it was called.
  Object.defineProperty(CloseEvent, 'name', { value: 'CloseEvent', configurable: true })
  return CloseEvent
}
