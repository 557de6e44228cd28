// What a soak sends: message `i` of a seed is always the same, so that whoever gets it can tell. Plain JavaScript: the
// server and every runtime under test make them.

import { Checksum, fillPattern } from '../runtime/bytes.mjs'

/** A source of numbers in [0, 1), the same for the same seed. */
export function numbersFrom(seed) {
  let state = Math.imul(seed + 1, 2654435769) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

/** Characters of 1 to 4 octets: 16 octets in all. */
const UNIT = 'ring é… 環😀'

/** Mostly small, sometimes larger than a ring, never above `largest`. */
function sizeFrom(number, largest) {
  const kind = number()
  const most = kind < 0.85 ? 200 : kind < 0.97 ? 4096 : 65536
  return Math.floor(number() * Math.min(most, largest))
}

/** `{ text }` or `{ bytes }`. */
export function makeMessage(number, largest) {
  const size = sizeFrom(number, largest)
  const mark = Math.floor(number() * 1e6)
  if (number() < 0.5) return { text: size ? mark + UNIT.repeat(size >> 4) : '' }
  return { bytes: fillPattern(new Uint8Array(size), mark) }
}

/** What a message is compared by: its kind, 1 for text and 2 for binary, its length and checksum. */
export function signatureOf(kind, bytes, start, end) {
  return kind + ': ' + new Checksum().add(bytes, start, end)
}
