// The Client over a transport in memory: what a target and a user see of it at the edges.

import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ClientOptions, Handlers } from '../src/client'
import { Arena } from './support/arena'
import { SAMPLE_NONCE } from './support/platform'
import { checkSent } from './support/sent'

const clients = suite('Client')

const HEAD =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

function open(handlers: Handlers, options: ClientOptions = {}, takes = (count: number) => count) {
  const arena = new Arena(handlers, {
    words: SAMPLE_NONCE,
    client: options,
    fail: (what) => {
      throw new Error(what)
    },
    takes: (count) => takes(count),
  })
  arena.client.onConnected()
  arena.settle()
  arena.receive(Buffer.from(HEAD), 0, Infinity)
  assert.is(arena.client.readyState, 1)
  return arena
}

clients('pause after the end does not reach the transport', () => {
  const arena = open({ onClose: (_code, _reason) => arena.client.pause() })
  arena.client.abort()
  arena.client.pause()
  arena.turn()
  arena.client.pause()
  arena.client.resume()
  arena.turn()
  assert.is(arena.isAborted, true)
})

/** What is told until a turn after the peer has ended the connection, without any timer. */
function endWithin(act: (arena: Arena, told: string[]) => void): string[] {
  const told: string[] = []
  const arena: Arena = new Arena(
    {
      onOpen: () => told.push('open'),
      onText: (text) => told.push(text),
      onError(error) {
        told.push(error.id)
        arena.client.pause()
      },
      onClose: (code) => told.push('' + code),
    },
    {
      words: SAMPLE_NONCE,
      client: {},
      fail: (what) => {
        throw new Error(what)
      },
      takes: (count) => count,
    },
  )
  arena.client.onConnected()
  act(arena, told)
  arena.turn()
  arena.client.onEnd()
  arena.turn()
  assert.is(arena.timers, 0)
  return told
}

clients('a pause does not hold back the end of a connection that tells nothing more', () => {
  const open = Buffer.from(HEAD)
  const cases: [string[], (arena: Arena) => void][] = [
    [['CONNECTION_ENDED', '1006'], ({ client }) => client.pause()],
    [
      ['CONNECTION_ENDED', '1006'],
      (arena) => {
        arena.client.pause()
        arena.receive(open, 0, 40)
      },
    ],
    // By `onError`.
    [['open', 'RESERVED_BITS', '1002'], (arena) => arena.receive(join(open, 0xff), 0, Infinity)],
    [
      ['open', '1001'],
      (arena) => {
        arena.receive(join(open, 0x88, 2, 3, 0xe9), 0, Infinity)
        arena.client.pause()
      },
    ],
  ]
  for (const [told, act] of cases) assert.equal(endWithin(act), told)
})

clients('what a pause has kept is told before the end', () => {
  const told = endWithin((arena, told) => {
    arena.client.pause()
    arena.receive(join(Buffer.from(HEAD), 0x81, 1, 0x61), 0, Infinity)
    arena.client.onEnd()
    arena.turn()
    assert.equal(told, ['open'])
    arena.client.resume()
  })
  assert.equal(told, ['open', 'a', 'CONNECTION_ENDED', '1006'])
})

const join = (head: Uint8Array, ...octets: number[]) => Uint8Array.of(...head, ...octets)

const LARGE = new Uint8Array(5000)

clients('what was taken and never left is told by bufferedAmount at the end', () => {
  for (const [name, bytes] of [
    ['the peer closes', [0x88, 0]],
    ['the peer breaks a rule', [0xff]],
  ] as const) {
    let left = -1
    const arena: Arena = open(
      { onClose: () => (left = arena.client.bufferedAmount) },
      { sendBuffer: 256 },
      () => -1,
    )
    assert.is(arena.client.sendBinary(LARGE), true)
    arena.turn()
    arena.receive(Uint8Array.from(bytes), 0, 2)
    while (arena.isWriting) arena.settle()
    arena.client.onEnd()
    arena.turn()
    // One fragment of 111 bytes was in the ring.
    assert.is(left, 5000 - 111, name)
  }
})

clients('at the end nothing is told if all that was taken has left', () => {
  let left = -1
  const arena: Arena = open(
    { onClose: () => (left = arena.client.bufferedAmount) },
    { sendBuffer: 256 },
  )
  assert.is(arena.client.sendBinary(LARGE), true)
  arena.client.close(1000)
  arena.turn()
  arena.receive(Uint8Array.of(0x88, 0), 0, 2)
  arena.client.onEnd()
  arena.turn()
  assert.is(left, 0)
})

// Section 5.5.1. The ring is full, so the Close frame waits; a ping makes the ring be written out, which lets it in.
clients('a ping that comes while the Close frame waits for room gets no pong behind it', () => {
  const pings: number[] = []
  const arena: Arena = open(
    { onPing: (_bytes, start, end) => pings.push(end - start) },
    { sendBuffer: 256 },
  )
  const bytes = LARGE.subarray(0, 244)
  assert.is(arena.client.sendBinary(bytes), true)
  arena.client.close(1000)
  arena.receive(Uint8Array.of(0x89, 2, 1, 2, 0x88, 0), 0, 6)
  arena.turn()
  const frames = checkSent({
    written: Uint8Array.from(arena.written),
    sent: [{ kind: 2, bytes }],
    parts: [],
    pings: [],
    bufferedAmount: arena.client.bufferedAmount,
    fail: (what) => {
      throw new Error(what)
    },
  })
  assert.equal(
    frames.map(({ opcode }) => opcode),
    [2, 8],
  )
  assert.equal(pings, [2])
})

clients('a pong that comes while closing leaves closeTimeout as it is', () => {
  const arena = open({}, { pingInterval: 100, closeTimeout: 7000 })
  // The interval, and its grace.
  arena.fire()
  arena.fire()
  arena.turn()
  arena.client.close(1000)
  arena.turn()
  assert.equal(arena.delays, [7000])
  arena.receive(Uint8Array.of(0x8a, 0), 0, 2)
  assert.equal(arena.delays, [7000])
})

clients(
  'what was taken before close may take any time to leave, as long as some of it does',
  () => {
    const ids: string[] = []
    const arena: Arena = open(
      { onError: ({ id }) => ids.push(id) },
      { sendBuffer: 256, closeTimeout: 7000 },
      () => -1,
    )
    assert.is(arena.client.sendBinary(LARGE), true)
    arena.client.close(1000)
    arena.turn()
    let writes = 0
    for (; !arena.client.closeSent; writes++) {
      // It would be late, but for the grace.
      arena.fire()
      assert.equal(arena.delays, [50])
      arena.settle()
      assert.equal(arena.delays, [7000])
    }
    assert.ok(writes > 20)
    arena.fire()
    arena.fire()
    assert.equal(ids, ['CLOSE_TIMEOUT'])
  },
)

clients(
  "the bytes of a callback have a slice that copies, though the caller's memory is a Buffer",
  () => {
    const memory = Buffer.alloc(1000)
    const kept: Uint8Array[] = []
    const arena = open(
      { onBinary: (bytes, start, end) => kept.push(bytes.slice(start, end)) },
      { receiveBuffer: memory.subarray(100, 400), sendBuffer: memory.subarray(500) },
    )
    arena.receive(Uint8Array.of(0x82, 2, 1, 2), 0, 4)
    arena.receive(Uint8Array.of(0x82, 2, 3, 4), 0, 4)
    assert.is(arena.client.receiveRing.bytes.buffer, memory.buffer)
    assert.is(arena.client.receiveRing.bytes.byteOffset, memory.byteOffset + 100)
    assert.is(arena.client.receiveRing.bytes.length, 300)
    assert.equal(kept, [Uint8Array.of(1, 2), Uint8Array.of(3, 4)])
  },
)

// The handshake takes 4 words of 16, each frame one; then `random` is asked again.
const FRAMES_LEFT = 12
const FAILURES: Record<string, (arena: Arena) => void> = {
  'a message': ({ client }) => client.sendText('x'),
  'a large message, as it leaves': (arena) => {
    arena.client.sendBinary(LARGE)
    arena.turn()
  },
  'a Close frame': ({ client }) => client.close(1000),
  'a pong': (arena) => arena.receive(Uint8Array.of(0x89, 0), 0, Infinity),
  'a keepalive ping': (arena) => {
    for (let i = 0; i < 4; i++) arena.fire()
  },
  'the Close frame of a violation': (arena) => arena.receive(Uint8Array.of(0xf9, 0), 0, Infinity),
}

for (const [name, fail] of Object.entries(FAILURES)) {
  clients('a source of randomness that fails ends the connection: ' + name, () => {
    const cause = new Error('no entropy')
    const log: string[] = []
    let calls = 0
    const arena = open(
      {
        onError: (error) =>
          log.push('error ' + error.id + ', its cause: ' + (error.cause === cause)),
        onClose: (code, reason) => log.push('close ' + code + ' ' + reason),
      },
      {
        sendBuffer: 256,
        pingInterval: 1000,
        random(bytes) {
          if (calls++) throw cause
          new Int32Array(bytes.buffer).set([...SAMPLE_NONCE].reverse(), 12)
        },
      },
    )
    for (let i = 0; i < FRAMES_LEFT; i++) {
      assert.is(arena.client.ping(), true)
      arena.turn()
      arena.settle()
    }
    assert.throws(
      () => fail(arena),
      (error: unknown) => error === cause,
    )
    arena.turn()
    assert.equal([arena.isAborted, arena.timers, arena.client.readyState], [true, 0, 3])
    if (name === 'the Close frame of a violation') assert.equal(log, ['close 1002 RESERVED_BITS'])
    else assert.equal(log, ['error CONNECTION_LOST, its cause: true', 'close 1006 CONNECTION_LOST'])
  })
}

clients('a source of randomness that fails at once: connect throws', () => {
  const cause = new Error('no entropy')
  assert.throws(
    () => {
      open(
        {},
        {
          random() {
            throw cause
          },
        },
      )
    },
    (error: unknown) => error === cause,
  )
})

clients.run()
