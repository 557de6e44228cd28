// The ways in which a vector's octets arrive. Every one must lead to the same log.

export interface Arrival {
  name: string
  /** Sizes of the pieces; the last one repeats until the end. */
  sizes: number[]
  /** Where in the ring the first piece is put. */
  offset: number
  /** Whether the sink stops the decoder after every callback. */
  isHalting: boolean
}

/** Long vectors are split where headers are: at their beginning and their end, and now and then between. */
const DENSE = 160

/** Whole, byte by byte, at every split, halting, and at every offset of a ring of `capacity` octets. */
export function arrivals(length: number, capacity: number): Arrival[] {
  const whole = length || 1
  const all: Arrival[] = [
    { name: 'whole', sizes: [whole], offset: 0, isHalting: false },
    { name: 'halting', sizes: [whole], offset: 0, isHalting: true },
  ]
  if (length < 5000) {
    all.push({ name: 'byte by byte', sizes: [1], offset: 0, isHalting: false })
    all.push({ name: 'byte by byte, halting', sizes: [1], offset: 0, isHalting: true })
  }
  for (const size of [2, 3, 5, 7, 64, 127]) {
    if (size < length && length / size < 2000) {
      all.push({ name: 'by ' + size, sizes: [size], offset: 0, isHalting: false })
    }
  }
  for (let at = 1; at < length; at++) {
    const isNearEnd = length < 5000 ? at > length - DENSE : at > length - 12
    if (at < (length < 5000 ? DENSE : 24) || isNearEnd || at % 8209 === 0) {
      all.push({ name: 'split at ' + at, sizes: [at, whole], offset: 0, isHalting: false })
    }
  }
  for (let offset = 1; offset < capacity; offset++) {
    if (length < 5000 || offset % 32 < 2) {
      all.push({ name: 'at ring offset ' + offset, sizes: [whole], offset, isHalting: false })
      if (length < 5000) {
        all.push({ name: 'by 3 at ring offset ' + offset, sizes: [3], offset, isHalting: false })
      }
    }
  }
  return all
}
