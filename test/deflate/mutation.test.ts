// Damaged streams: where zlib refuses we refuse, and where it accepts there are the same octets.

import { Buffer } from 'node:buffer'
import process from 'node:process'
import zlib from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inflate } from './inflater-run'
import { inflaterVectors } from './inflater-vectors'
import { message } from './messages'
import { pick, randomFrom, seedOf } from './random'
import { inspect, Refusal } from './reference'

const mutation = suite('Inflater and zlib')
const ROUNDS = Number(process.env.DEFLATE_MUTATIONS || 6000)

interface Verdict {
  ending: 'whole' | 'more' | 'invalid'
  output: Uint8Array
}

/** One stream without final blocks, by zlib. */
function byZlib(input: Uint8Array): Verdict {
  try {
    const output = zlib.inflateRawSync(input, { finishFlush: zlib.constants.Z_SYNC_FLUSH })
    return { ending: 'whole', output }
  } catch (error) {
    const { code } = error as { code: string }
    // Nothing to do: the input was empty, or ended before anything could come of it.
    if (code === 'Z_BUF_ERROR') return { ending: 'more', output: new Uint8Array(0) }
    if (code === 'Z_DATA_ERROR') return { ending: 'invalid', output: new Uint8Array(0) }
    throw error
  }
}

/** By a plain decoder: it goes on behind a final block, as zlib does not. */
function byReference(input: Uint8Array): Verdict & { hasFinal: boolean; distance: number } {
  const hasFinal = (blocks: string[]) => blocks.some((block) => block.endsWith('final'))
  try {
    const { output, blocks, distance } = inspect(input)
    return { ending: 'whole', output, hasFinal: hasFinal(blocks), distance }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { verdict, output, distance, blocks } = error
    const ending = verdict === 'MORE' ? 'more' : 'invalid'
    return { ending, output, hasFinal: hasFinal(blocks), distance }
  }
}

/** Ours; zlib does not say whether the input ended with a block. */
function byInflater(input: Uint8Array, windowBits: number, sizes: number[]): Verdict {
  const { ending, output } = inflate(input, windowBits, sizes, sizes[0] % 2 === 1)
  return { ending: ending === 'final' ? 'whole' : ending, output }
}

function damage(input: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = Uint8Array.from(input)
  for (let times = 1 + random(3); times > 0; times--) {
    const at = random(bytes.length || 1)
    const way = random(6)
    if (way < 3 && bytes.length) bytes[at] ^= 1 << random(8)
    else if (way === 3 && bytes.length) bytes[at] = random(256)
    else if (way === 4) bytes = bytes.filter((_, i) => i !== at)
    else bytes = Uint8Array.from([...bytes.subarray(0, at), random(256), ...bytes.subarray(at)])
  }
  return bytes
}

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
    const input = damage(original, random)
    const windowBits = pick(random, [8, 9, 11, 15, 15, 15])
    const sizes = [1 + random(8), pick(random, [1, 3, 50, Infinity])]
    const what = Buffer.from(input).toString('hex') + ' by ' + sizes + ', window ' + windowBits
    const ours = byInflater(input, windowBits, sizes)
    const reference = byReference(input)
    if (reference.distance > 1 << windowBits) {
      // zlib keeps to its window only between calls.
      assert.is(ours.ending, 'invalid', what)
      counts['too far']++
      continue
    }
    if (ours.ending !== reference.ending) {
      // The bits behind the last block are less than a header, and we see no refusal in them: more is awaited.
      assert.equal([ours.ending, reference.ending], ['more', 'whole'], what)
      assert.equal(ours.output, reference.output, what)
    }
    counts[ours.ending]++
    if (ours.ending !== 'invalid') assert.equal(ours.output, reference.output, what)
    if (reference.hasFinal) {
      // RFC 7692 section 7.2.3.4 lets blocks follow a final one, zlib ends there.
      counts.final++
      continue
    }
    const theirs = byZlib(input)
    const isRefused = ours.ending === 'invalid'
    if (theirs.ending === 'invalid' && ours.ending === 'more') {
      // zlib says at once what can become no code, we when 15 bits are there that are none.
      const padded = Uint8Array.from([...input, 0, 0, 255, 255])
      assert.is(byInflater(padded, windowBits, sizes).ending === 'whole', false, what)
      continue
    }
    if (isRefused && theirs.ending !== 'invalid') {
      // A code of lengths that has no code: zlib goes on until it is used.
      assert.is(reference.ending, 'invalid', what)
      const padded = Uint8Array.from([...input, ...new Uint8Array(400)])
      assert.is(byZlib(padded).ending, 'invalid', what)
      continue
    }
    assert.is(isRefused, theirs.ending === 'invalid', what)
    if (!isRefused && theirs.output.length) {
      assert.equal(ours.output, Uint8Array.from(theirs.output), what)
    }
  }
  console.log(JSON.stringify(counts))
  for (const kind of Object.keys(counts)) assert.ok(counts[kind] > ROUNDS / 400, kind)
})

mutation.run()
