// The WebSocket class over real sockets: messages of every kind, in order, both ways.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { echo, logOf, next, type Server, startServer, WebSocket } from './harness'

const messages = suite('WebSocket messages')
let server: Server

messages.before(async () => {
  server = await startServer((peer, { url }) => {
    if (url === '/three') {
      for (const text of ['one', 'two', 'three']) peer.send(text)
      return peer.close(1000, 'sent')
    }
    echo(peer)
  })
})

messages.after(() => server.close())

messages('each message has bytes of its own, though the receive ring is a Buffer', async () => {
  const socket = new WebSocket(server.url, [], { receiveBuffer: Buffer.alloc(256) })
  const { lines, closed } = logOf(socket)
  socket.binaryType = 'arraybuffer'
  await next(socket, 'open')
  socket.send(Uint8Array.of(1, 2))
  socket.send(Uint8Array.of(3))
  await next(socket, 'message')
  await next(socket, 'message')
  socket.close()
  await closed
  assert.equal(lines.slice(1, 3), ['message arraybuffer 0102', 'message arraybuffer 03'])
})

messages('everything that can be sent comes back, in the order of the sends', async () => {
  const socket = new WebSocket(server.url)
  const { lines, closed } = logOf(socket)
  socket.binaryType = 'arraybuffer'
  await next(socket, 'open')
  const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)
  socket.send('text')
  socket.send(new Blob(['blob', bytes]))
  socket.send(bytes)
  socket.send(bytes.buffer)
  socket.send(new DataView(bytes.buffer, 2, 3))
  socket.send(new Uint16Array(bytes.buffer, 4, 1))
  socket.send(Buffer.from('ff00', 'hex'))
  socket.send('')
  socket.send(new Uint8Array(0))
  socket.send(new Blob([]))
  socket.send(null as unknown as string)
  socket.send({ toString: () => 'object' } as unknown as string)
  socket.send('\ud800')
  socket.close(1000, 'done')
  assert.is(socket.readyState, 2)
  await closed
  // Closing: what comes back now is no longer told.
  assert.equal(lines, ['open', 'close 1000 "done" clean'])

  const second = new WebSocket(server.url)
  const log = logOf(second)
  second.binaryType = 'arraybuffer'
  await next(second, 'open')
  second.send('text')
  second.send(new Blob(['blob', bytes]))
  second.send(new DataView(bytes.buffer, 2, 3))
  second.send(new Uint16Array(bytes.buffer, 4, 1))
  second.send(Buffer.from('ff00', 'hex'))
  second.send('')
  second.send(new Uint8Array(0))
  second.send(new Blob([]))
  second.send(null as unknown as string)
  second.send({ toString: () => 'object' } as unknown as string)
  second.send('\ud800')
  second.send('last')
  while (!log.lines.includes('message "last"')) await next(second, 'message')
  second.close()
  assert.equal(await log.closed, [
    'open',
    'message "text"',
    'message arraybuffer 626c6f620001020304050607',
    'message arraybuffer 020304',
    'message arraybuffer 0405',
    'message arraybuffer ff00',
    'message ""',
    'message arraybuffer ',
    'message arraybuffer ',
    'message "null"',
    'message "object"',
    'message "\ufffd"',
    'message "last"',
    'close 1005 "" clean',
  ])
})

messages(
  'each message comes in a turn of its own, and promises are settled before the next',
  async () => {
    const socket = new WebSocket(server.url + 'three')
    const seen: string[] = []
    const nextMessage = async () =>
      new Promise<string>((resolve) => {
        socket.onmessage = ({ data }) => resolve(data)
      })
    await next(socket, 'open')
    for (let i = 0; i < 3; i++) seen.push(await nextMessage())
    assert.equal(seen, ['one', 'two', 'three'])
  },
)

messages('binaryType decides when the event comes', async () => {
  const socket = new WebSocket(server.url)
  const { lines, closed } = logOf(socket)
  assert.is(socket.binaryType, 'blob')
  await next(socket, 'open')
  const types = ['blob', 'arraybuffer', 'uint8array', 'nodebuffer', 'nonsense']
  for (const type of types) {
    socket.binaryType = type
    socket.send(Uint8Array.of(1, 2))
    await next(socket, 'message')
  }
  socket.close()
  await closed
  assert.equal(lines.slice(1, -1), [
    'message blob 2',
    'message arraybuffer 0102',
    'message uint8array 0102',
    'message buffer 0102',
    'message buffer 0102',
  ])
})

messages('what is sent may be changed at once, however large', async () => {
  const socket = new WebSocket(server.url)
  socket.binaryType = 'uint8array'
  await next(socket, 'open')
  for (const size of [100, 5000, 300000]) {
    for (const times of [1, 3]) {
      const bytes = new Uint8Array(size)
      for (let i = 1; i <= times; i++) {
        bytes.fill(i)
        socket.send(bytes)
      }
      bytes.fill(9)
      for (let i = 1; i <= times; i++) {
        const { data } = (await next(socket, 'message')) as { data: Uint8Array }
        assert.is(data.length, size)
        assert.ok(data.every((value) => value === i))
      }
    }
  }
  socket.close()
  await next(socket, 'close')
})

messages.run()
