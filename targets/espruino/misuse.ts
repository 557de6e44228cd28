// Errors on Espruino: it has no RangeError, and nothing can extend Error.

import type { RingletError } from '../../src/protocol/protocol-error'

/** Which of the standard's errors it would be. */
export const ERROR = 0
export const TYPE_ERROR = 1
export const RANGE_ERROR = 2

/** Throws what the caller has done wrong: an error whose name and message say the same as on every target. */
export function misuse(kind: number, id: string, detail: unknown): never {
  const error = new Error(id + ': ' + detail) as RingletError
  error.name = ['', 'Type', 'Range'][kind] + 'Error'
  error.id = id
  throw error
}
