// What an extension (RFC 6455 section 9) must provide. One extension may use RSV1 and transform messages;
// permessage-deflate (RFC 7692) is the one that there is.

import type { RingBuffer } from './ring-buffer'

export interface Extension {
  /** The element of Sec-WebSocket-Extensions that offers it. */
  readonly offer: string
  /**
   * Gets the server's Sec-WebSocket-Extensions value, and returns what of it is not this extension's, and what it
   * does to messages if the server has accepted it. Throws an error that says what is wrong with its own part.
   * Called once per connection.
   */
  accept(response: string, sink: TransformSink): { rest: string; transform?: Transform }
}

/** What an accepted extension does to messages. Made for one connection, and owns its memory. */
export interface Transform {
  /** Where a whole message is put together that came in several spans. Grows, up to the limit of messages. */
  readonly ring: RingBuffer
  /**
   * Payload of a message with RSV1 as it comes, `[start, end)` valid during the call, `final` with the last of it.
   * Delivers the original through the sink. Returns the offset of the first octet not taken: `end`, unless the sink
   * is stopped; the rest is offered again.
   */
  receive(bytes: Uint8Array, start: number, end: number, final: boolean): number
  /**
   * A whole message to send. Returns its transformed payload, which the connection then owns, or undefined to
   * send it as it is, with RSV1 clear.
   */
  send(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined
}

export interface TransformSink {
  /** Whether spans are told as they come, rather than put together: then they may be told early. */
  readonly isStreaming: boolean
  readonly limits: {
    /** The most octets of a message. */
    readonly maxMessageSize: number
  }
  /** Nothing may be delivered for now. */
  readonly stopped: boolean
  onSpan(bytes: Uint8Array, start: number, end: number, final: boolean): void
  /** `index`: of the wrong octet in what `receive` was given, if it is known. */
  onViolation(id: string, code: number, index?: number): void
}
