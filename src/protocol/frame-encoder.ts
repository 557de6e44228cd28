// The one place that writes a frame header: RFC 6455 section 5.2, as a client sends it, always masked.
// Lengths above 32 bits cannot occur here: no buffer that a frame is written to is that large.

/** Octets of the header of a masked frame with `length` octets of payload: 6, 8 or 14. */
export function headerLength(length: number): number {
  return length < 126 ? 6 : length < 65536 ? 8 : 14
}

/**
 * Writes a header at `at`: `firstOctet` is FIN, RSV and opcode. The masking key comes last, directly before
 * the payload. Returns the offset of the payload.
 */
export function encodeHeader(
  bytes: Uint8Array,
  at: number,
  firstOctet: number,
  length: number,
  maskingKey: number,
): number {
  bytes[at++] = firstOctet
  if (length < 126) {
    bytes[at++] = 128 | length
  } else {
    if (length < 65536) {
      bytes[at++] = 254
    } else {
      bytes[at++] = 255
      bytes[at++] = bytes[at++] = bytes[at++] = bytes[at++] = 0
      bytes[at++] = length >> 24
      bytes[at++] = length >> 16
    }
    bytes[at++] = length >> 8
    bytes[at++] = length
  }
  bytes[at++] = maskingKey >> 24
  bytes[at++] = maskingKey >> 16
  bytes[at++] = maskingKey >> 8
  bytes[at++] = maskingKey
  return at
}
