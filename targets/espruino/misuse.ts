// Errors on Espruino: it has no RangeError, and nothing can extend Error.

import type { RingletError } from '../../src/protocol/protocol-error'

/** An error whose name and message say the same as on every target. */
export function misuse(name: string, id: string, detail: unknown): RingletError {
  const error = new Error(id + ': ' + detail) as RingletError
  error.name = name
  error.id = id
  return error
}
