// Blocks that no compressor makes: any codes, of up to 15 bits, complete, incomplete and over-subscribed; repeats of lengths
// at will; every symbol, also those that mean nothing; distances to the window's edge and beyond. Where zlib and a plain
// decoder refuse we refuse, and at the same octet however it comes; where they accept there are the same octets.

import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Inflater } from '../../src/deflate/inflater'
import {
  type Bits,
  bits,
  DISTANCE_BASE,
  type Dynamic,
  distanceExtra,
  type Item,
  LENGTH_BASE,
  LENGTH_ORDER,
  lengthExtra,
} from './bits'
import { inflaterVectors } from './inflater-vectors'
import { pick, type Random, randomFrom, seedOf } from './random'
import { compareVerdicts } from './verdicts'

const blocks = suite('Inflater and zlib, any blocks')

/** The lengths of a complete code for some of `count` symbols, those of `needed` among them; sometimes not complete. */
function codeOf(random: Random, count: number, needed: number[], longest: number): number[] {
  const used = [...new Set([...needed, ...Array.from({ length: random(24) }, () => random(count))])]
  const leaves = used.length > 1 ? [1, 1] : [1]
  const isDeep = random(2) === 0
  while (leaves.length < used.length) {
    const at = isDeep && random(4) ? leaves.length - 1 : random(leaves.length)
    if (leaves[at] === longest) continue
    leaves[at]++
    leaves.push(leaves[at])
  }
  const lengths: number[] = new Array(count).fill(0)
  for (const symbol of used) lengths[symbol] = leaves.splice(random(leaves.length), 1)[0]
  // One leaf more or less, or one level up or down.
  if (random(12) === 0)
    lengths[random(2) ? pick(random, used) : random(count)] = random(longest + 1)
  return lengths
}

/** The lengths as symbols, with repeats where they may be, and once in a while where they may not. */
function symbolsOf(random: Random, lengths: number[]): [symbol: number, extra: number][] {
  const symbols: [number, number][] = []
  for (let at = 0; at < lengths.length; ) {
    const length = lengths[at]
    let run = 1
    while (run < 138 && lengths[at + run] === length) run++
    const isAgain = at > 0 && lengths[at - 1] === length
    if (random(300) === 0) symbols.push([16 + random(3), random(4)])
    if (isAgain && run > 2 && random(2)) {
      const count = Math.min(run, 3 + random(4))
      symbols.push([16, count - 3])
      at += count
    } else if (length === 0 && run > 10 && random(6)) {
      const count = random(3) ? run : 11 + random(run - 10)
      symbols.push([18, count - 11])
      at += count
    } else if (length === 0 && run > 2 && random(4)) {
      const count = Math.min(run, 3 + random(8))
      symbols.push([17, count - 3])
      at += count
    } else {
      symbols.push([length, 0])
      at++
    }
  }
  return symbols
}

/** The head of a dynamic block. */
function tablesOf(random: Random): Dynamic {
  const literals = codeOf(random, 257 + random(30), random(40) ? [256] : [], 15)
  // None, one, or some.
  const distances = random(8)
    ? codeOf(random, 1 + random(30), [0], 15)
    : new Array(1 + random(3)).fill(random(2))
  const symbols = symbolsOf(random, [...literals, ...distances])
  const code = codeOf(random, 19, [...symbols.map(([symbol]) => symbol), random(16), 16], 7)
  let last = 18
  while (last > 3 && code[LENGTH_ORDER[last]] === 0) last--
  const tables: Dynamic = {
    literals,
    distances,
    symbols,
    code,
    hclen: last - 3 + random(19 - last),
  }
  if (random(60) === 0) tables.hlit = 28 + random(4)
  if (random(60) === 0) tables.hdist = 28 + random(4)
  return tables
}

interface Made {
  stream: Bits
  /** Octets of output. */
  size: number
}

/** Literals and matches for which there are codes, and a length that stands for them all. */
function itemsOf(
  random: Random,
  made: Made,
  literals: number[],
  distances: number[],
  window: number,
): Item[] {
  const has = (lengths: number[], from: number, to: number) =>
    lengths.flatMap((length, symbol) => (length && symbol >= from && symbol < to ? [symbol] : []))
  const plain = has(literals, 0, 256)
  const copies = has(literals, 257, 286)
  const far = has(distances, 0, 30)
  const items: Item[] = []
  for (let i = random(60); i > 0; i--) {
    if (plain.length && (!copies.length || !far.length || random(3))) {
      items.push(pick(random, plain))
      made.size++
    } else if (copies.length && far.length) {
      const copy = pick(random, copies) - 257
      const length = LENGTH_BASE[copy] + random(1 << lengthExtra(copy))
      const most = random(40)
        ? Math.min(made.size, window)
        : pick(random, [made.size, made.size, window + 1, 32768])
      // As far as can be, or anywhere.
      const near = far.filter((symbol) => DISTANCE_BASE[symbol] <= most)
      if (!near.length) continue
      const symbol = random(3) ? pick(random, near) : near[near.length - 1]
      const base = DISTANCE_BASE[symbol]
      const last = Math.min(base + (1 << distanceExtra(symbol)) - 1, most)
      items.push([length, random(3) ? base + random(last - base + 1) : last])
      made.size += length
    }
  }
  return items
}

function addBlock(random: Random, made: Made, window: number): void {
  const { stream } = made
  const isFinal = random(20) === 0
  if (isFinal) stream.final
  const kind = random(8)
  const fixedLiterals = new Array(286).fill(8)
  if (kind === 0) {
    const size =
      pick(random, [0, 1, random(300), random(1000), window - 1, window, window + 1]) % 40000
    stream.stored(
      new Uint8Array(size).map(() => random(256)),
      random(30) ? undefined : random(65536),
    )
    made.size += size
  } else if (kind < 3) {
    const items = itemsOf(random, made, fixedLiterals, new Array(30).fill(5), window)
    if (random(20)) stream.fixed(items)
    else if (random(2)) stream.fixed([...items, 286 + random(2)], true)
    else stream.fixed([...items, 257], true).fixedDistance(30 + random(2))
  } else {
    const tables = tablesOf(random)
    const items = itemsOf(random, made, tables.literals, tables.distances, window)
    const copies = tables.literals.findIndex((length, symbol) => length && symbol > 256)
    // Where a single code leaves one free, or there are no distances at all.
    if (random(12)) stream.dynamic(tables, items)
    else
      stream
        .dynamic(tables, copies > 0 && random(2) ? [...items, copies] : items, true)
        .put(-1, random(20))
  }
  if (isFinal) stream.align(random(2))
}

/** Where `input` is refused, in all that has come, written in pieces of `size`; −1: nowhere. */
function refusalOf(input: Uint8Array, windowBits: number, size: number): number {
  const inflater = new Inflater(new Uint8Array(1 << windowBits), { onOutput: () => true })
  for (let at = 0; at < input.length; at += size) {
    const piece = input.subarray(at, at + size)
    if (inflater.write(piece, 0, piece.length) < 0) return at + inflater.brokenAt
  }
  return -1
}

function compare(
  input: Uint8Array,
  windowBits: number,
  sizes: number[],
  counts: Record<string, number>,
): void {
  for (const kind of compareVerdicts(input, windowBits, sizes)) counts[kind]++
  const whole = refusalOf(input, windowBits, Infinity)
  // No later than a plain decoder.
  for (const length of whole < 0 ? [] : [whole + 1, whole + 2])
    compareVerdicts(input.subarray(0, length), windowBits, sizes)
  for (const size of [1, 1 + sizes[0]]) {
    assert.is(
      refusalOf(input, windowBits, size),
      whole,
      Buffer.from(input).toString('hex') + ' by ' + size,
    )
  }
}

/** So many that two symbols behind them have codes of 15 bits. */
const letters = Array.from({ length: 13 }, (_, i) => 97 + i)

const none = () => ({ whole: 0, more: 0, invalid: 0, final: 0, 'too far': 0 })

const seed = seedOf('any blocks')
const counts: Record<string, number> = none()
for (let portion = 0; portion < 15; portion++) {
  blocks('the same verdict, output, and place of a refusal ' + portion, () => {
    const random = randomFrom(seed + portion)
    for (let round = 0; round < 100; round++) {
      const windowBits = pick(random, [8, 9, 10, 11, 15, 15])
      const made: Made = { stream: bits(), size: 0 }
      for (let count = 1 + random(4); count > 0; count--) addBlock(random, made, 1 << windowBits)
      // Enough behind it that the end is far, or nothing.
      const behind = random(4) ? 1 + random(30) : 0
      for (let i = 0; i < behind; i++) made.stream.stored('')
      const input = made.stream.bytes()
      const length = random(6) ? input.length : random(input.length)
      compare(input.subarray(0, length), windowBits, [1 + random(8), Infinity], counts)
    }
  })
}

blocks('these were of every kind', () => {
  console.log(JSON.stringify(counts))
  for (const kind of Object.keys(counts)) assert.ok(counts[kind] > 0, kind)
})

blocks('distances and lengths with the most bits, one behind the other', () => {
  const random = randomFrom(seed)
  const deep = Array.from({ length: 15 }, (_, i) => i + 1)
  // The rarest have 15 bits each: 257 + 27 with 5 extra bits, and distances of 24,577 and more with 13.
  const literals: number[] = new Array(286).fill(0)
  for (const [i, symbol] of [...letters, 256, 283, 284].entries())
    literals[symbol] = deep[Math.min(i, 14)]
  const distances: number[] = new Array(30).fill(0)
  for (const [i, symbol] of [...deep.keys(), 29].entries())
    distances[symbol] = deep[Math.min(i, 14)]
  const matches = Array.from({ length: 60 }, (): Item => [227 + random(31), 24577 + random(2000)])
  const stream = bits()
    .stored(new Uint8Array(26600).map(() => random(256)))
    .dynamic({ literals, distances }, matches.slice(0, 20))
    .stored('')
  compare(stream.bytes(), 15, [1, Infinity], none())
})

blocks('every vector, far from the end of the input and of the window', () => {
  const ofVectors: Record<string, number> = none()
  for (const { in: input } of inflaterVectors) {
    const long = new Uint8Array(input.length + 100)
    long.set(input)
    for (let at = input.length; at < long.length; at += 5) long.set([0, 0, 0, 255, 255], at)
    compare(long, 15, [Infinity], ofVectors)
  }
  assert.ok(ofVectors.whole > 0 && ofVectors.invalid > 0)
})

blocks.run()
