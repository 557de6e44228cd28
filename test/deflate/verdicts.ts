// A stream of DEFLATE by the Inflater, by a plain decoder, and by zlib: where they must say the same.

import { Buffer } from 'node:buffer'
import zlib from 'node:zlib'
import * as assert from 'uvu/assert'
import { inflate } from './inflater-run'
import { inspect, Refusal } from './reference'

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

/** What kind of stream it was; throws where one says what it must not. */
export function compareVerdicts(
  input: Uint8Array,
  windowBits: number,
  sizes: number[],
): ('whole' | 'more' | 'invalid' | 'final' | 'too far')[] {
  const what = Buffer.from(input).toString('hex') + ' by ' + sizes + ', window ' + windowBits
  const ours = byInflater(input, windowBits, sizes)
  const reference = byReference(input)
  if (reference.distance > 1 << windowBits) {
    // zlib keeps to its window only between calls.
    assert.is(ours.ending, 'invalid', what)
    return ['too far']
  }
  if (ours.ending !== reference.ending) {
    // The bits behind the last block are less than a header, and we see no refusal in them: more is awaited.
    assert.equal([ours.ending, reference.ending], ['more', 'whole'], what)
    assert.equal(ours.output, reference.output, what)
  }
  if (ours.ending !== 'invalid') assert.equal(ours.output, reference.output, what)
  // RFC 7692 section 7.2.3.4 lets blocks follow a final one, zlib ends there.
  if (reference.hasFinal) return [ours.ending, 'final']
  const theirs = byZlib(input)
  const isRefused = ours.ending === 'invalid'
  if (theirs.ending === 'invalid' && ours.ending === 'more') {
    // zlib says at once what can become no code, we when 15 bits are there that are none.
    const padded = Uint8Array.from([...input, 0, 0, 255, 255])
    assert.is(byInflater(padded, windowBits, sizes).ending === 'whole', false, what)
  } else if (isRefused && theirs.ending !== 'invalid') {
    // A code of lengths that has no code: zlib goes on until it is used.
    assert.is(reference.ending, 'invalid', what)
    const padded = Uint8Array.from([...input, ...new Uint8Array(400)])
    assert.is(byZlib(padded).ending, 'invalid', what)
  } else {
    assert.is(isRefused, theirs.ending === 'invalid', what)
    if (!isRefused && theirs.output.length) {
      assert.equal(ours.output, Uint8Array.from(theirs.output), what)
    }
  }
  return [ours.ending]
}
