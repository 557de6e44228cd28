// What an extension (RFC 6455 section 9) must provide. One extension may use RSV1 and transform messages;
// permessage-deflate (RFC 7692) is the one that there is.

export interface Extension {
  /** The element of Sec-WebSocket-Extensions that offers it. */
  readonly offer: string
  /**
   * Gets the server's whole Sec-WebSocket-Extensions value and returns what of it is not this extension's;
   * throws an error that says what is wrong with its own part.
   * `sink` is where `receive` delivers. Called once per connection.
   */
  accept(response: string, sink: InflateSink): { rest: string; transform: Transform | undefined }
}

/** What an accepted extension does to the messages that have RSV1 set. Made for one connection. */
export interface Transform {
  /** The most octets that a transformed message may have; bounds what is collected of it. */
  readonly maxLength: number
  /**
   * A whole message's payload as it came, `[start, end)` valid during the call. Delivers the original
   * through the sink, before it returns: one or more spans, the last one final.
   */
  receive(bytes: Uint8Array, start: number, end: number): void
  /**
   * A whole message to send. Returns its transformed payload, valid until the next call,
   * or undefined to send it as it is, with RSV1 clear.
   */
  send(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined
}

export interface InflateSink {
  onSpan(bytes: Uint8Array, start: number, end: number, final: boolean): void
  onViolation(id: string, code: number): void
}
