// permessage-deflate through the whole client, over sockets: with the server of `ws`, which compresses with zlib, and
// with peers that do what they must not.

import { Buffer } from 'node:buffer'
import net from 'node:net'
import process from 'node:process'
import { Duplex } from 'node:stream'
import v8 from 'node:v8'
import vm from 'node:vm'
import zlib from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type WebSocket, WebSocketServer } from 'ws'
import { type DeflateOptions, deflate, inflate } from '../../src/deflate/deflate'
import { connect, type Handlers, type Options, type Socket } from '../../targets/node'
import { frame, join } from '../support/frames'
import { wire } from '../support/wire'
import { KINDS } from './messages'
import { randomFrom } from './random'
import { rawServer } from './raw-server'

const client = suite('permessage-deflate over a socket')
const { constants } = zlib

/** Closes what a test has opened. */
let opened: (() => void)[] = []
client.after.each(() => {
  for (const close of opened) close()
  opened = []
})

async function wsServer(
  perMessageDeflate: object | boolean,
  onConnection: (peer: WebSocket) => void,
): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
  server.on('connection', (peer) => {
    peer.on('error', () => {})
    onConnection(peer)
  })
  await new Promise((resolve) => server.once('listening', resolve))
  opened.push(() => {
    for (const peer of server.clients) peer.terminate()
    server.close()
  })
  return 'ws://127.0.0.1:' + (server.address() as net.AddressInfo).port
}

async function raw(answer: string, play: (socket: net.Socket) => void): Promise<string> {
  const server = await rawServer(answer, (socket) => {
    opened.push(() => socket.destroy())
    play(socket)
  })
  opened.push(server.close)
  return server.url
}

const echo = (peer: WebSocket) =>
  peer.on('message', (bytes: Buffer, isBinary) => peer.send(bytes, { binary: isBinary }))

interface Ending {
  /** What came, in order. */
  log: string[]
  socket: Socket
}

/** Connects, logs, and resolves at the end. `act` is called with each line. */
function session(
  url: string,
  handlers: Handlers,
  options: Options,
  act: (line: string, socket: Socket) => void = () => {},
): Promise<Ending> {
  return new Promise((resolve) => {
    const log: string[] = []
    const say = (line: string) => {
      log.push(line)
      act(line, socket)
    }
    const socket: Socket = connect(
      url,
      {
        onOpen: () => say('open ' + (socket.extensions || 'without')),
        onPing: () => say('ping'),
        onError: (error) => say('error ' + error.id + ' ' + error.code),
        onClose(code, reason, wasClean) {
          log.push('close ' + code + (reason && ' ' + reason) + (wasClean ? ' clean' : ''))
          resolve({ log, socket })
        },
        ...handlers,
      },
      options,
    )
  })
}

/** Sends each message, in turn, when the one before has come back; closes after the last. */
async function echoes(
  url: string,
  messages: Uint8Array[],
  isWhole: boolean,
  deflateOptions: DeflateOptions,
  options: Options = {},
): Promise<string[]> {
  let next = 0
  let parts: Uint8Array[] = []
  const send = (socket: Socket) => {
    const bytes = messages[next]
    // Texts as strings, and the rest as bytes.
    const isText = next % 2 === 0
    const taken = isText ? socket.sendText(Buffer.from(bytes).toString()) : socket.sendBinary(bytes)
    assert.ok(taken)
  }
  const onMessage = (bytes: Uint8Array, isText: boolean, socket: Socket) => {
    assert.is(isText, next % 2 === 0)
    assert.ok(Buffer.from(messages[next]).equals(bytes), 'message ' + next + ' differs')
    if (++next < messages.length) send(socket)
    else socket.close(1000)
  }
  const handlers: Handlers = isWhole
    ? {
        onText: (text, socket) => onMessage(Buffer.from(text), true, socket),
        onBinary: (bytes, start, end, socket) =>
          onMessage(Uint8Array.from(bytes.subarray(start, end)), false, socket),
      }
    : {
        onFragment(bytes, start, end, kind, final, socket) {
          parts.push(Uint8Array.from(bytes.subarray(start, end)))
          if (!final) return
          const whole = join(parts)
          parts = []
          onMessage(whole, kind === 1, socket)
        },
      }
  const { log } = await session(
    url,
    handlers,
    { ...options, extensions: [deflate({ threshold: 0, ...deflateOptions })] },
    (line, socket) => {
      if (line.startsWith('open')) send(socket)
    },
  )
  assert.is(next, messages.length, log.join('; '))
  return log
}

/** About `size` octets of JSON, cut between two characters. */
const text = (size: number, seed: number): Uint8Array =>
  Buffer.from(Buffer.from(KINDS.json(randomFrom(seed), size)).toString())
const MESSAGES = [
  text(1000, 1),
  text(1000, 1),
  text(200, 2),
  KINDS.zeros(randomFrom(3), 5000),
  new Uint8Array(0),
  KINDS.random(randomFrom(4), 700),
  text(20000, 5),
  KINDS.repeats(randomFrom(6), 20000),
  text(1000, 1),
]

for (const window of [8, 9, 12, 15]) {
  for (const isWhole of [false, true]) {
    client('echo, window of 2^' + window + (isWhole ? ', whole' : ', fragments'), async () => {
      for (let set = 0; set < 16; set++) {
        const [serverNo, clientNo, keeps, isAsked] = [1, 2, 4, 8].map((bit) => (set & bit) > 0)
        const url = await wsServer(
          {
            threshold: 0,
            serverNoContextTakeover: serverNo,
            clientNoContextTakeover: clientNo,
            ...(isAsked ? {} : { serverMaxWindowBits: window, clientMaxWindowBits: window }),
          },
          echo,
        )
        const asked = isAsked ? { serverMaxWindowBits: window, clientMaxWindowBits: window } : {}
        const log = await echoes(
          url,
          MESSAGES,
          isWhole,
          { clientContextTakeover: keeps, ...asked },
          { receiveBuffer: set % 3 ? 4096 : 256, sendBuffer: set % 3 ? 256 : 4096 },
        )
        assert.is(log[1], 'close 1000 clean', log.join('; '))
        assert.match(log[0], 'permessage-deflate')
        assert.match(log[0], 'server_max_window_bits=' + window)
        if (serverNo) assert.match(log[0], 'server_no_context_takeover')
        if (clientNo) assert.match(log[0], 'client_no_context_takeover')
      }
    })
  }
}

client('what the client asks for is kept', async () => {
  const url = await wsServer({ threshold: 0 }, echo)
  const log = await echoes(url, MESSAGES, true, {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: 11,
  })
  assert.equal(log, [
    'open permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
      'server_max_window_bits=10; client_max_window_bits=11',
    'close 1000 clean',
  ])
})

client('a server without it', async () => {
  const url = await wsServer(false, echo)
  assert.equal(await echoes(url, MESSAGES, true, {}), ['open without', 'close 1000 clean'])
})

client('a server that cannot have the window asked for refuses the handshake', async () => {
  const url = await wsServer({ serverMaxWindowBits: false }, echo)
  const extensions = [deflate({ serverMaxWindowBits: 9 })]
  const { log } = await session(url, {}, { extensions })
  assert.equal(log, ['error BAD_STATUS 1006', 'close 1006 BAD_STATUS'])
})

client('receiving only: the server compresses, the client does not', async () => {
  const compressed: boolean[] = []
  const url = await wsServer({ threshold: 0 }, (peer) => {
    const { _receiver: receiver } = peer as unknown as { _receiver: { _compressed: boolean } }
    peer.on('message', (bytes: Buffer) => {
      compressed.push(receiver._compressed)
      peer.send(bytes, { binary: false })
    })
  })
  const long = 'a long text, '.repeat(1000)
  const { log } = await session(
    url,
    {
      onText(came, socket) {
        assert.is(came, long)
        socket.close(1000)
      },
    },
    { extensions: [inflate()] },
    (line, socket) => {
      if (line.startsWith('open')) assert.ok(socket.sendText(long))
    },
  )
  assert.equal([log, compressed], [['open permessage-deflate', 'close 1000 clean'], [false]])
})

client('a thousand messages in the context of one connection', async () => {
  const url = await wsServer({ threshold: 0 }, echo)
  const random = randomFrom(7)
  const messages = Array.from({ length: 1000 }, (_, i) => text(random(600), i % 50))
  const log = await echoes(url, messages, true, { clientContextTakeover: true })
  assert.is(log[1], 'close 1000 clean')
})

client('messages larger than both rings, each way', async () => {
  const url = await wsServer({ threshold: 0 }, echo)
  const messages = [text(400000, 1), KINDS.zeros(randomFrom(2), 900000), text(400000, 1)]
  const rings = { receiveBuffer: 256, sendBuffer: 256 }
  for (const isWhole of [false, true]) {
    const log = await echoes(url, messages, isWhole, { clientContextTakeover: true }, rings)
    assert.is(log[1], 'close 1000 clean')
  }
})

client('fragments that the server compresses, with pings between', async () => {
  const whole = Buffer.from(text(30000, 8)).toString()
  const url = await wsServer({ threshold: 0 }, (peer) => {
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < whole.length; at += 1000) {
        peer.send(whole.slice(at, at + 1000), { compress: true, fin: at + 1000 >= whole.length })
        if (at % 10000 === 0) peer.ping('p')
      }
    }
    peer.close(1000)
  })
  const texts: string[] = []
  const { log } = await session(
    url,
    { onText: (one) => texts.push(one) },
    { extensions: [deflate()] },
  )
  assert.equal(texts, [whole, whole, whole])
  assert.equal(
    [log.filter((line) => line === 'ping').length, log[log.length - 1]],
    [9, 'close 1000 clean'],
  )
})

client('a message that the user ignores costs the context nothing', async () => {
  const known = Buffer.from(text(3000, 9))
  const url = await wsServer({ threshold: 0 }, (peer) => {
    for (let i = 0; i < 5; i++) peer.send(known.toString())
    peer.send(known)
    peer.close(1000)
  })
  let came = 0
  const { log } = await session(
    url,
    {
      onBinary(bytes, start, end) {
        came++
        assert.ok(known.equals(Uint8Array.from(bytes.subarray(start, end))))
      },
    },
    { extensions: [deflate()] },
  )
  assert.equal([came, log[1]], [1, 'close 1000 clean'])
})

client('an exception in a callback costs the context nothing', async () => {
  const known = text(3000, 9)
  const url = await wsServer({ threshold: 0 }, (peer) => {
    for (let i = 0; i < 3; i++) peer.send(Buffer.from(known), { binary: true })
    peer.close(1000)
  })
  const thrown: string[] = []
  const listener = (error: Error) => thrown.push(error.message)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', listener)
  let came = 0
  try {
    await session(
      url,
      {
        onBinary(bytes, start, end) {
          came++
          assert.equal(Uint8Array.from(bytes.subarray(start, end)).length, 3000)
          throw new Error('of the user ' + came)
        },
      },
      { extensions: [deflate()] },
    )
  } finally {
    process.off('uncaughtException', listener)
    for (const other of others) process.on('uncaughtException', other)
  }
  assert.equal(thrown, ['of the user 1', 'of the user 2', 'of the user 3'])
})

/** A stream over `socket` that takes one write a turn, so that the send ring fills. */
function slowly(socket: net.Socket): Duplex {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const copy = Buffer.from(chunk)
      setImmediate(() => socket.write(copy, () => done()))
    },
    final(done) {
      socket.end(done)
    },
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk) => stream.push(chunk))
  socket.on('end', () => stream.push(null))
  socket.on('error', (error) => stream.destroy(error))
  return stream
}

client('a send that is refused is not part of the context', async () => {
  const received: string[] = []
  const url = await wsServer({ threshold: 0 }, (peer) => {
    peer.on('message', (bytes: Buffer) => received.push(bytes.toString()))
  })
  const accepted: string[] = []
  let refused = 0
  let next = 0
  const random = randomFrom(10)
  // What is refused is dropped, and the next one, which is another, comes when there is room.
  const fill = (socket: Socket) => {
    while (next < 400) {
      const one = Buffer.from(text(100 + random(500), next++ % 7)).toString()
      if (!socket.sendText(one)) {
        refused++
        return
      }
      accepted.push(one)
    }
    socket.close(1000)
  }
  const { log } = await session(
    url,
    { onOpen: fill, onWritable: fill },
    {
      extensions: [deflate({ threshold: 0, clientContextTakeover: true })],
      sendBuffer: 700,
      createConnection: ({ host, port }) => slowly(net.connect({ host, port })),
    },
  )
  assert.equal(log, ['close 1000 clean'])
  assert.ok(refused > 30 && accepted.length > 100, refused + ' refused, ' + accepted.length)
  assert.equal(received, accepted)
})

/** The payload of a message of `count` MiB of zeros: about a thousandth of it. */
function bomb(count: number): Buffer {
  const one = zlib.deflateRawSync(Buffer.alloc(1 << 20), { finishFlush: constants.Z_SYNC_FLUSH })
  return Buffer.concat(new Array(count).fill(one)).subarray(0, -4)
}

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc') as () => void

function memory(): { heap: number; buffers: number } {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers }
}

client('a gibibyte of zeros in one message passes through in flat memory', async () => {
  const payload = bomb(1024)
  const input = frame(2, payload, true, 4)
  const url = await raw('permessage-deflate', (socket) => socket.write(Buffer.from(input)))
  let octets = 0
  let most = { heap: 0, buffers: 0 }
  let before: typeof most | undefined
  const { log } = await session(
    url,
    {
      onFragment(_bytes, start, end, _kind, final, socket) {
        octets += end - start
        if (octets === end - start || octets % (1 << 27) < end - start) {
          const now = memory()
          before = before || now
          most = {
            heap: Math.max(most.heap, now.heap - before.heap),
            buffers: Math.max(most.buffers, now.buffers - before.buffers),
          }
        }
        if (final) socket.abort()
      },
    },
    { extensions: [deflate()] },
  )
  assert.equal([octets, log[1]], [2 ** 30, 'close 1006'])
  assert.ok(most.buffers < 200000, most.buffers + ' bytes of ArrayBuffers')
  assert.ok(most.heap < 2000000, most.heap + ' bytes of heap')
  console.log(
    '\nfrom the first span on at most ' +
      most.buffers +
      ' bytes of ArrayBuffers, ' +
      most.heap +
      ' of heap',
  )
})

for (const isWhole of [false, true]) {
  client('a bomb ends with 1009, ' + (isWhole ? 'whole' : 'fragments'), async () => {
    const input = Buffer.from(frame(2, bomb(1024), true, 4))
    for (const limit of ['maxInflatedSize', 'maxMessageSize']) {
      const url = await raw('permessage-deflate', (socket) => socket.write(input))
      let octets = 0
      const before = memory()
      const { log } = await session(
        url,
        isWhole
          ? { onBinary: () => assert.unreachable() }
          : { onFragment: (_bytes, start, end) => void (octets += end - start) },
        {
          extensions: [deflate(limit === 'maxInflatedSize' ? { maxInflatedSize: 1 << 18 } : {})],
          // The message may not be larger compressed, either: twice its size is.
          ...(limit === 'maxMessageSize' ? { maxMessageSize: 1 << 20 } : {}),
          ...(isWhole && limit === 'maxInflatedSize' ? { maxMessageSize: 1 << 24 } : {}),
        },
      )
      assert.equal(log.slice(1), ['error MESSAGE_TOO_BIG 1009', 'close 1009 MESSAGE_TOO_BIG'])
      assert.ok(octets <= 1 << (limit === 'maxInflatedSize' ? 18 : 20), octets + ' delivered')
      const { buffers } = memory()
      assert.ok(buffers - before.buffers < 3 << 20, buffers - before.buffers + ' bytes')
    }
  })
}

client('pausing in the middle of a large message: nothing comes until resume', async () => {
  const input = Buffer.from(frame(2, bomb(4), true, 4))
  const url = await raw('permessage-deflate', (socket) => socket.write(input))
  let octets = 0
  let pauses = 0
  let isPaused = false
  await session(
    url,
    {
      onFragment(_bytes, start, end, _kind, final, socket) {
        assert.not(isPaused, 'a fragment while paused')
        octets += end - start
        if (pauses < 5) {
          pauses++
          isPaused = true
          socket.pause()
          setTimeout(() => {
            isPaused = false
            socket.resume()
          }, 10)
        }
        if (final) socket.abort()
      },
    },
    { extensions: [deflate()] },
  )
  assert.equal([octets, pauses], [4 << 20, 5])
})

client('closing and aborting in the middle of a large message', async () => {
  const input = Buffer.from(join([frame(2, bomb(4), true, 4), frame(8, [3, 232])]))
  for (const isAbort of [false, true]) {
    const url = await raw('permessage-deflate', (socket) => socket.write(input))
    let spans = 0
    const { log } = await session(
      url,
      {
        onFragment(_bytes, _start, _end, _kind, _final, socket) {
          spans++
          if (spans > 3) return
          if (isAbort) socket.abort()
          else socket.close(1000)
        },
      },
      { extensions: [deflate()] },
    )
    if (isAbort) assert.equal([spans, log[1]], [1, 'close 1006'])
    else assert.is(log[1], 'close 1000 clean')
  }
})

interface Bad {
  name: string
  in: string
  answer?: string
  id: string
  code: number
}

const BAD: Bad[] = [
  {
    name: 'RSV1 where nothing was agreed',
    answer: '',
    in: 'c1 07 f2 48 cd c9 c9 07 00',
    id: 'RESERVED_BITS',
    code: 1002,
  },
  {
    name: 'RSV1 in a continuation',
    in: '41 03 f2 48 cd c0 04 c9 c9 07 00',
    id: 'RESERVED_BITS',
    code: 1002,
  },
  { name: 'RSV1 in a ping', in: 'c9 00', id: 'RESERVED_BITS', code: 1002 },
  { name: 'truncated', in: 'c1 04 f2 48 cd c9', id: 'INVALID_DEFLATE', code: 1007 },
  { name: 'block type 3', in: 'c2 02 06 00', id: 'INVALID_DEFLATE', code: 1007 },
  {
    name: 'not UTF-8 once inflated',
    in: 'c1 07 00 01 00 fe ff ff 00',
    id: 'INVALID_UTF8',
    code: 1007,
  },
]

for (const { name, in: input, answer = 'permessage-deflate', id, code } of BAD) {
  client('fails: ' + name, async () => {
    for (const isWhole of [false, true]) {
      const url = await raw(answer, (socket) => socket.write(Buffer.from(wire(input))))
      const never = () => assert.unreachable('a message')
      const { log } = await session(
        url,
        isWhole ? { onText: never, onBinary: never } : { onFragment() {} },
        { extensions: [deflate()] },
      )
      assert.equal(log, [
        'open ' + (answer || 'without'),
        'error ' + id + ' ' + code,
        'close ' + code + ' ' + id,
      ])
    }
  })
}

client('an answer that does not fit the offer fails the handshake', async () => {
  for (const [answer, detail] of [
    [
      'permessage-deflate; server_max_window_bits=16',
      'server_max_window_bits=16 does not answer the offer',
    ],
    ['permessage-deflate, permessage-deflate', 'permessage-deflate is accepted twice'],
    ['x-webkit-deflate-frame', 'x-webkit-deflate-frame, which was not asked for'],
    ['permessage-deflate; a="', 'is malformed'],
  ]) {
    const url = await raw(answer, () => {})
    let message = ''
    const { log } = await session(
      url,
      { onError: (error) => (message = error.message) },
      { extensions: [deflate()] },
    )
    assert.match(message, 'BAD_EXTENSIONS: ')
    assert.match(message, detail)
    assert.equal(log, ['close 1006 BAD_EXTENSIONS'])
  }
})

client.run()
