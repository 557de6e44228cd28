// Properties of the way in, over random input: what a plain encoder writes is read back, damage never does harm,
// and UTF-8 is what the platform takes for UTF-8. fast-check prints the seed of a failure.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import { Mask } from '../../src/protocol/mask'
import { Utf8Validator } from '../../src/protocol/utf8-validator'
import { frame, join, OPCODE_NAMES } from '../support/frames'
import { NO_LIMITS, runMessages } from '../support/message-run'
import { show } from '../support/wire'

const properties = suite('properties')
const BOUNDS = { numRuns: 500, interruptAfterTimeLimit: 8000 }

interface Sent {
  kind: number
  fragments: Uint8Array[]
  /** Payloads of pings and pongs before each fragment. */
  controls: [number, Uint8Array][]
}

const sizes = fc.oneof(fc.nat(20), fc.constantFrom(0, 1, 125, 126, 127, 128, 255, 256, 257, 700))
const message: fc.Arbitrary<Sent> = fc.record({
  kind: fc.constantFrom(1, 2),
  fragments: fc.array(
    fc
      .tuple(sizes, fc.nat(255))
      .map(([size, seed]) => Uint8Array.from({ length: size }, (_, i) => seed + i * 7)),
    { minLength: 1, maxLength: 5 },
  ),
  controls: fc.array(fc.tuple(fc.constantFrom(9, 10), fc.uint8Array({ maxLength: 125 })), {
    maxLength: 3,
  }),
})

/** Text messages get ASCII: what comes of UTF-8 has a property of its own. */
function payloads({ kind, fragments }: Sent): Uint8Array[] {
  return kind === 1 ? fragments.map((one) => one.map((octet) => octet & 127)) : fragments
}

function encode(messages: Sent[]): Uint8Array {
  return join(
    messages.flatMap((sent) => {
      const parts = payloads(sent)
      return parts.flatMap((part, i) => {
        const control = sent.controls[i]
        const data = frame(i ? 0 : sent.kind, part, i === parts.length - 1)
        return control ? [frame(control[0], control[1]), data] : [data]
      })
    }),
  )
}

const arrival = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 12 }),
  offset: fc.nat(255),
  isHalting: fc.boolean(),
})

/** The lines without offsets. */
const plain = (lines: string[]) => lines.map((line) => line.replace(/ @\d+/, ''))

properties('valid frames, split at random, become the messages that they are', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), arrival, (messages, how) => {
      const input = encode(messages)
      const expected = messages.flatMap((sent) => {
        const controls = sent.controls
          .slice(0, sent.fragments.length)
          .map(([opcode, payload]) => OPCODE_NAMES[opcode] + ' ' + show(payload))
        return [
          ...controls,
          'message ' + OPCODE_NAMES[sent.kind] + ' ' + show(join(payloads(sent))),
        ]
      })
      const run = runMessages(input, { name: '', ...how }, 256, true, NO_LIMITS)
      assert.equal(plain(run.lines), expected)
      // In fragment mode the same octets come, and no memory is taken.
      const streamed = runMessages(input, { name: '', ...how }, 256, false, NO_LIMITS)
      assert.equal(streamed.allocated, [])
      assert.is(streamed.lines.filter((line) => line.endsWith(' final')).length, messages.length)
    }),
    BOUNDS,
  )
})

properties('damaged frames never throw, and nothing comes after a violation', () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      arrival,
      fc.boolean(),
      (messages, damage, how, isWhole) => {
        const input = encode(messages)
        for (const [at, octet] of damage) input[at % input.length] = octet
        const limits = { ...NO_LIMITS, maxMessageSize: 100000 }
        const run = runMessages(input, { name: '', ...how }, 256, isWhole, limits)
        const violation = run.lines.findIndex((line) => line.startsWith('violation'))
        assert.ok(violation < 0 || violation === run.lines.length - 1)
        // However it arrives, it is damaged at the same octet.
        const whole = runMessages(
          input,
          { name: '', sizes: [Infinity], offset: 0, isHalting: false },
          4096,
          isWhole,
          limits,
        )
        if (isWhole || violation >= 0) assert.equal(run.lines, whole.lines)
      },
    ),
    BOUNDS,
  )
})

properties('octets at random never throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 2000 }),
      arrival,
      fc.boolean(),
      (input, how, isWhole) => {
        const limits = { ...NO_LIMITS, maxMessageSize: 100000 }
        const run = runMessages(input, { name: '', ...how }, 256, isWhole, limits)
        const violation = run.lines.findIndex((line) => line.startsWith('violation'))
        assert.ok(violation < 0 || violation === run.lines.length - 1)
      },
    ),
    BOUNDS,
  )
})

const words = [
  'a',
  'ä',
  '€',
  '😀',
  '\u0000',
  '\uffff',
  '\ud7ff',
  '\ue000',
  '\u{10ffff}',
  'x'.repeat(40),
]
const nearlyText = fc
  .tuple(
    fc.array(fc.constantFrom(...words), { maxLength: 30 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }),
    fc.nat(3),
  )
  .map(([parts, damage, cut]) => {
    const bytes = new TextEncoder().encode(parts.join(''))
    for (const [at, octet] of damage) if (bytes.length) bytes[at % bytes.length] = octet
    return bytes.slice(0, Math.max(0, bytes.length - cut))
  })

properties('UTF-8 is what TextDecoder takes for UTF-8, split at random', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const takes = (bytes: Uint8Array, isWhole: boolean) => {
    try {
      // A decoder that failed must not keep half a character.
      const fresh = isWhole ? decoder : new TextDecoder('utf-8', { fatal: true })
      fresh.decode(bytes, { stream: !isWhole })
      return true
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(
      fc.oneof(nearlyText, fc.uint8Array({ maxLength: 60 })),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
      fc.nat(3),
      (bytes, pieces, offset) => {
        const memory = new Uint8Array(new ArrayBuffer(bytes.length + 8), offset, bytes.length + 2)
        memory.set(bytes, 1)
        const validator = new Utf8Validator()
        let at = 0
        let wrong = -1
        for (let i = 0; at < bytes.length && wrong < 0; i++) {
          const end = Math.min(bytes.length, at + pieces[i % pieces.length])
          const checked = validator.findError(memory, 1 + at, 1 + end, false)
          if (checked >= 0) wrong = checked - 1
          at = end
        }
        assert.is(
          wrong < 0 && validator.findError(memory, 1 + at, 1 + at, true) < 0,
          takes(bytes, true),
        )
        if (wrong >= 0) {
          // Up to the wrong octet it could have become text; with it, not any more.
          assert.ok(takes(bytes.slice(0, wrong), false), 'failed too late')
          assert.not.ok(takes(bytes.slice(0, wrong + 1), false), 'failed too early')
        }
      },
    ),
    { numRuns: 20000, interruptAfterTimeLimit: 8000 },
  )
})

properties('masking is XOR with the key, of any array into any other', () => {
  const mask = new Mask()
  fc.assert(
    fc.property(
      fc.nat(3000),
      fc.nat(3),
      fc.nat(3),
      fc.nat(9),
      fc.nat(9),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      (length, sourceOffset, targetOffset, start, at, key) => {
        const source = new Uint8Array(new ArrayBuffer(sourceOffset + start + length), sourceOffset)
        for (let i = 0; i < source.length; i++) source[i] = i * 13 + 5
        const target = new Uint8Array(
          new ArrayBuffer(targetOffset + 4 + at + length + 3),
          targetOffset,
        )
        target.set(key, at)
        mask.copy(source, start, start + length, target, at + 4)
        const expected = new Uint8Array(target.length)
        expected.set(key, at)
        for (let i = 0; i < length; i++) expected[at + 4 + i] = source[start + i] ^ key[i & 3]
        assert.is(show(target), show(expected))
      },
    ),
    BOUNDS,
  )
})

properties.run()
