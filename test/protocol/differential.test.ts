// The decoder against another one: the receiver of `ws`, over the same random streams of valid and damaged
// frames. Both must deliver the same before the first violation, and fail with the same close code.

import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import type { Writable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import { frame, join } from '../support/frames'
import { ConnectionRun } from '../support/connection-run'
import { show } from '../support/wire'

const differential = suite('differential test against ws')

type Receiver = Writable & { on(event: string, listener: (...values: never[]) => void): unknown }
const require = createRequire(import.meta.url)
// No export of the package leads to it.
const path = require.resolve('ws').replace(/[^/\\]+$/, 'lib/receiver.js')
const WsReceiver = require(path) as new (options: object) => Receiver

/** What ws tells about `input`: a line for each message and control frame, and how it ended. */
function byWs(input: Uint8Array, maxPayload: number): Promise<string[]> {
  return new Promise((resolve) => {
    const lines: string[] = []
    const receiver = new WsReceiver({ maxPayload, isServer: false })
    receiver.on('message', ((bytes: Uint8Array, isBinary: boolean) =>
      lines.push((isBinary ? 'binary ' : 'text ') + show(bytes))) as never)
    receiver.on('ping', ((bytes: Uint8Array) => lines.push('ping ' + show(bytes))) as never)
    receiver.on('pong', ((bytes: Uint8Array) => lines.push('pong ' + show(bytes))) as never)
    receiver.on('conclude', ((code: number, reason: Uint8Array) =>
      lines.push('closed ' + code + ' ' + show(reason))) as never)
    receiver.on('error', ((error: object) => {
      // The close code is under a symbol.
      const code = Object.getOwnPropertySymbols(error)
        .filter((symbol) => /status-?code/i.test(String(symbol)))
        .map((symbol) => (error as Record<symbol, number>)[symbol])[0]
      lines.push('failed ' + code)
    }) as never)
    receiver.write(Buffer.from(input), () => setImmediate(() => resolve(lines)))
  })
}

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

/**
 * Where the two may differ, and why. `ours` is our last line, undefined if it is the same as theirs; `theirs` is
 * all that ws told beyond what both told.
 */
const EXCEPTIONS: {
  why: string
  holds(ours: string | undefined, theirs: string[], input: Uint8Array): boolean
}[] = [
  {
    why: 'We fail at the first wrong octet; ws waits for two octets of header, or for the whole frame.',
    holds: (ours, theirs) => /^failed /.test(ours || '') && theirs.length === 0,
  },
  {
    why: 'ws looks at the text when its last fragment is there; until then another rule may be broken.',
    holds: (ours, theirs) =>
      ours === 'failed 1007 INVALID_UTF8' && !theirs.some((line) => /^(text|binary) /.test(line)),
  },
  {
    why: 'ws takes lengths that are not minimal, and goes on.',
    holds: (ours) => ours === 'failed 1002 LENGTH_NOT_MINIMAL',
  },
  {
    why: 'ws takes the sign bit for a length that is too large for it.',
    holds: (ours, theirs) =>
      ours === 'failed 1002 LENGTH_SIGN_BIT' && theirs.join() === 'failed 1009',
  },
  {
    why: 'ws refuses a Close frame of 1 octet at its header; we when its octet is there.',
    holds: (ours, theirs, input) =>
      ours === undefined &&
      theirs.join() === 'failed 1002' &&
      input[input.length - 2] === 0x88 &&
      input[input.length - 1] === 1,
  },
]

interface Difference {
  ours: string[]
  theirs: string[]
}

/** Undefined if both say the same, or if an exception holds. */
function differ(ours: string[], theirs: string[], input: Uint8Array): Difference | undefined {
  let same = 0
  while (
    same < ours.length &&
    same < theirs.length &&
    ours[same].replace(/^(failed \d+) .*/, '$1') === theirs[same]
  ) {
    same++
  }
  if (same === ours.length && same === theirs.length) return undefined
  const isExcused =
    same >= ours.length - 1 &&
    EXCEPTIONS.some(({ holds }) => holds(ours[same], theirs.slice(same), input))
  return isExcused ? undefined : { ours, theirs }
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

async function compare(input: Uint8Array, pieces: number[]): Promise<void> {
  const ours = byUs(input, MAX, pieces)
  const theirs = await byWs(input, MAX)
  assert.equal(differ(ours, theirs, input), undefined)
}

const pieces = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 })
const BOUNDS = { numRuns: 1500, interruptAfterTimeLimit: 10000 }

differential('streams of frames in any order', async () => {
  await fc.assert(fc.asyncProperty(stream, pieces, compare), BOUNDS)
})

differential('damaged streams', async () => {
  const damage = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(stream, damage, pieces, async (whole, octets, how) => {
      const input = whole.slice()
      for (const [at, octet] of octets) if (input.length) input[at % input.length] = octet
      await compare(input, how)
    }),
    BOUNDS,
  )
})

differential('damaged headers', async () => {
  const header = fc
    .tuple(
      fc.nat(255),
      fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 125, 126, 127)),
      fc.uint8Array({ maxLength: 12 }),
    )
    .map(([first, second, rest]) => Uint8Array.of(first, second, ...rest))
  await fc.assert(
    fc.asyncProperty(validMessage, header, validMessage, pieces, (before, damaged, after, how) =>
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
