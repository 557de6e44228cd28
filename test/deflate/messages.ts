// Messages to compress: what devices and brokers send, and what is hard to compress right.

import type { Random } from './random'
import { pick } from './random'

const WORDS =
  'temperature humidity pressure battery signal device gateway sensor online offline alarm reading interval ' +
  'Größe naïve 温度 данные 🙂 the a of and to in is on that by this with as for it be'
const VOCABULARY = WORDS.split(' ')

function json(random: Random, size: number): string {
  const rows: unknown[] = []
  let length = 2
  while (length < size) {
    const row = {
      id: random(100000),
      device: pick(random, VOCABULARY) + '-' + random(20),
      t: 1700000000 + random(100000),
      value: random(10000) / 100,
      ok: random(2) === 0,
      tags: [pick(random, VOCABULARY), pick(random, VOCABULARY)],
    }
    rows.push(row)
    length += JSON.stringify(row).length + 1
  }
  return JSON.stringify(rows).slice(0, size)
}

function words(random: Random, size: number): string {
  let text = ''
  while (text.length < size) text += pick(random, VOCABULARY) + ' '
  return text.slice(0, size)
}

const encoder = new TextEncoder()

/** The kinds of content, each with at most `size` octets. */
export const KINDS: Record<string, (random: Random, size: number) => Uint8Array> = {
  json: (random, size) => encoder.encode(json(random, size)).subarray(0, size),
  text: (random, size) => encoder.encode(words(random, size)).subarray(0, size),
  zeros(random, size) {
    const bytes = new Uint8Array(size)
    for (let i = random(60); i < size; i += 1 + random(60)) bytes[i] = random(4) ? 1 : random(256)
    return bytes
  },
  random(random, size) {
    const bytes = new Uint8Array(size)
    for (let i = 0; i < size; i++) bytes[i] = random(256)
    return bytes
  },
  constant: (random, size) => new Uint8Array(size).fill(random(256)),
  // Long repeats at every distance, and what comes between.
  repeats(random, size) {
    const bytes = new Uint8Array(size)
    let at = 0
    while (at < size) {
      const length = Math.min(size - at, 1 + random(300))
      if (at && random(3)) {
        const distance = 1 + random(at)
        for (let end = at + length; at < end; at++) bytes[at] = bytes[at - distance]
      } else {
        for (const end = at + Math.min(length, 20); at < end; at++) bytes[at] = random(256)
      }
    }
    return bytes
  },
  // Few symbols: short codes, and the longest ones for the rare.
  skewed(random, size) {
    const bytes = new Uint8Array(size)
    for (let i = 0; i < size; i++) {
      let symbol = 0
      while (symbol < 40 && random(2)) symbol++
      bytes[i] = symbol * 5
    }
    return bytes
  },
  empty: () => new Uint8Array(0),
}

const NAMES = Object.keys(KINDS)

/** A message of any kind, of at most `most` octets. */
export function message(random: Random, most: number): Uint8Array {
  return KINDS[pick(random, NAMES)](random, random(most + 1))
}

/** Sizes at which something ends: a window, a block, a piece of fflate. */
export const EDGES = [65535, 65536, 6999, 7000, 7001, 16383, 16384].concat(
  ...[256, 512, 1024, 2048, 4096, 8192, 16384, 32768].map((size) => [size - 1, size, size + 1]),
  ...[128, 8192, 65536].map((size) => [2 * size - 1, 2 * size + 1, 3 * size]),
)
