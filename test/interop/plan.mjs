// What all servers have in common. Plain JavaScript: Bun runs it, too.

import { fillPattern } from '../runtime/bytes.mjs'

/** The bytes in each fragment of `/fragments`. */
export const PIECE = 1000

/** The subprotocols that a server knows, in its order. */
export const PROTOCOLS = ['v2.ringlet', 'v1.ringlet']

/** The field that a refusal carries. */
export const REFUSALS = {
  401: 'WWW-Authenticate: Basic realm="interop"\r\n',
  503: 'Retry-After: 7\r\n',
}

/** Bytes `offset` and following of the pattern. */
export function pattern(offset, size) {
  return fillPattern(new Uint8Array(size), offset)
}
