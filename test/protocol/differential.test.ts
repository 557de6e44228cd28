// The decoder against another one: the receiver of `ws`, over the same random streams of valid and damaged
// frames. Both must deliver the same before the first violation, and fail with the same close code.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import { frame, join } from '../support/frames'
import { ConnectionRun } from '../support/connection-run'
import { show } from '../support/wire'
import { byWs, differ } from '../support/ws-receiver'

const differential = suite('differential test against ws')

function byUs(input: Uint8Array, maxMessageSize: number, sizes: number[]): string[] {
  const it = new ConnectionRun({ sizes, receiveRing: 256, limits: { maxMessageSize } })
  // Pongs leave at once.
  it.takesWhenFull = true
  const hex = Array.from(input, (octet) => octet.toString(16).padStart(2, '0')).join(' ')
  it.receive(hex)
  const { closeReceived, closeCode, closeReason } = it.connection
  const lines = it.lines.filter((line) => !/^(sent|closing|writable)/.test(line))
  if (closeReceived) {
    lines.push('closed ' + closeCode + ' ' + show(new TextEncoder().encode(closeReason)))
  }
  return lines.map((line) => line.replace(/^failure @\d+ (\S+) (\d+)$/, 'failed $2 $1'))
}

const MAX = 2000
const sizes = fc.oneof(fc.nat(10), fc.constantFrom(0, 1, 2, 125, 126, 127, 300))
const anyFrame = fc
  .record({
    opcode: fc.constantFrom(0, 0, 1, 1, 2, 2, 9, 10),
    size: sizes,
    fill: fc.constantFrom(0x61, 0x62, 0xc3, 0x80, 0xff),
    isAscii: fc.boolean(),
    fin: fc.boolean(),
  })
  .map(({ opcode, size, fill, isAscii, fin }) => {
    const length = opcode > 7 ? Math.min(size, 125) : size
    return frame(opcode, new Uint8Array(length).fill(isAscii ? 0x61 : fill), fin || opcode > 7)
  })
const validMessage = fc
  .record({ kind: fc.constantFrom(1, 2), parts: fc.array(sizes, { minLength: 1, maxLength: 4 }) })
  .map(({ kind, parts }) =>
    join(
      parts.map((size, i) =>
        frame(i ? 0 : kind, new Uint8Array(size).fill(0x63), i === parts.length - 1),
      ),
    ),
  )
const closeFrame = fc
  .record({
    code: fc.constantFrom(
      1000,
      1001,
      1004,
      1005,
      1006,
      1011,
      1014,
      1015,
      1016,
      2999,
      3000,
      4999,
      5000,
    ),
    reason: fc.constantFrom([], [0x62, 0x79, 0x65], [0xff], [0xc3, 0xa4], [0xe2, 0x82]),
    isEmpty: fc.boolean(),
  })
  .map(({ code, reason, isEmpty }) => frame(8, isEmpty ? [] : [code >> 8, code & 255, ...reason]))
const stream = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: validMessage },
      { weight: 3, arbitrary: anyFrame },
      { weight: 1, arbitrary: closeFrame },
    ),
    { maxLength: 8 },
  )
  .map(join)

function compare(input: Uint8Array, pieces: number[]): void {
  const ours = byUs(input, MAX, pieces)
  const theirs = byWs(input, MAX)
  assert.equal(differ(ours, theirs, input), undefined)
}

const pieces = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 })
const BOUNDS = { numRuns: 1500, interruptAfterTimeLimit: 10000 }

differential('streams of frames in any order', () => {
  fc.assert(fc.property(stream, pieces, compare), BOUNDS)
})

differential('damaged streams', () => {
  const damage = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(stream, damage, pieces, (whole, octets, how) => {
      const input = whole.slice()
      for (const [at, octet] of octets) if (input.length) input[at % input.length] = octet
      compare(input, how)
    }),
    BOUNDS,
  )
})

differential('damaged headers', () => {
  const header = fc
    .tuple(
      fc.nat(255),
      fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 125, 126, 127)),
      fc.uint8Array({ maxLength: 12 }),
    )
    .map(([first, second, rest]) => Uint8Array.of(first, second, ...rest))
  fc.assert(
    fc.property(validMessage, header, validMessage, pieces, (before, damaged, after, how) =>
      compare(join([before, damaged, after]), how),
    ),
    BOUNDS,
  )
})

differential('the exceptions excuse nothing else', () => {
  const input = Uint8Array.of(0x88, 2)
  const cases: [string[], string[]][] = [
    [['text "a"', 'failed 1002 RESERVED_BITS'], ['text "a"']],
    [['failed 1007 INVALID_UTF8'], ['ping ""', 'failed 1002']],
    [
      ['text "a"', 'failed 1002 RESERVED_BITS'],
      ['text "a"', 'failed 1007'],
    ],
    [['failed 1002 RESERVED_BITS'], ['text "a"']],
    [['failed 1007 INVALID_UTF8'], ['text ff']],
    [['text "a"'], ['text "a"', 'failed 1002']],
    [['text "a"', 'text "b"'], ['text "a"']],
    [['failed 1002 LENGTH_SIGN_BIT'], ['text "a"']],
  ]
  assert.equal(
    cases.map(([ours, theirs]) => differ(ours, theirs, input) === undefined),
    [true, true, false, false, false, false, false, false],
  )
})

differential.run()
