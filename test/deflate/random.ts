// Random numbers from a seed, so that what failed can be run again.

export type Random = (below: number) => number

/** Integers from 0 up to, not including, what is asked for. The generator is mulberry32's. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return Math.floor((((word ^ (word >>> 14)) >>> 0) / 4294967296) * below)
  }
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random(choices.length)]
}

/** `DEFLATE_SEED`, or one of its own for every run; printed, so that a failure can be repeated. */
export function seedOf(name: string): number {
  const given = process.env.DEFLATE_SEED
  const seed = given === undefined ? (Date.now() ^ (process.pid << 16)) >>> 0 : Number(given)
  console.log(name + ': seed ' + seed + ' (again with DEFLATE_SEED=' + seed + ')')
  return seed
}
