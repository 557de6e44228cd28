// DOM events, for engines that lack them: dom.spec.whatwg.org section 2.2, without phases, for nothing bubbles here.

export interface EventInit {
  bubbles?: boolean
  cancelable?: boolean
  composed?: boolean
}

export class Event {
  readonly bubbles: boolean
  readonly cancelable: boolean
  readonly composed: boolean
  readonly isTrusted = false
  readonly timeStamp = Date.now()
  /** 2 while listeners are called, at the target; else 0. */
  eventPhase = 0
  target: unknown = null
  currentTarget: unknown = null
  defaultPrevented = false
  /** `stopImmediatePropagation` was called. */
  isStopped = false

  constructor(
    readonly type: string,
    { bubbles = false, cancelable = false, composed = false }: EventInit = {},
  ) {
    this.bubbles = bubbles
    this.cancelable = cancelable
    this.composed = composed
  }

  preventDefault(): void {
    if (this.cancelable) this.defaultPrevented = true
  }

  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    this.isStopped = true
  }

  composedPath(): unknown[] {
    return this.currentTarget ? [this.currentTarget] : []
  }

  get [Symbol.toStringTag](): string {
    return 'Event'
  }
}
