// Types only: what compresses. fflate by default; a target may bring a native one.

/**
 * Compresses `bytes` as a DEFLATE stream of its own, RFC 1951, that ends with a final block. It may refer to
 * `history`, what was sent just before, and to nothing else.
 */
export type Compress = (
  bytes: Uint8Array,
  level: CompressionLevel,
  history: Uint8Array | undefined,
) => Uint8Array

/** From 1, fast, to 9, small. */
export type CompressionLevel = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
