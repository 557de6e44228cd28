// The one shape of every error that Ringlet throws or reports.
// Not a subclass of Error: that is broken in Espruino, and frozen in preloaded XS.

/** An error of Ringlet: thrown at the caller's misuse, or given to `onError` when a connection fails. */
export interface RingletError extends Error {
  /** Which rule was broken; stable, listed in docs/errors.md. */
  id: string
  /** The close code that goes with it: on the wire if a Close frame could be sent, else 1006. */
  code?: number
  /** Where: offset of the wrong byte in what the peer sent, counted from the first byte of its response head. */
  offset?: number
  /** The platform's own error, where one caused this. */
  cause?: unknown
  /** The HTTP status, where the server answered with another than 101. */
  status?: number
  /** The fields of that answer by lower-case name, such as `retry-after` or `www-authenticate`. */
  headers?: Record<string, string>
}

/** Makes an error of `type`, with a message that begins with `id`. */
export function errorOf(
  type: new (message: string) => Error,
  id: string,
  detail: string,
): RingletError {
  const error = new type(id + ': ' + detail) as RingletError
  error.id = id
  return error
}
