// What damages a stream.

import type { Random } from '../deflate/random'

/** Some octets changed, put in or left out, or the end cut off. */
export function damage(bytes: Uint8Array, random: Random): Uint8Array {
  for (let times = 1 + random(3); times > 0 && bytes.length; times--) {
    // Half of the time near the beginning, where the first header is.
    const at = random(2) ? random(bytes.length) : random(Math.min(16, bytes.length))
    switch (random(6)) {
      case 0:
        bytes[at] = random(256)
        break
      case 1:
      case 2:
        bytes[at] ^= 1 << random(8)
        break
      case 3:
        bytes.copyWithin(at, at + 1)
        bytes = bytes.subarray(0, bytes.length - 1)
        break
      case 4: {
        const longer = new Uint8Array(bytes.length + 1)
        longer.set(bytes.subarray(0, at))
        longer[at] = random(256)
        longer.set(bytes.subarray(at), at + 1)
        bytes = longer
        break
      }
      default:
        bytes = bytes.subarray(0, random(bytes.length + 1))
    }
  }
  return bytes
}
