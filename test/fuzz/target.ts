// What a fuzzing target is: it makes a case from a source of choices, runs it, and throws a Disagreement.

import { Buffer } from 'node:buffer'
import { pick, type Random } from '../deflate/random'

/** Makes and checks one case; returns the octets of its stream, and how many were fed: it is run in several ways. */
export type Target = (random: Random) => Case

export interface Case {
  octets: number
  fed: number
}

/** Ours does not do what the other says, or what a rule says. */
export class Disagreement extends Error {
  constructor(
    readonly what: string,
    readonly input: Uint8Array,
    readonly how: string,
  ) {
    super(what + '\n    ' + how + '\n    input ' + Buffer.from(input).toString('hex'))
  }
}

/** How a stream arrives: the size of the next piece. */
export interface Arrival {
  name: string
  next(): number
}

/** Whole, byte by byte, in two parts, or in random pieces. */
export function arrivalOf(length: number, random: Random): Arrival {
  switch (random(length < 2000 ? 5 : 4)) {
    case 0:
      return { name: 'whole', next: () => Infinity }
    case 1: {
      const first = 1 + random(length)
      let isFirst = true
      return {
        name: 'split at ' + first,
        next() {
          const size = isFirst ? first : Infinity
          isFirst = false
          return size
        },
      }
    }
    case 4:
      return { name: 'byte by byte', next: () => 1 }
    default: {
      const most = pick(random, [2, 5, 20, 150, 1000])
      return { name: 'in random pieces up to ' + most, next: () => 1 + random(most) }
    }
  }
}
