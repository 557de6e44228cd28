// MessageEvent, for engines that lack it: the HTML standard, section 9.1.

import { Event, type EventInit } from './event'

export interface MessageEventInit extends EventInit {
  data?: unknown
  origin?: string
  lastEventId?: string
}

export class MessageEvent extends Event {
  readonly data: unknown
  readonly origin: string
  readonly lastEventId: string
  readonly source = null
  readonly ports: unknown[] = []

  constructor(type: string, init: MessageEventInit = {}) {
    super(type, init)
    const { data = null, origin = '', lastEventId = '' } = init
    this.data = data
    this.origin = origin
    this.lastEventId = lastEventId
  }

  override get [Symbol.toStringTag](): string {
    return 'MessageEvent'
  }
}
