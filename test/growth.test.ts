// How cost grows: twice the input is twice the work, and no more, however it is cut up. Work is counted, not timed.

import { workOf } from './support/work'
import { Buffer } from 'node:buffer'
import zlib from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Handlers } from '../src/client'
import { inflate } from '../src/deflate/deflate'
import { Handshake } from '../src/protocol/handshake'
import { frame, join } from './support/frames'
import { type OpenClient, openClient } from './support/open-client'
import { testPlatform } from './support/platform'

const growth = suite('growth')

/** What doubling may cost: 2; V8 leaves out blocks that ran as often as those around them, which blurs it a little. */
const MOST = 2.2

const STREAMED = (): Handlers => ({ onFragment() {} })
const WHOLE = (): Handlers => ({ onBinary() {}, onText() {} })

/** The work of `run(size)` for each size, each twice the one before; the message says all of them. */
function doubles(sizes: number[], run: (size: number) => () => void): void {
  // What is compiled at the first time is not counted alike.
  workOf(run(sizes[0]))
  const works = sizes.map((size) => workOf(run(size)))
  for (let i = 1; i < works.length; i++) {
    assert.ok(
      works[i] <= MOST * works[i - 1],
      sizes.map((size, k) => size + ': ' + Math.round(works[k])).join(', '),
    )
  }
}

/** Gives `bytes` to the client, `step` at a time. */
function feed(it: OpenClient, bytes: Uint8Array, step: number): void {
  for (let at = 0; at < bytes.length; at += step) it.receive(bytes.subarray(at, at + step))
}

function receiving(
  handlers: () => Handlers,
  options: object,
  bytes: (size: number) => Uint8Array,
  step: number,
) {
  return (size: number) => {
    const it = openClient(handlers(), { maxMessageSize: 1 << 21, ...options })
    const stream = bytes(size)
    return () => {
      feed(it, stream, step)
      if (it.client.readyState !== 1) throw new Error('the connection has ended')
    }
  }
}

const KIB = 1024
const binary = (size: number) => frame(2, new Uint8Array(size))
const ascii = (size: number) => frame(1, Buffer.alloc(size, 'a'))
const multibyte = (size: number) => frame(1, Buffer.alloc(size, '€€€€'.slice(0, 4)))
const SMALL = { receiveBuffer: 256, sendBuffer: 256 }

for (const [mode, handlers] of [
  ['streamed', STREAMED],
  ['whole', WHOLE],
] as const) {
  growth('a frame in reads of 64 bytes, ' + mode, () => {
    doubles([128 * KIB, 256 * KIB, 512 * KIB, 1024 * KIB], receiving(handlers, {}, binary, 64))
  })

  growth('a frame in reads of 64 bytes, a ring of 256 bytes, ' + mode, () => {
    doubles([256 * KIB, 512 * KIB, 1024 * KIB], receiving(handlers, SMALL, binary, 64))
  })

  growth('a frame byte by byte, ' + mode, () => {
    doubles([32 * KIB, 64 * KIB, 128 * KIB], receiving(handlers, SMALL, binary, 1))
  })

  growth('text, ' + mode, () => {
    doubles([128 * KIB, 256 * KIB, 512 * KIB], receiving(handlers, {}, ascii, 64))
    doubles([96 * KIB, 192 * KIB, 384 * KIB], receiving(handlers, {}, multibyte, 64))
  })

  growth('fragments of 1 byte, ' + mode, () => {
    const fragments = (count: number) =>
      join(Array.from({ length: count }, (_, i) => frame(i ? 0 : 2, [7], i === count - 1)))
    doubles([16384, 32768, 65536], receiving(handlers, {}, fragments, 64))
    doubles([16384, 32768, 65536], receiving(handlers, SMALL, fragments, 4096))
  })

  growth('many messages in one read, ' + mode, () => {
    const messages = (count: number) => join(Array.from({ length: count }, () => frame(2, [1, 2])))
    doubles([16384, 32768, 65536], receiving(handlers, { receiveBuffer: 65536 }, messages, 65536))
  })

  growth('pings between fragments, ' + mode, () => {
    const mixed = (count: number) =>
      join(
        Array.from({ length: count }, (_, i) => [
          frame(i ? 0 : 2, [7], i === count - 1),
          frame(9, [1, 2, 3]),
        ]).flat(),
      )
    doubles([8192, 16384, 32768], receiving(handlers, SMALL, mixed, 64))
  })

  growth('compressed, byte by byte, ' + mode, () => {
    const compressed = (size: number) => {
      const text = Array.from({ length: size / 8 }, (_, i) => String(i * 7919).padStart(8)).join('')
      const flush = zlib.constants.Z_SYNC_FLUSH
      return frame(2, zlib.deflateRawSync(text, { finishFlush: flush }).subarray(0, -4), true, 4)
    }
    doubles([64 * KIB, 128 * KIB, 256 * KIB], (size) => {
      const extensions = [inflate()]
      const it = openClient(handlers(), { extensions }, {}, 'permessage-deflate')
      const stream = compressed(size)
      return () => feed(it, stream, 1)
    })
  })
}

growth('a message larger than the send ring', () => {
  for (const sendBuffer of [256, 4096]) {
    doubles([256 * KIB, 512 * KIB, 1024 * KIB], (size) => {
      const it = openClient({}, { sendBuffer })
      const bytes = new Uint8Array(size)
      return () => {
        assert.is(it.client.sendBinary(bytes), true)
        it.turn()
        assert.is(it.client.bufferedAmount, 0)
      }
    })
    doubles([128 * KIB, 256 * KIB, 512 * KIB], (size) => {
      const it = openClient({}, { sendBuffer })
      const text = 'é€'.repeat(size / 4)
      return () => {
        assert.is(it.client.sendText(text), true)
        it.turn()
        assert.is(it.client.bufferedAmount, 0)
      }
    })
  }
})

growth('a response head byte by byte', () => {
  doubles([4096, 8192, 16384], (size) => {
    const head = Buffer.from(
      'HTTP/1.1 101 Switching Protocols\r\n' + 'A: bcdefghijklmnopqrstuvwxyz\r\n'.repeat(size / 32),
    )
    const sink = { onOpen() {}, drop: (id: string) => assert.unreachable(id) }
    const target = { host: 'a', path: '/', userInfo: '' }
    const handshake = new Handshake(target, {}, testPlatform(), 1 << 20, sink)
    return () => {
      // As a ring gives it: what was not taken stays, and grows.
      let start = 0
      for (let end = 1; end <= head.length; end++) start = handshake.read(head, start, end)
    }
  })
})

growth.run()
