// CloseEvent, for runtimes that lack it: websockets.spec.whatwg.org section 6.

export interface CloseEventInit {
  code?: number
  reason?: string
  wasClean?: boolean
}

/** On `Event` of the runtime, or of `event.ts`. */
export function closeEventOn(Event: new (type: string, init?: object) => object) {
  return class CloseEvent extends Event {
    readonly code: number
    readonly reason: string
    readonly wasClean: boolean

    constructor(type: string, init: CloseEventInit = {}) {
      super(type, init)
      this.code = init.code || 0
      this.reason = init.reason || ''
      this.wasClean = !!init.wasClean
    }

    get [Symbol.toStringTag](): string {
      return 'CloseEvent'
    }
  }
}
