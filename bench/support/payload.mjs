// What the messages of the measurements carry.

import { Buffer } from 'node:buffer'

const TEXT =
  '{"device":"sensor-17","kind":"temperature","value":21.75,"at":1700000000000,"ok":true},'

/** `size` bytes: JSON in ASCII, or every value of a byte in turn. */
export function payload(kind, size) {
  return kind === 'binary'
    ? Buffer.alloc(size, Buffer.from(Array.from({ length: 256 }, (_, i) => i)))
    : Buffer.alloc(size, TEXT)
}
