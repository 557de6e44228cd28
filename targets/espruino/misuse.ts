// Errors on Espruino: it has no RangeError, and nothing can extend Error.

import type { RingletError } from '../../src/protocol/protocol-error'

type Kind = 'Type' | 'Range' | ''

/** An error whose name and message say the same as on every target. */
export function errorOf(kind: Kind, id: string, detail: unknown): RingletError {
  const error = new Error(id + ': ' + detail) as RingletError
  error.name = kind + 'Error'
  error.id = id
  return error
}

/** Throws what the caller has done wrong. */
export function misuse(kind: Kind, id: string, detail: unknown): never {
  throw errorOf(kind, id, detail)
}
