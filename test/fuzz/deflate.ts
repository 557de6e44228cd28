// permessage-deflate on the way in: the Inflater against zlib and a plain decoder, and messages with context takeover
// against the plain decoder, in frames, with every limit small. Streams are compressed, made of any blocks, damaged, cut off.

import { Buffer } from 'node:buffer'
import zlib from 'node:zlib'
import { inflate } from '../../src/deflate/deflate'
import { inflaterVectors } from '../deflate/inflater-vectors'
import { message } from '../deflate/messages'
import { pick, type Random } from '../deflate/random'
import { Receiving } from '../deflate/receiving'
import { inspect, Refusal } from '../deflate/reference'
import { compareVerdicts } from '../deflate/verdicts'
import { frame, join } from '../support/frames'
import { damage } from './damage'
import { arrivalOf, type Case, Disagreement } from './target'

const { constants } = zlib
const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FIXED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
]

export function fuzzDeflate(random: Random): Case {
  return random(3) ? fuzzStream(random) : fuzzMessages(random)
}

function compressed(
  random: Random,
  bytes: Uint8Array,
  finishFlush: number,
  dictionary?: Uint8Array,
): Uint8Array {
  return Uint8Array.from(
    zlib.deflateRawSync(bytes, {
      level: random(10),
      strategy: pick(random, STRATEGIES),
      memLevel: 1 + random(9),
      finishFlush,
      ...(dictionary && dictionary.length ? { dictionary: Buffer.from(dictionary) } : {}),
    }),
  )
}

/** Streams that zlib has made, to be damaged in many ways: making one takes longer than all the rest. */
const made: Uint8Array[] = []

function fuzzStream(random: Random): Case {
  let input: Uint8Array
  const dice = random(16)
  if (dice === 0) {
    input = Uint8Array.from(pick(random, inflaterVectors).in.subarray(0, 600))
  } else if (dice === 1) {
    // The header of a dynamic block, and anything behind it.
    input = new Uint8Array(1 + random(60)).map(() => random(256))
    if (random(2)) input[0] = (input[0] & 0xf8) | (random(3) << 1)
  } else {
    if (made.length < 400 || random(30) === 0) {
      const flush = random(4) ? constants.Z_SYNC_FLUSH : constants.Z_FINISH
      made[random(400)] = compressed(random, message(random, random(8) ? 120 : 600), flush)
    }
    const one = made[random(400)] || Uint8Array.of(0)
    input = random(6) ? one.slice() : join([one, made[random(400)] || one])
  }
  if (random(8)) input = damage(input, random)
  const windowBits = pick(random, [8, 9, 11, 15, 15])
  const sizes = [1 + random(8), pick(random, [1, 3, 50, Infinity])]
  compareVerdicts(input, windowBits, sizes)
  return { octets: input.length, fed: input.length }
}

interface Expected {
  /** What each message inflates to. */
  messages: Uint8Array[]
  /** How it ends, if it does: any of these, for how much is inflated before a refusal depends on the pieces. */
  ends: string[]
}

const TAIL = Uint8Array.of(0, 0, 255, 255)

/** What `payloads` inflate to, one after the other, in a window of 2^bits octets. */
function expectedOf(
  payloads: Uint8Array[],
  bits: number,
  keepsContext: boolean,
  maxSize: number,
): Expected {
  const messages: Uint8Array[] = []
  let history: Uint8Array = new Uint8Array(0)
  const ended = (...ends: string[]): Expected => ({ messages, ends })
  for (const payload of payloads) {
    const seen = inflated(payload, history)
    // What refers further back than the window is refused there; what came before may be too much already.
    const isRefused = seen.isRefused || seen.distance > 1 << bits
    const isTooBig = seen.output.length > maxSize
    if (isRefused)
      return ended('INVALID_DEFLATE 1007', ...(isTooBig ? ['MESSAGE_TOO_BIG 1009'] : []))
    if (isTooBig) return ended('MESSAGE_TOO_BIG 1009')
    messages.push(seen.output)
    history = keepsContext ? join([history, seen.output]).subarray(-32768) : new Uint8Array(0)
    if (keepsContext) history = history.subarray(-(1 << bits))
  }
  return ended()
}

function inflated(
  payload: Uint8Array,
  history: Uint8Array,
): { output: Uint8Array; distance: number; isRefused: boolean } {
  const attempt = (input: Uint8Array) => {
    try {
      return inspect(input, history)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return error
    }
  }
  // RFC 7692 section 7.2.3.4: a final block at the end needs nothing behind it.
  const alone = attempt(payload)
  const isFinal =
    !(alone instanceof Refusal) && /final$/.test(alone.blocks[alone.blocks.length - 1] || '')
  const seen = isFinal ? alone : attempt(join([payload, TAIL]))
  const isRefused = seen instanceof Refusal || (!isFinal && seen.rest > 0)
  return { output: seen.output, distance: seen.distance, isRefused }
}

function fuzzMessages(random: Random): Case {
  const bits = 8 + random(8)
  const keepsContext = random(3) > 0
  const isWhole = random(2) === 0
  const maxSize = random(4) ? 1 << 20 : pick(random, [0, 10, 100, 255, 256, 257, 600])
  const payloads: Uint8Array[] = []
  let history: Uint8Array = new Uint8Array(0)
  for (let i = 1 + random(4); i > 0; i--) {
    const bytes = message(random, random(6) ? 150 : 1500)
    const isFinal = random(6) === 0
    let payload = compressed(
      random,
      bytes,
      isFinal ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      history,
    )
    if (!isFinal) payload = payload.subarray(0, -4)
    else if (random(2)) payload = join([payload, Uint8Array.of(0)])
    if (keepsContext) history = join([history, bytes]).subarray(-(1 << bits))
    payloads.push(random(5) ? payload : damage(payload.slice(), random))
  }
  const expected = expectedOf(payloads, bits, keepsContext, maxSize)
  const parts = payloads.map((payload) => {
    const cut = random(3) ? payload.length : random(payload.length + 1)
    return cut === payload.length
      ? frame(2, payload, true, 4)
      : join([frame(2, payload.subarray(0, cut), false, 4), frame(0, payload.subarray(cut))])
  })
  const input = join(parts)
  const arrival = arrivalOf(input.length, random)
  const stopping = random(3) === 0
  const how = `${arrival.name}, window of ${bits}, ${isWhole ? 'whole' : 'fragments'}, ${maxSize} at most`
  const fail = (what: string): never => {
    throw new Disagreement(what, input, how)
  }
  let done = 0
  let at = 0
  let end = ''
  const answer =
    'permessage-deflate; server_max_window_bits=' +
    bits +
    (keepsContext ? '' : '; server_no_context_takeover')
  const receiving = new Receiving(
    {
      extension: inflate({ serverMaxWindowBits: bits, maxInflatedSize: maxSize }),
      answer,
      isWhole,
      ring: pick(random, [256, 300, 4096]),
      stops: () => stopping && random(3) === 0,
    },
    {
      onSpan(bytes, start, stop, _kind, final) {
        const wanted = expected.messages[done]
        if (start === stop && !final) fail('an empty span')
        // Of a message that is refused in the end, something may have been told.
        if (!wanted) {
          if (final || isWhole || !expected.ends.length) fail('a message, not expected')
          return
        }
        for (let i = start; i < stop; i++)
          if (bytes[i] !== wanted[at++]) fail('octet ' + (at - 1) + ' of message ' + done)
        if (final !== (final && at === wanted.length)) fail('message ' + done + ' ends at ' + at)
        if (final) {
          done++
          at = 0
        }
      },
      onViolation(id, code) {
        end = id + ' ' + code
      },
    },
  )
  receiving.receive(input, arrival.next)
  if (done !== expected.messages.length)
    fail('messages: ' + done + ' of ' + expected.messages.length + ' ' + end)
  if (expected.ends.length ? !expected.ends.includes(end) : end)
    fail('ended by ' + end + ', expected ' + expected.ends)
  if (receiving.allocated.flat().some((size) => size > Math.max(maxSize, 4096)))
    fail('took ' + receiving.allocated)
  return { octets: input.length, fed: input.length }
}
