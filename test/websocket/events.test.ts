// The WebSocket class over real sockets: which events come, in which order, at each kind of end, and what bufferedAmount and
// readyState say meanwhile. Peers that break the rules write raw bytes.

import { createHash } from 'node:crypto'
import net, { type AddressInfo, type Socket as TcpSocket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deflate } from '../../src/deflate/deflate'
import { connect } from '../../targets/node'
import { webSocketOver } from '../../targets/websocket-node'
import { type Server, echo, logOf, next, startServer, WebSocket } from './harness'

const events = suite('WebSocket events')
let server: Server
let raw: net.Server
/** What a raw peer does with its connection, once the request has come, by path. */
const rawPeers: Record<string, (socket: TcpSocket, head: string) => void> = {
  '/garbage': (socket) => socket.end('FOO BAR\r\n\r\n'),
  '/refuse': (socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'),
  '/stranger': (socket, head) =>
    socket.write(head.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: x\r\n\r\n')),
  '/violation': (socket, head) => socket.write(bytesOf(head, '8101618302')),
  '/invalid-text': (socket, head) => socket.write(bytesOf(head, '8102c328')),
  // The end in the same packet as the head, with a message before it.
  '/at-once': (socket, head) => socket.write(bytesOf(head, '810568656c6c6f', '880603e950415353')),
  // The header of a binary message of 100 MiB, which is begun; and of one octet more.
  '/largest': (socket, head) => socket.end(bytesOf(head, '827f 0000000006400000', '00')),
  '/too-large': (socket, head) => socket.write(bytesOf(head, '827f 0000000006400001', '00')),
  '/lost': (socket, head) => socket.end(bytesOf(head, '81026869')),
  '/never-closes': (socket, head) => socket.write(head),
  // Closes, and goes on to keep the connection.
  '/keeps': (socket, head) => socket.write(bytesOf(head, '8101618802 0fa0')),
  '/reads-nothing': (socket, head) => {
    socket.pause()
    socket.write(head)
  },
}

function bytesOf(head: string, ...hex: string[]): Buffer {
  return Buffer.concat([Buffer.from(head), Buffer.from(hex.join('').replaceAll(' ', ''), 'hex')])
}

let rawUrl = ''
const rawSockets = new Set<TcpSocket>()

events.before(async () => {
  server = await startServer((peer, { url = '' }) => {
    const [, code, reason] = /^\/close-(\d+)-?(.*)/.exec(url) || []
    if (code) peer.close(+code || undefined, reason)
    else if (url === '/terminate') peer.terminate()
    else if (url === '/pinger') peer.ping('01')
    else echo(peer)
    if (url === '/pinger') peer.on('pong', () => peer.pong('x'))
  })
  raw = net.createServer((socket) => {
    rawSockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', (data) => {
      const request = String(data)
      const key = /Sec-WebSocket-Key: (\S+)/i.exec(request)![1]
      const accept = createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
      const head =
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`
      rawPeers[request.split(' ')[1]](socket, head)
    })
  })
  await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve))
  rawUrl = `ws://127.0.0.1:${(raw.address() as AddressInfo).port}/`
})

events.after(async () => {
  await server.close()
  for (const socket of rawSockets) socket.destroy()
  await new Promise((resolve) => raw.close(resolve))
})

/** Connects, and resolves to all that was told. */
const whole = (url: string, ...rest: [(string | string[])?, object?]) =>
  logOf(new WebSocket(url, ...rest)).closed

events('each kind of end, with its events in order', async () => {
  const { url } = server
  assert.equal(await whole(url + 'close-1000'), ['open', 'close 1000 "" clean'])
  assert.equal(await whole(url + 'close-0'), ['open', 'close 1005 "" clean'])
  assert.equal(await whole(url + 'close-4321-why'), ['open', 'close 4321 "why" clean'])
  assert.equal(await whole(url + 'terminate'), [
    'open',
    'error CONNECTION_ENDED',
    'close 1006 "" unclean',
  ])
  assert.equal(await whole('ws://127.0.0.1:1/'), ['error CONNECT_FAILED', 'close 1006 "" unclean'])
  assert.equal(await whole(rawUrl + 'garbage'), ['error BAD_RESPONSE', 'close 1006 "" unclean'])
  assert.equal(await whole(rawUrl + 'refuse'), ['error BAD_STATUS', 'close 1006 "" unclean'])
  assert.equal(await whole(rawUrl + 'stranger', 'x,y'.split(',')[1]), [
    'error BAD_PROTOCOL',
    'close 1006 "" unclean',
  ])
})

events('what breaks the protocol ends with an error, after what came before it', async () => {
  // The code is 1006: the peer sent no Close frame, whatever ours says.
  assert.equal(await whole(rawUrl + 'violation'), [
    'open',
    'message "a"',
    'error RESERVED_OPCODE',
    'close 1006 "" unclean',
  ])
  assert.equal(await whole(rawUrl + 'invalid-text'), [
    'open',
    'error INVALID_UTF8',
    'close 1006 "" unclean',
  ])
  assert.equal(await whole(rawUrl + 'lost'), [
    'open',
    'message "hi"',
    'error CONNECTION_ENDED',
    'close 1006 "" unclean',
  ])
})

events('a subprotocol that was asked for must be chosen', async () => {
  const socket = new WebSocket(server.url, ['chat', 'other'])
  const { lines } = logOf(socket)
  await next(socket, 'open')
  assert.is(socket.protocol, 'chat')
  assert.equal(lines, ['open protocol chat'])
  socket.close()
  await next(socket, 'close')
  // The server chooses none where one is called so.
  assert.equal(await whole(server.url, ['none']), ['error BAD_PROTOCOL', 'close 1006 "" unclean'])
})

events('everything in one packet is told in order, and awaited promises see it', async () => {
  const socket = new WebSocket(rawUrl + 'at-once')
  const states: number[] = []
  for (const type of ['open', 'message', 'close'] as const) {
    await next(socket, type)
    states.push(socket.readyState)
  }
  assert.equal(states, [1, 2, 3])
  assert.equal(await whole(rawUrl + 'at-once'), [
    'open',
    'message "hello"',
    'close 1001 "PASS" clean',
  ])
})

events('the event objects are those of the standard', async () => {
  const socket = new WebSocket(rawUrl + 'violation')
  const seen: Event[] = []
  for (const type of ['open', 'message', 'error', 'close']) {
    socket.addEventListener(type, (event: Event) => {
      assert.ok(event.target === socket && event.currentTarget === socket)
      assert.is(socket.readyState, ['error', 'close'].includes(type) ? 3 : 1)
      seen.push(event)
    })
  }
  await next(socket, 'close')
  assert.is(seen[1].constructor, MessageEvent)
  assert.equal([seen[0], seen[2], seen[3]].map(String), [
    '[object Event]',
    '[object Event]',
    '[object CloseEvent]',
  ])
  assert.ok(seen.every((event) => event instanceof Event && !event.bubbles && !event.cancelable))
  const [, message, error, close] = seen as unknown as Record<string, unknown>[]
  assert.is(message.origin, rawUrl.slice(0, -1))
  assert.is(message.lastEventId, '')
  assert.is((error.error as { id: string }).id, 'RESERVED_OPCODE')
  assert.match(String(error.message), /^RESERVED_OPCODE: /)
  assert.equal([close.code, close.reason, close.wasClean], [1006, '', false])
  // Libraries make events anew by their constructors.
  const copy = new (close.constructor as new (type: string, init: unknown) => CloseEvent)('close', {
    code: 4000,
    reason: 'copied',
    wasClean: true,
  })
  assert.equal([copy.type, copy.code, copy.reason, copy.wasClean], ['close', 4000, 'copied', true])
  assert.throws(() => (copy.code = 1), TypeError)
  assert.is(copy.constructor.name, 'CloseEvent')
  const attributes = Object.keys(copy.constructor.prototype)
  assert.equal(attributes.sort(), ['code', 'reason', 'wasClean'])
})

interface CloseEvent extends Event {
  code: number
  reason: string
  wasClean: boolean
}

events('close before the connection is open fails it, later', async () => {
  const socket = new WebSocket(server.url)
  const { lines, closed } = logOf(socket)
  socket.close(1000, 'reason')
  assert.is(socket.readyState, 2)
  socket.close()
  assert.equal(lines, [])
  assert.equal(await closed, ['error CLOSED_EARLY', 'close 1006 "" unclean'])
})

events('close twice, and again in the handlers, is one close', async () => {
  const socket = new WebSocket(server.url)
  const { closed } = logOf(socket)
  socket.onopen = () => {
    socket.close(3000, 'first')
    socket.close(3001, 'second')
  }
  socket.onclose = () => socket.close()
  assert.equal(await closed, ['open', 'close 3000 "first" clean'])
})

events('a reason without a code goes out behind 1000', async () => {
  const socket = new WebSocket(server.url)
  const { closed } = logOf(socket)
  socket.onopen = () => socket.close(undefined, '\ud800 why')
  assert.equal(await closed, ['open', 'close 1000 "\ufffd why" clean'])
})

events('a peer that answers no Close frame is left, without an error', async () => {
  const socket = new WebSocket(rawUrl + 'never-closes', [], { closeTimeout: 100 })
  const { closed } = logOf(socket)
  socket.onopen = () => socket.close(1000)
  assert.equal(await closed, ['open', 'close 1006 "" unclean'])
})

events('when the peer has closed, readyState is CLOSING after the last message', async () => {
  const socket = new WebSocket(rawUrl + 'keeps', [], { closeTimeout: 300 })
  const { closed } = logOf(socket)
  const states: number[] = []
  socket.onmessage = () => {
    states.push(socket.readyState)
    setTimeout(() => {
      states.push(socket.readyState)
      socket.send('lost')
      states.push(socket.bufferedAmount)
    }, 20)
  }
  assert.equal(await closed, ['open', 'message "a"', 'close 4000 "" clean'])
  assert.equal(states, [1, 2, 4])
})

events('terminate drops the connection, and tells only the end', async () => {
  const socket = new WebSocket(server.url)
  const { closed } = logOf(socket)
  socket.onopen = () => socket.terminate()
  assert.equal(await closed, ['open', 'close 1006 "" unclean'])
  socket.terminate()
})

events('bufferedAmount grows with each send, and falls when the task is over', async () => {
  const socket = new WebSocket(server.url)
  await next(socket, 'open')
  let sum = 0
  for (const data of [
    'text',
    '\u00e4\u20ac\u{1f600}\ud800',
    'x'.repeat(50000),
    new Uint8Array(9000),
  ]) {
    socket.send(data)
    sum += Buffer.byteLength(data as string)
    assert.is(socket.bufferedAmount, sum)
  }
  socket.send(new Blob(['0123456789']))
  assert.is(socket.bufferedAmount, sum + 10)
  await Promise.resolve()
  assert.is(socket.bufferedAmount, sum + 10, 'the same task')
  for (let i = 0; i < 5; i++) await next(socket, 'message')
  assert.is(socket.bufferedAmount, 0)
  socket.close()
  await next(socket, 'close')
})

events('what is sent in CLOSING and CLOSED is lost, and counted', async () => {
  const socket = new WebSocket(server.url)
  await next(socket, 'open')
  socket.close()
  socket.send('four')
  assert.is(socket.bufferedAmount, 4)
  await next(socket, 'close')
  socket.send(new Uint8Array(3))
  socket.send(new Blob(['12']))
  assert.is(socket.bufferedAmount, 9)
  await new Promise((resolve) => setTimeout(resolve, 5))
  assert.is(socket.bufferedAmount, 9)
})

events('what a peer never read stays counted after the end', async () => {
  const socket = new WebSocket(rawUrl + 'reads-nothing')
  await next(socket, 'open')
  const message = new Uint8Array(1 << 20)
  for (let i = 0; i < 32; i++) socket.send(message)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const before = socket.bufferedAmount
  assert.ok(before > 1 << 20 && before < 32 << 20, String(before))
  socket.terminate()
  await next(socket, 'close')
  assert.ok(socket.bufferedAmount > 1 << 20 && socket.bufferedAmount <= before)
})

events('close comes behind what waits, and behind a Blob that is being read', async () => {
  const received: string[] = []
  let onPeerClose = () => {}
  const peerClose = new Promise<void>((resolve) => {
    onPeerClose = resolve
  })
  const collector = await startServer((peer) => {
    peer.on('message', (message: Buffer) => received.push(String(message.length)))
    peer.on('close', (code) => {
      received.push('close ' + code)
      onPeerClose()
    })
  })
  const socket = new WebSocket(collector.url)
  const { closed } = logOf(socket)
  socket.onopen = () => {
    socket.send(new Uint8Array(100000))
    socket.send(new Blob([new Uint8Array(200000)]))
    socket.send('12')
    socket.close(4000)
  }
  assert.equal(await closed, ['open', 'close 4000 "" clean'])
  await peerClose
  await collector.close()
  assert.equal(received, ['100000', '200000', '2', 'close 4000'])
  assert.is(socket.bufferedAmount, 0)
})

events('maxBufferedAmount fails the connection', async () => {
  const socket = new WebSocket(rawUrl + 'reads-nothing', [], { maxBufferedAmount: 50000000 })
  const { closed } = logOf(socket)
  await next(socket, 'open')
  for (let i = 0; i < 50; i++) socket.send(new Uint8Array(1 << 20))
  assert.is(socket.bufferedAmount, 50 << 20)
  assert.equal(await closed, ['open', 'error SEND_BUFFER_FULL', 'close 1006 "" unclean'])
})

events('a Blob that cannot be read fails the connection', async () => {
  const socket = new WebSocket(server.url)
  const { closed } = logOf(socket)
  await next(socket, 'open')
  const blob = {
    size: 10,
    slice: () => blob,
    arrayBuffer: () => Promise.reject(new Error('gone')),
    [Symbol.toStringTag]: 'Blob',
  }
  socket.send(blob as never)
  assert.equal(await closed, ['open', 'error BAD_BLOB', 'close 1006 "" unclean'])
})

events(
  'options go to connect: headers, limits, extensions; as the third or as the second argument',
  async () => {
    const headers: (string | undefined)[] = []
    const limited = await startServer((peer, request) => {
      headers.push(request.headers['x-token'] as string)
      peer.send('x'.repeat(2000))
    })
    const options = { headers: { 'X-Token': 'secret' }, maxMessageSize: 1000 }
    const expected = ['open', 'error MESSAGE_TOO_BIG', 'close 1006 "" unclean']
    assert.equal(await whole(limited.url, [], options), expected)
    assert.equal(await whole(limited.url, undefined, options), expected)
    assert.equal(await logOf(new WebSocket(limited.url, options)).closed, expected)
    assert.equal(headers, ['secret', 'secret', 'secret'])
    await limited.close()

    const socket = new WebSocket(server.url, { protocols: ['chat'], extensions: [deflate()] })
    await next(socket, 'open')
    assert.equal([socket.protocol, socket.extensions], ['chat', ''])
    socket.close()
    await next(socket, 'close')
  },
)

events('takes messages of up to 100 MiB unless it is told otherwise', async () => {
  const tooLarge = ['open', 'error MESSAGE_TOO_BIG', 'close 1006 "" unclean']
  const begun = ['open', 'error CONNECTION_ENDED', 'close 1006 "" unclean']
  assert.equal(await whole(rawUrl + 'too-large'), tooLarge)
  assert.equal(await whole(rawUrl + 'largest'), begun)
  assert.equal(await whole(rawUrl + 'largest', [], { maxMessageSize: undefined }), begun)
  assert.equal(await whole(rawUrl + 'largest', [], { maxMessageSize: 104857599 }), tooLarge)
})

events('options are what the object has itself: a polluted prototype changes nothing', async () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  const evil = { sendBuffer: 'x', maxBufferedAmount: 0, protocols: ['x'], maxMessageSize: 0 }
  Object.assign(prototype, evil)
  const both = [new WebSocket(server.url, {}), new WebSocket(server.url, [], {})]
  for (const name of Object.keys(evil)) delete prototype[name]
  for (const socket of both) {
    socket.onopen = () => socket.send('x')
    socket.onmessage = () => socket.close()
  }
  for (const { closed } of both.map(logOf)) {
    assert.equal(await closed, ['open', 'message "x"', 'close 1005 "" clean'])
  }
})

events('ping sends one, and the events tell of both directions', async () => {
  const socket = new WebSocket(server.url + 'pinger')
  const log: string[] = []
  const add = ({ type, data }: { type: string; data: Uint8Array }) =>
    log.push(`${type} ${Buffer.from(data).toString('hex')}`)
  socket.addEventListener('ping', add)
  socket.onpong = add
  await next(socket, 'pong')
  assert.equal(log, ['ping 3031', 'pong 78'])
  assert.is(socket.ping(Uint8Array.of(7)), true)
  await next(socket, 'pong')
  assert.is(log.pop(), 'pong 07')
  socket.close()
  await next(socket, 'close')
})

events('between pause and resume nothing is told, and the peer is held back', async () => {
  let sent = 0
  const flood = await startServer((peer) => {
    const send = () => {
      if (peer.readyState !== 1 || sent === 400) return
      peer.send(new Uint8Array(1 << 16).fill(sent++), () => setImmediate(send))
    }
    send()
  })
  const socket = new WebSocket(flood.url)
  let received = 0
  socket.binaryType = 'uint8array'
  socket.onmessage = ({ data }) => {
    assert.is(data[0], received++ & 255)
    if (received === 3) socket.pause()
  }
  await next(socket, 'open')
  let last = -1
  // Until the network takes no more.
  while (last !== sent) {
    last = sent
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  assert.is(received, 3)
  assert.ok(sent < 400)
  socket.resume()
  while (received < 400) await next(socket, 'message')
  socket.pause()
  socket.close()
  await next(socket, 'close')
  await flood.close()
})

// A peer that echoes, and reads no more while it cannot write.
events(
  'close ends a pause: what was sent before leaves, though the peer waits to be read',
  async () => {
    const strict = await startServer((peer) => {
      peer.on('message', (message) => {
        peer.pause()
        peer.send(message, () => peer.resume())
      })
    })
    const socket = new WebSocket(strict.url)
    const { lines, closed } = logOf(socket)
    await next(socket, 'open')
    socket.pause()
    for (let i = 0; i < 300; i++) socket.send(new Uint8Array(1 << 16))
    await new Promise((resolve) => setTimeout(resolve, 300))
    assert.ok(socket.bufferedAmount > 0)
    socket.close(1000)
    socket.pause()
    await closed
    assert.equal(lines, ['open', 'close 1000 "" clean'])
    await strict.close()
  },
)

events('a pause before the connection is open does not hold back its opening', async () => {
  const socket = new WebSocket(server.url)
  const { lines } = logOf(socket)
  socket.pause()
  await next(socket, 'open')
  socket.send('held back')
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(lines, ['open'])
  socket.resume()
  await next(socket, 'message')
  socket.close()
  await next(socket, 'close')
})

events('during a pause the end is told, or waits behind a message until resume', async () => {
  const held = new WebSocket(rawUrl + 'violation')
  const { lines, closed } = logOf(held)
  await next(held, 'open')
  held.pause()
  await new Promise((resolve) => setTimeout(resolve, 200))
  assert.equal(lines, ['open'])
  held.resume()
  await closed
  assert.equal(lines, ['open', 'message "a"', 'error RESERVED_OPCODE', 'close 1006 "" unclean'])

  let stream!: TcpSocket
  const lost = new WebSocket(server.url, [], {
    createConnection: (options) => (stream = net.connect(options)),
  })
  const { closed: end } = logOf(lost)
  await next(lost, 'open')
  lost.pause()
  stream.destroy(new Error('lost'))
  assert.equal(await end, ['open', 'error CONNECTION_LOST', 'close 1006 "" unclean'])
})

events('when the peer has closed, ping is false while messages are still to be told', async () => {
  const socket = new WebSocket(rawUrl + 'at-once')
  const told: unknown[] = []
  socket.onmessage = () => told.push(socket.readyState, socket.ping())
  await next(socket, 'close')
  assert.equal(told, [1, false])
})

events('the end ends a pause', async () => {
  const socket = new WebSocket(server.url)
  const { closed } = logOf(socket)
  await next(socket, 'open')
  socket.pause()
  socket.terminate()
  assert.equal(await closed, ['open', 'close 1006 "" unclean'])
})

events('what a binaryType of the user throws loses its message alone', async () => {
  const thrown: unknown[] = []
  const Parsing = webSocketOver(connect, {
    binaryTypes: { json: (bytes) => JSON.parse(Buffer.from(bytes).toString()) },
    queueTask: (task) =>
      setImmediate(() => {
        try {
          task()
        } catch (error) {
          thrown.push(error)
        }
      }),
  })
  const socket = new Parsing(server.url)
  const told: unknown[] = []
  socket.onmessage = ({ data }) => told.push(data)
  await next(socket, 'open')
  for (const text of ['[1]', '{', '[2]']) socket.send(Buffer.from(text))
  while (told.length < 2) await new Promise((resolve) => setImmediate(resolve))
  socket.close(1000)
  await next(socket, 'close')
  assert.equal(told, [[1], [2]])
  assert.equal((thrown[0] as Error).name, 'SyntaxError')
})

events('what a listener throws is reported, and the others are called', async () => {
  const socket = new WebSocket(server.url)
  const errors: string[] = []
  const onError = (error: Error) => errors.push(error.message)
  process.on('uncaughtException', onError)
  socket.onopen = () => {
    throw new Error('thrown')
  }
  const { lines, closed } = logOf(socket)
  await next(socket, 'open')
  socket.close()
  await closed
  process.off('uncaughtException', onError)
  assert.equal(errors, ['thrown'])
  assert.equal(lines, ['open', 'close 1005 "" clean'])
})

events.run()
