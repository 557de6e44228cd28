// Sending: what leaves is smaller than the message, has no final block, keeps to the window, and inflates to the
// message, whatever the compressor does.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import zlib from 'node:zlib'
import type { Compress } from '../../src/deflate/codec'
import { compress as fflate } from '../../src/deflate/fflate-codec'
import { type DeflateOptions, permessageDeflate } from '../../src/deflate/permessage-deflate'
import { inflate } from '../../src/deflate/deflate'
import type { Extension, Transform } from '../../src/protocol/extension'
import { join } from '../support/frames'
import { bits } from './bits'
import { EDGES, KINDS } from './messages'
import { randomFrom } from './random'
import { inspect, type Structure } from './reference'

const sending = suite('sending compressed messages')
const TAIL = Uint8Array.of(0, 0, 255, 255)
const native: Compress = (bytes, level, dictionary) =>
  zlib.deflateRawSync(bytes, { level, dictionary })
const CODECS: [string, Compress][] = [
  ['fflate', fflate],
  ['zlib', native],
]

function accept(extension: Extension, answer = ''): Transform {
  const { transform } = extension.accept('permessage-deflate' + answer, {
    isStreaming: true,
    limits: { maxMessageSize: Infinity },
    stopped: false,
    onSpan() {},
    onViolation() {},
  })
  return transform!
}

const open = (options: DeflateOptions, answer = '', compress = fflate) =>
  accept(permessageDeflate({ threshold: 0, ...options }, compress), answer)
const send = (transform: Transform, bytes: Uint8Array) => transform.send(bytes, 0, bytes.length)
/** What the payload consists of, and that it is the message. */
function check(
  payload: Uint8Array | undefined,
  bytes: Uint8Array,
  history?: Uint8Array,
): Structure {
  assert.ok(payload, 'was not compressed')
  const structure = inspect(join([payload!, TAIL]), history)
  assert.equal(structure.output, bytes)
  assert.ok(payload!.length < bytes.length)
  assert.equal(
    [structure.rest, structure.blocks.filter((block) => block.endsWith('final'))],
    [0, []],
  )
  return structure
}

const text = (size: number, seed = 1) => KINDS.json(randomFrom(seed), size)

for (const [name, compress] of CODECS) {
  sending(name + ': ends with an empty stored block, whose tail is left off', () => {
    const bytes = text(500)
    const payload = send(open({}, '', compress), bytes)
    const { blocks } = check(payload, bytes)
    assert.equal([blocks.length, blocks[blocks.length - 1]], [2, 'stored'])
    // Section 7.2.1: nothing of the tail is there.
    assert.not.equal(Array.from(payload!.subarray(-4)), Array.from(TAIL))
  })

  for (let window = 8; window < 16; window++) {
    for (const clientContextTakeover of [false, true]) {
      const how = name + ', window of 2^' + window + (clientContextTakeover ? ', with context' : '')
      sending(how + ': keeps to it', () => {
        const random = randomFrom(window)
        const transform = open(
          { clientContextTakeover },
          '; client_max_window_bits=' + window,
          compress,
        )
        let history = new Uint8Array(0)
        // Long repeats at any distance, so that there is something to refer to.
        const far = KINDS.random(random, 1 << window)
        for (const size of [300, 2 ** window - 1, 2 ** window, 2 ** window + 1, 40000, 70000]) {
          const bytes = new Uint8Array(size)
          for (let at = 0; at < size; at += far.length) bytes.set(far.subarray(0, size - at), at)
          bytes.fill(7, size >> 2, size >> 1)
          const payload = send(transform, bytes)
          const { distance } = check(payload, bytes, history)
          assert.ok(distance <= 2 ** window, distance + ' for ' + size)
          history = join([history, bytes]).slice(-32768)
        }
      })
    }
  }

  sending(name + ': sizes at the ends of windows, blocks and pieces', () => {
    for (const clientContextTakeover of [false, true]) {
      for (const size of EDGES) {
        const bytes = KINDS.skewed(randomFrom(size), size)
        check(send(open({ clientContextTakeover, level: 1 }, '', compress), bytes), bytes)
      }
    }
  })
}

sending('with context, refers to what was sent before', () => {
  const bytes = text(1000)
  const alone = open({})
  const linked = open({ clientContextTakeover: true })
  const first = send(alone, bytes)!
  assert.equal(send(linked, bytes), first)
  assert.equal(send(alone, bytes), first)
  const second = send(linked, bytes)!
  assert.ok(second.length < first.length / 10, second.length + ' and ' + first.length)
  const { distance } = check(second, bytes, bytes)
  assert.ok(distance >= 1000)
})

sending('without context where the server wants none, or none was asked for', () => {
  const bytes = text(1000)
  const ways: [DeflateOptions, string][] = [
    [{ clientContextTakeover: true }, '; client_no_context_takeover'],
    [{ clientContextTakeover: true, clientNoContextTakeover: true }, ''],
    [{}, ''],
  ]
  for (const [options, answer] of ways) {
    const transform = open(options, answer)
    const first = send(transform, bytes)
    for (let i = 0; i < 3; i++) assert.equal(send(transform, bytes), first)
  }
})

sending('a message that went uncompressed is not referred to', () => {
  const transform = open({ clientContextTakeover: true })
  const noise = KINDS.random(randomFrom(1), 1000)
  const bytes = text(1000)
  check(send(transform, bytes), bytes)
  assert.is(send(transform, noise), undefined)
  // Behind it everything begins anew; what follows does not need what came before.
  check(send(transform, bytes), bytes, new Uint8Array(0))
  const last = check(send(transform, bytes), bytes, bytes)
  assert.ok(last.distance > 0)
  const half = join([bytes.subarray(500), noise.subarray(0, 100)])
  check(send(transform, half), half, bytes)
})

sending('what does not get smaller goes as it is', () => {
  const transform = open({})
  for (const bytes of ['', 'a', 'ab', 'abc', 'abcdefgh'].map((one) =>
    new TextEncoder().encode(one),
  )) {
    assert.is(send(transform, bytes), undefined)
  }
  assert.is(send(transform, KINDS.random(randomFrom(3), 100000)), undefined)
  const payload = send(transform, new Uint8Array(12))
  check(payload, new Uint8Array(12))
})

sending('of messages that hardly get smaller, those that do and no others', () => {
  const random = randomFrom(5)
  const counts = { smaller: 0, not: 0 }
  for (const clientContextTakeover of [false, true]) {
    for (let round = 0; round < 1500; round++) {
      const window = random(2) ? 8 : 15
      const transform = open({ clientContextTakeover }, '; client_max_window_bits=' + window)
      // A few letters, or what is said over and over between noise; some are longer than a window of 2^8.
      const size = random(3) ? random(30) : 200 + random(400)
      const kinds = 1 + random(200)
      const bytes = new Uint8Array(100 + size).map(() => random(kinds))
      const start = random(100)
      const payload = transform.send(bytes, start, start + size)
      if (payload) check(payload, bytes.slice(start, start + size))
      counts[payload ? 'smaller' : 'not']++
    }
  }
  assert.ok(counts.smaller > 300 && counts.not > 300, JSON.stringify(counts))
})

sending(
  'without context, a compressor that refers to what was sent before: the message goes as it is',
  () => {
    let before: Uint8Array | undefined
    const transform = open({}, '', (bytes, level) =>
      zlib.deflateRawSync(bytes, { level, ...(before ? { dictionary: before } : {}) }),
    )
    const bytes = text(2000)
    check(send(transform, bytes), bytes)
    before = bytes
    assert.is(send(transform, bytes), undefined)
    before = undefined
    check(send(transform, bytes), bytes)
  },
)

sending('threshold and maxDeflateSize are sizes of messages', () => {
  const transform = open({ threshold: 100, maxDeflateSize: 200 })
  const sizes = [0, 99, 100, 200, 201, 5000]
  assert.equal(
    sizes.filter((size) => send(transform, new Uint8Array(size))),
    [100, 200],
  )
  const usual = accept(permessageDeflate({}, fflate))
  assert.equal(
    [255, 256, 1 << 20, (1 << 20) + 1].filter((size) => send(usual, new Uint8Array(size))),
    [256, 1 << 20],
  )
})

sending('only the part of the array that was asked for', () => {
  const bytes = text(3000)
  const transform = open({})
  const payload = transform.send(bytes, 1000, 2000)
  check(payload, bytes.slice(1000, 2000))
})

sending('receive-only sends nothing compressed', () => {
  assert.is(send(accept(inflate()), new Uint8Array(5000)), undefined)
})

sending('the result is a new array each time', () => {
  const transform = open({})
  const first = send(transform, new Uint8Array(5000))!
  const copy = first.slice()
  const second = send(transform, text(5000))!
  assert.is.not(first, second)
  assert.equal(first, copy)
})

// Compressors that err: nothing may leave that is not the message.
const ERRORS: [string, (good: Uint8Array, bytes: Uint8Array) => Uint8Array][] = [
  ['gives nothing', () => new Uint8Array(0)],
  ['has no final block', (good) => join([good.map((octet, i) => (i ? octet : octet & 254)), TAIL])],
  ['cuts its output', (good) => good.subarray(0, -2)],
  ['adds an octet', (good) => join([good, Uint8Array.of(0)])],
  [
    'compresses another message',
    (_, bytes) => zlib.deflateRawSync(bytes.map((octet) => octet ^ 1)),
  ],
  ['compresses only a part', (_, bytes) => zlib.deflateRawSync(bytes.subarray(1))],
  ['leaves off the last octet', (_, bytes) => zlib.deflateRawSync(bytes.subarray(0, -1))],
  [
    'adds an octet to the message',
    (_, bytes) => zlib.deflateRawSync(join([bytes, Uint8Array.of(0)])),
  ],
  [
    'ends twice',
    (_, bytes) => {
      const half = bytes.length >> 1
      const [first, second] = [bytes.subarray(0, half), bytes.subarray(half)]
      return join([zlib.deflateRawSync(first), zlib.deflateRawSync(second)])
    },
  ],
  [
    'flips a bit in the middle',
    (good) => good.map((octet, i) => (i === good.length >> 1 ? octet ^ 4 : octet)),
  ],
  ['writes block type 3', () => Uint8Array.of(7, 0, 0)],
  [
    'refers to what is not there',
    () =>
      bits()
        .final.fixed([[258, 100]])
        .bytes(),
  ],
]

for (const [what, spoil] of ERRORS) {
  for (const clientContextTakeover of [false, true]) {
    const how = clientContextTakeover ? ', with context' : ''
    sending('a compressor that ' + what + how + ': the message goes as it is', () => {
      let isBad = false
      const compress: Compress = (bytes, level, dictionary) => {
        const good = fflate(bytes, level, dictionary)
        return isBad ? spoil(good, bytes) : good
      }
      const transform = open({ clientContextTakeover }, '; client_max_window_bits=9', compress)
      const bytes = text(2000)
      check(send(transform, bytes), bytes)
      isBad = true
      for (let i = 0; i < 3; i++) assert.is(send(transform, bytes), undefined)
      // It errs no more, and nothing of before is referred to.
      isBad = false
      check(send(transform, bytes), bytes)
    })
  }
}

sending.run()
