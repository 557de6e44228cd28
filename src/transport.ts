// Types only: what a target must provide to carry a connection, and what it must call.

/** One way to a server: a TCP or TLS socket, wrapped by a target. */
export interface Transport {
  /**
   * Writes `[start, end)`, which stays unchanged until `client.onWritten(count)` says, during the call or later,
   * that `count` of its bytes (0 or more) have been taken and that the next write may come.
   */
  write(bytes: Uint8Array, start: number, end: number): void
  /** Stops reading: the network's own flow control then holds the peer back. */
  pause(): void
  /** Reads again. */
  resume(): void
  /** Ends the sending side after what has been written; reading goes on. */
  end(): void
  /** Drops the connection at once. Nothing of it may be called afterwards. */
  abort(): void
}
