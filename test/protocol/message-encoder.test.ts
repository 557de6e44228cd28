import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import { MessageEncoder } from '../../src/protocol/message-encoder'
import { join, OPCODE_NAMES, readFrames, readMessages } from '../support/frames'
import { testPlatform } from '../support/platform'
import { show } from '../support/wire'

const encoder = suite('MessageEncoder')

/** An encoder and its ring, and the octets that have left. */
function start(capacity: number) {
  const platform = testPlatform([0x37fa213d, -1, 0, 0x01020304])
  const ring = new MessageEncoder(Buffer.alloc(capacity), platform)
  const sent: Uint8Array[] = []
  return {
    ring,
    platform,
    sent,
    take(kind: number, source: Uint8Array | string, final = true) {
      const length = typeof source === 'string' ? platform.utf8Length(source) : source.length
      if (!ring.canTake(length, false)) return false
      ring.take((final ? 0x80 : 0) | kind, source, 0, source.length, length)
      return true
    },
    /** The network takes `count` octets. */
    drain(count: number) {
      if (ring.start === ring.end && ring.waiting) ring.pump()
      const end = Math.min(ring.end, ring.start + count)
      sent.push(Uint8Array.from(ring.bytes.subarray(ring.start, end)))
      ring.start = end
      return ring.waiting > 0 || ring.start < ring.end
    },
    log() {
      while (this.drain(Infinity));
      return readFrames(join(sent)).map(
        ({ fin, opcode, payload }) =>
          OPCODE_NAMES[opcode] + ' ' + show(payload) + (fin ? ' fin' : ''),
      )
    },
  }
}

encoder("section 5.7's masked text message, to the octet", () => {
  const it = start(256)
  it.take(1, 'Hello')
  it.drain(Infinity)
  assert.is(show(join(it.sent)), '81 85 37 fa 21 3d 7f 9f 4d 51 58')
})

encoder('text from a string, binary from octets, fragments, an empty message', () => {
  const it = start(256)
  it.take(1, 'Grüße €')
  it.take(2, Uint8Array.of(1, 2, 3))
  it.take(1, 'a', false)
  it.take(0, 'b')
  it.take(2, new Uint8Array(0))
  assert.equal(it.log(), [
    'text 47 72 c3 bc c3 9f 65 20 e2 82 ac fin',
    'binary 01 02 03 fin',
    'text "a"',
    'continuation "b" fin',
    'binary "" fin',
  ])
})

encoder('a lone surrogate is sent as U+FFFD', () => {
  const it = start(256)
  it.take(1, 'a\ud800b\udc00')
  assert.equal(it.log(), ['text 61 ef bf bd 62 ef bf bd fin'])
})

encoder('the largest message that the ring holds is one frame; the next is cut', () => {
  const fits = start(256)
  fits.take(2, new Uint8Array(248).fill(7))
  const cut = start(256)
  cut.take(2, new Uint8Array(249).fill(7))
  assert.equal(
    [fits.log(), cut.log()],
    [['binary 07*248 fin'], ['binary 07*111', 'continuation 07*111', 'continuation 07*27 fin']],
  )
})

encoder('a large fragment that is not the last ends without FIN', () => {
  const it = start(256)
  it.take(2, new Uint8Array(300).fill(7), false)
  assert.equal(it.log(), ['binary 07*111', 'continuation 07*111', 'continuation 07*78'])
})

encoder('a surrogate pair is never cut in two', () => {
  for (let shift = 0; shift < 4; shift++) {
    const text = 'x'.repeat(shift) + '😀'.repeat(300)
    const it = start(256)
    it.take(1, text)
    while (it.drain(Infinity));
    const frames = readFrames(join(it.sent))
    const decoder = new TextDecoder('utf-8', { fatal: true })
    assert.is(frames.map(({ payload }) => decoder.decode(payload)).join(''), text)
    assert.ok(frames.length > 10)
  }
})

encoder('nor where it is the only one, wherever it lies', () => {
  for (let before = 20; before < 35; before++) {
    const text = 'x'.repeat(before) + '😀' + 'x'.repeat(300)
    const it = start(256)
    it.take(1, text)
    while (it.drain(Infinity));
    const decoder = new TextDecoder('utf-8', { fatal: true })
    const frames = readFrames(join(it.sent))
    assert.is(frames.map(({ payload }) => decoder.decode(payload)).join(''), text)
  }
})

encoder('dropped, the rest of a large message does not come', () => {
  const it = start(256)
  it.take(2, new Uint8Array(1000).fill(7))
  it.drain(Infinity)
  it.ring.drop()
  assert.equal([it.ring.waiting, it.log()], [0, ['binary 07*111']])
})

const text = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom('😀', '€', 'ä', '\ud83d', '\ude00', '\udfff\ud800', 'x'.repeat(90)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''))
const octets = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 0, max: 5000 }).map((length) => Uint8Array.from({ length }, (_, i) => i * 31)),
)

encoder('what is sent is what an independent decoder reads, however the ring drains', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(text, octets), { maxLength: 8 }),
      fc.constantFrom(256, 257, 300, 1000, 4096),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.nat(125), { maxLength: 5 }),
      (messages, capacity, drains, pings) => {
        const it = start(capacity)
        const expectedPings: Uint8Array[] = []
        let turn = 0
        const drain = () => {
          // Control frames pass wherever there is room for them.
          if (turn % 3 === 1 && expectedPings.length < pings.length) {
            const payload = new Uint8Array(pings[expectedPings.length]).fill(turn)
            if (it.ring.canTake(payload.length, true)) {
              it.ring.frame(0x89, payload, 0, payload.length)
              expectedPings.push(payload)
            }
          }
          return it.drain(drains[turn++ % drains.length])
        }
        for (const message of messages) {
          const kind = typeof message === 'string' ? 1 : 2
          for (let tries = 0; !it.take(kind, message); tries++) {
            assert.ok(tries < 20000, 'is never taken')
            drain()
          }
        }
        while (drain());
        const { messages: read, controls, open } = readMessages(readFrames(join(it.sent)))
        assert.is(open, false)
        assert.equal(
          read.map(({ kind, payload }) => kind + ' ' + show(payload)),
          messages.map((message) =>
            typeof message === 'string'
              ? '1 ' + show(new TextEncoder().encode(message))
              : '2 ' + show(message),
          ),
        )
        assert.equal(
          controls.map(({ payload }) => show(payload)),
          expectedPings.map((one) => show(one)),
        )
      },
    ),
    { numRuns: 400, interruptAfterTimeLimit: 15000 },
  )
})

encoder.run()
