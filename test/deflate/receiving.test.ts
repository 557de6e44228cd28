// Messages with permessage-deflate: frames in, callbacks out. Each vector runs in both ways of delivery, whole, byte
// by byte and at every split, in a large and a small ring, and with a user who stops at every callback.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DeflateOptions, deflate } from '../../src/deflate/deflate'
import { frame, join, OPCODE_NAMES } from '../support/frames'
import { expectLog, Log } from '../support/log'
import { show, wire } from '../support/wire'
import { bits } from './bits'
import { Receiving, type ReceivingOptions } from './receiving'

const receiving = suite('receiving compressed messages')

interface Vector {
  name: string
  in: Uint8Array | string
  log: string[]
  options?: DeflateOptions
  /** Behind `permessage-deflate; server_max_window_bits=8`. */
  answer?: string
  limits?: ReceivingOptions['limits']
}

const [RSV1, TEXT, BINARY, PING] = [4, 1, 2, 9]
const HELLO = wire('f2 48 cd c9 c9 07 00')
/** A message of `count` zeros, behind a first literal. */
const zeros = (count: number) => {
  const matches = Array.from({ length: Math.floor(count / 258) }, (): [number, number] => [258, 1])
  return bits()
    .fixed([Uint8Array.of(0), ...matches, new Uint8Array(count % 258)])
    .header(0)
    .bytes()
}
const message = (payload: Uint8Array, kind = BINARY) => frame(kind, payload, true, RSV1)

const vectors: Vector[] = [
  // RFC 7692 section 7.2.3.
  { name: 'one frame', in: 'c1 07 f2 48 cd c9 c9 07 00', log: ['text "Hello"'] },
  { name: 'two frames', in: '41 03 f2 48 cd 80 04 c9 c9 07 00', log: ['text "Hello"'] },
  {
    name: 'the same text twice, in a shared window',
    in: 'c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00',
    log: ['text "Hello"', 'text "Hello"'],
  },
  { name: 'no compression', in: 'c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00', log: ['text "Hello"'] },
  { name: 'BFINAL, and an octet more', in: 'c1 08 f3 48 cd c9 c9 07 00 00', log: ['text "Hello"'] },
  { name: 'two blocks', in: 'c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00', log: ['text "Hello"'] },
  { name: 'an empty message', in: 'c1 01 00 c2 01 00', log: ['text ""', 'binary ""'] },

  { name: 'BFINAL, and nothing more', in: 'c1 07 f3 48 cd c9 c9 07 00', log: ['text "Hello"'] },
  {
    name: 'BFINAL, stored, and nothing more',
    in: message(bits().final.stored('Hello').bytes(), TEXT),
    log: ['text "Hello"'],
  },
  {
    name: 'the window goes on behind a message with BFINAL',
    in: join([
      message(bits().final.fixed(['Hello']).bytes(), TEXT),
      message(
        bits()
          .fixed([[5, 5]])
          .header(0)
          .bytes(),
        TEXT,
      ),
    ]),
    log: ['text "Hello"', 'text "Hello"'],
  },
  {
    name: 'BFINAL in the middle of a message',
    in: message(bits().final.fixed(['Hel']).align().fixed(['lo']).header(0).bytes(), TEXT),
    log: ['text "Hello"'],
  },
  {
    name: 'an empty message as an empty fixed block, and with BFINAL',
    in: 'c2 02 02 00 c2 02 03 00 c2 03 03 00 00',
    log: ['binary ""', 'binary ""', 'binary ""'],
  },
  {
    name: 'empty frames before, within and behind',
    in: '42 00 00 00 00 03 f2 48 cd 00 00 00 04 c9 c9 07 00 80 00',
    log: ['binary "Hello"'],
  },
  {
    name: 'an empty last frame, behind BFINAL',
    in: '42 07 f3 48 cd c9 c9 07 00 80 00',
    log: ['binary "Hello"'],
  },
  {
    name: 'control frames between the fragments',
    in: '41 03 f2 48 cd 89 02 "hi" 00 02 c9 c9 8a 00 80 02 07 00 88 00',
    log: ['ping "hi"', 'pong ""', 'text "Hello"', 'close ""'],
  },
  {
    name: 'compressed and not compressed, in turn',
    in: 'c1 07 f2 48 cd c9 c9 07 00 81 03 "not" c1 05 f2 00 11 00 00 02 01 61 80 01 62',
    log: ['text "Hello"', 'text "not"', 'text "Hello"', 'binary "ab"'],
  },
  {
    name: 'no context takeover: the second message stands by itself',
    answer: '; server_no_context_takeover',
    in: join([message(HELLO, TEXT), message(HELLO, TEXT)]),
    log: ['text "Hello"', 'text "Hello"'],
  },
  {
    name: 'no context takeover: a reference to the message before',
    answer: '; server_no_context_takeover',
    in: 'c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00',
    log: ['text "Hello"', 'violation INVALID_DEFLATE 1007'],
  },
  {
    name: 'as large as the window, and one octet more or less',
    in: join([255, 256, 257, 512].map((size) => message(zeros(size - 1)))),
    log: ['binary 00*255', 'binary 00*256', 'binary 00*257', 'binary 00*512'],
  },
  {
    name: 'a large message in many spans',
    in: message(zeros(100000)),
    log: ['binary 00*100001'],
  },
  {
    name: 'a distance over the end of the window, in the next message',
    in: join([
      message(zeros(250)),
      message(
        bits()
          .fixed(['abcdef', [6, 6]])
          .header(0)
          .bytes(),
      ),
      message(
        bits()
          .fixed([[258, 256]])
          .header(0)
          .bytes(),
      ),
    ]),
    log: [
      'binary 00*251',
      'binary "abcdefabcdef"',
      'binary 00*244 61 62 63 64 65 66 61 62 63 64 65 66 00 00',
    ],
  },

  // Not DEFLATE.
  { name: 'no payload at all', in: 'c1 00 81 01 61', log: ['violation INVALID_DEFLATE 1007'] },
  {
    name: 'cut off within a block',
    in: 'c1 04 f2 48 cd c9 81 01 61',
    log: ['violation INVALID_DEFLATE 1007'],
  },
  {
    name: 'cut off behind the end of the block',
    in: 'c1 06 f2 48 cd c9 c9 07',
    log: ['violation INVALID_DEFLATE 1007'],
  },
  {
    name: 'one octet more',
    in: 'c1 08 f2 48 cd c9 c9 07 00 00',
    log: ['violation INVALID_DEFLATE 1007'],
  },
  {
    name: 'with the four octets that belong left off',
    in: 'c1 0b f2 48 cd c9 c9 07 00 00 00 ff ff',
    log: ['violation INVALID_DEFLATE 1007'],
  },
  {
    name: 'BFINAL, and two octets more',
    in: 'c1 09 f3 48 cd c9 c9 07 00 00 00',
    log: ['violation INVALID_DEFLATE 1007'],
  },
  {
    name: 'zlib, with its header',
    in: 'c1 0d 78 9c f3 48 cd c9 c9 07 00 05 8c 01 f5',
    log: ['violation INVALID_DEFLATE 1007'],
  },
  { name: 'block type 3', in: 'c2 02 06 00', log: ['violation INVALID_DEFLATE 1007'] },
  {
    name: 'a reference before the first octet',
    in: message(
      bits()
        .fixed([[3, 1]])
        .header(0)
        .bytes(),
    ),
    log: ['violation INVALID_DEFLATE 1007'],
  },
  {
    name: 'a distance larger than the window',
    in: message(
      bits()
        .fixed([new Uint8Array(300), [3, 257]])
        .header(0)
        .bytes(),
    ),
    log: ['violation INVALID_DEFLATE 1007'],
  },
  {
    name: 'nothing comes behind an invalid one',
    in: 'c2 02 06 00 81 01 61 89 00 c1 07 f2 48 cd c9 c9 07 00',
    log: ['violation INVALID_DEFLATE 1007'],
  },

  // RSV1, section 6.1 and RFC 6455 section 5.2. The offsets are those of the header's first octet.
  {
    name: 'RSV1 in a continuation',
    in: '41 03 f2 48 cd c0 04 c9 c9 07 00',
    log: ['violation @5 RESERVED_BITS 1002'],
  },
  {
    name: 'RSV1 in a continuation of what is not compressed',
    in: '01 01 61 c0 01 62',
    log: ['violation @3 RESERVED_BITS 1002'],
  },
  { name: 'RSV1 in a ping', in: 'c9 00', log: ['violation @0 RESERVED_BITS 1002'] },
  { name: 'RSV1 in a pong', in: 'ca 00', log: ['violation @0 RESERVED_BITS 1002'] },
  { name: 'RSV1 in a Close frame', in: 'c8 00', log: ['violation @0 RESERVED_BITS 1002'] },
  { name: 'RSV2', in: 'a1 00', log: ['violation @0 RESERVED_BITS 1002'] },
  {
    name: 'RSV1 and RSV3',
    in: 'd1 07 f2 48 cd c9 c9 07 00',
    log: ['violation @0 RESERVED_BITS 1002'],
  },

  // UTF-8, over what has been inflated.
  {
    name: 'a text in several scripts',
    in: message(
      bits()
        .fixed(['ñ€🙂', [9, 9]])
        .header(0)
        .bytes(),
      TEXT,
    ),
    log: ['text c3 b1 e2 82 ac f0 9f 99 82 c3 b1 e2 82 ac f0 9f 99 82'],
  },
  {
    name: 'a character across the end of the window',
    in: message(
      bits()
        .fixed(['a'.repeat(254), '€', '🙂'])
        .header(0)
        .bytes(),
      TEXT,
    ),
    log: ['text 61*254 e2 82 ac f0 9f 99 82'],
  },
  {
    name: 'not UTF-8',
    in: message(
      bits()
        .fixed(['abc', Uint8Array.of(0xff)])
        .header(0)
        .bytes(),
      TEXT,
    ),
    log: ['violation INVALID_UTF8 1007'],
  },
  {
    name: 'half a character at the end',
    in: message(
      bits()
        .fixed(['abc', Uint8Array.of(0xe2, 0x82)])
        .header(0)
        .bytes(),
      TEXT,
    ),
    log: ['violation INVALID_UTF8 1007'],
  },
  {
    name: 'half a character, and a whole message',
    in: join([
      message(
        bits()
          .fixed([Uint8Array.of(0xe2)])
          .header(0)
          .bytes(),
        TEXT,
      ),
      message(
        bits()
          .fixed([Uint8Array.of(0x82, 0xac)])
          .header(0)
          .bytes(),
        TEXT,
      ),
    ]),
    log: ['violation INVALID_UTF8 1007'],
  },
  {
    name: 'the same octets in a binary message',
    in: message(
      bits()
        .fixed(['abc', Uint8Array.of(0xff, 0xe2)])
        .header(0)
        .bytes(),
    ),
    log: ['binary 61 62 63 ff e2'],
  },

  // Sizes.
  {
    name: 'exactly as large as may be',
    in: message(zeros(999)),
    limits: { maxMessageSize: 1000 },
    log: ['binary 00*1000'],
  },
  {
    name: 'an octet too large once inflated',
    in: message(zeros(1000)),
    limits: { maxMessageSize: 1000 },
    log: ['violation MESSAGE_TOO_BIG 1009'],
  },
  {
    name: 'maxInflatedSize below maxMessageSize, and a message that is not compressed',
    in: join([frame(BINARY, new Uint8Array(1000)), message(zeros(499)), message(zeros(500))]),
    limits: { maxMessageSize: 1000 },
    options: { maxInflatedSize: 500 },
    log: ['binary 00*1000', 'binary 00*500', 'violation MESSAGE_TOO_BIG 1009'],
  },
  {
    name: 'far too large',
    in: message(zeros(300000)),
    options: { maxInflatedSize: 100 },
    log: ['violation MESSAGE_TOO_BIG 1009'],
  },
  {
    name: 'too large by the fragments together',
    in: join([
      frame(BINARY, zeros(600).subarray(0, -2), false, RSV1),
      frame(0, zeros(600).subarray(-2)),
    ]),
    options: { maxInflatedSize: 600 },
    log: ['violation MESSAGE_TOO_BIG 1009'],
  },
  {
    name: 'the size begins anew with each message',
    in: join([1, 2, 3, 4].map(() => message(zeros(299)))),
    options: { maxInflatedSize: 300 },
    log: new Array(4).fill('binary 00*300'),
  },
  {
    name: 'nothing may be inflated, but the empty message',
    in: 'c2 01 00 c2 07 f2 48 cd c9 c9 07 00',
    options: { maxInflatedSize: 0 },
    log: ['binary ""', 'violation MESSAGE_TOO_BIG 1009'],
  },
]

interface How {
  name: string
  sizes: number[]
  ring: number
  isHalting: boolean
  isWhole: boolean
}

function hows(length: number): How[] {
  const sizes: number[][] =
    length > 1500 ? [[Infinity], [1], [255]] : [[Infinity], [1], [2], [5], [64]]
  if (length < 1500) for (let at = 1; at < length; at++) sizes.push([at, Infinity])
  return sizes.flatMap((one) =>
    [256, 4096].flatMap((ring) =>
      [false, true].flatMap((isHalting) =>
        [false, true].map((isWhole) => ({
          name: [one.join(), ring, isHalting && 'halting', isWhole ? 'whole' : 'fragments'].join(
            ', ',
          ),
          sizes: one,
          ring,
          isHalting,
          isWhole,
        })),
      ),
    ),
  )
}

function run(vector: Vector, input: Uint8Array, { sizes, ring, isHalting, isWhole }: How) {
  const log = new Log()
  let parts: Uint8Array[] = []
  const one = new Receiving(
    {
      extension: deflate(vector.options),
      answer: 'permessage-deflate; server_max_window_bits=8' + (vector.answer || ''),
      isWhole,
      ring,
      limits: vector.limits,
      stops: () => isHalting,
    },
    {
      onSpan(bytes, start, end, kind, final) {
        assert.ok(start < end || final, 'an empty span that is not final')
        parts.push(bytes.slice(start, end))
        if (!final) return
        log.add(OPCODE_NAMES[kind] + ' ' + show(join(parts)))
        parts = []
      },
      onControl: (opcode, bytes, start, end) =>
        log.add(OPCODE_NAMES[opcode] + ' ' + show(bytes, start, end)),
      onViolation(id, code, offset) {
        log.add('violation ' + (id === 'RESERVED_BITS' ? '@' + offset + ' ' : '') + id + ' ' + code)
      },
    },
  )
  let piece = 0
  one.receive(input, () => sizes[Math.min(piece++, sizes.length - 1)])
  return { lines: log.lines, one }
}

for (const vector of vectors) {
  const input = typeof vector.in === 'string' ? wire(vector.in) : vector.in
  receiving(vector.name, () => {
    for (const how of hows(input.length))
      expectLog(run(vector, input, how).lines, vector.log, how.name)
  })
}

receiving(
  'takes no memory in fragment mode, and none for whole messages that lie in the window',
  () => {
    const whole = { name: '', sizes: [Infinity], ring: 4096, isHalting: false }
    const large = { name: '', in: '', log: [] }
    assert.equal(run(large, message(zeros(100000)), { ...whole, isWhole: false }).one.allocated, [
      [],
      [],
    ])
    // The first lies at the window's beginning, so that none is cut.
    const small = join([1, 2, 3].map(() => message(zeros(79))))
    assert.equal(run(large, small, { ...whole, isWhole: true }).one.allocated, [[], []])
  },
)

receiving('takes memory for whole messages as they grow, never more than may be', () => {
  const how = { name: '', sizes: [Infinity], ring: 4096, isHalting: false, isWhole: true }
  const vector = { name: '', in: '', log: [], limits: { maxMessageSize: 20000 } }
  const { lines, one } = run(vector, join([message(zeros(19999)), message(zeros(300000))]), how)
  assert.equal(lines, ['binary 00*20000', 'violation MESSAGE_TOO_BIG 1009'])
  assert.equal(one.allocated, [[], [4096, 8704, 17920, 20000]])
})

receiving('RSV1 without the extension is refused', async () => {
  const { runMessages, NO_LIMITS } = await import('../support/message-run')
  const arrival = { name: 'whole', sizes: [Infinity], offset: 0, isHalting: false }
  const { lines } = runMessages(wire('c1 07 f2 48 cd c9 c9 07 00'), arrival, 256, true, NO_LIMITS)
  assert.equal(lines, ['violation @0 RESERVED_BITS 1002'])
})

receiving('while stopped nothing comes, and going on gives the rest', () => {
  let isOpen = false
  let spans = 0
  let octets = 0
  const one = new Receiving(
    {
      extension: deflate(),
      answer: 'permessage-deflate; server_max_window_bits=8',
      isWhole: false,
    },
    {
      onSpan(_bytes, start, end) {
        spans++
        octets += end - start
        if (!isOpen) one.decoder.stopped = true
        // Receiving goes on after each stop: from here on it is let.
        isOpen = spans === 3
      },
      onViolation: (id) => assert.unreachable(id),
    },
  )
  one.receive(join([message(zeros(10000)), frame(PING, [1])]), () => Infinity)
  assert.is(octets, 10001)
})

receiving.run()
