// Damaged streams: where zlib refuses we refuse, and where it accepts there are the same octets.

import process from 'node:process'
import zlib from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { damage } from '../fuzz/damage'
import { inflaterVectors } from './inflater-vectors'
import { message } from './messages'
import { pick, randomFrom, seedOf } from './random'
import { compareVerdicts } from './verdicts'

const mutation = suite('Inflater and zlib')
const ROUNDS = Number(process.env.DEFLATE_MUTATIONS || 6000)

mutation('damaged streams have the same verdict, and the same output', () => {
  const random = randomFrom(seedOf('damaged streams'))
  const counts: Record<string, number> = { whole: 0, more: 0, invalid: 0, final: 0, 'too far': 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = zlib.constants
    const original = random(5)
      ? zlib.deflateRawSync(message(random, 600), {
          level: random(10),
          strategy: pick(random, [Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE]),
          finishFlush: zlib.constants.Z_SYNC_FLUSH,
        })
      : pick(random, inflaterVectors).in.subarray(0, 600)
    const input = damage(Uint8Array.from(original), random)
    const windowBits = pick(random, [8, 9, 11, 15, 15, 15])
    const sizes = [1 + random(8), pick(random, [1, 3, 50, Infinity])]
    for (const kind of compareVerdicts(input, windowBits, sizes)) counts[kind]++
  }
  console.log(JSON.stringify(counts))
  // The rarest comes once in some 250 rounds: fewer than three of 6,000 in one run of a hundred million.
  for (const kind of Object.keys(counts)) assert.ok(counts[kind] > ROUNDS / 2500, kind)
})

mutation.run()
