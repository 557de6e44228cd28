// How a connection on Espruino ends, over a network in memory.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryEngine } from './memory-engine'

const endings = suite('ends on Espruino')

const HEAD =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

for (const [name, bytes] of [
  ['the peer closes', '\x88\0'],
  ['the peer breaks a rule', '\xff'],
  ['the network ends', ''],
]) {
  endings('what was taken and never left is told by bufferedAmount: ' + name, async () => {
    const engine = new MemoryEngine()
    let opened = false
    const left = await new Promise<number>((resolve) => {
      const socket = engine.connect('ws://h/', {
        onOpen: () => (opened = true),
        onClose: () => resolve(socket.bufferedAmount),
      })
      engine.last.tell('drain')
      engine.last.tell('data', HEAD)
      assert.is(opened, true)
      // It takes no more than this of it: Espruino has not written the first piece yet.
      assert.is(socket.sendBinary(new Uint8Array(5000)), true)
      if (bytes) engine.last.tell('data', bytes)
      engine.last.tell('close')
    })
    assert.ok(left > 4000, left + ' bytes')
  })
}

/** An open connection whose network writes nothing any more, and what it tells at its end. */
function open() {
  const engine = new MemoryEngine()
  const ends: string[] = []
  const socket = engine.connect(
    'ws://h/',
    {
      onClose(code, reason) {
        ends.push(`${code} ${reason}, ${socket.bufferedAmount} left`)
      },
    },
    { sendBuffer: 256 },
  )
  engine.last.tell('data', HEAD)
  // What Espruino takes at once, and a buffer of ours.
  while (socket.sendBinary(new Uint8Array(100)));
  return { socket, wire: engine.last, ends }
}

/** `onClose` comes in a turn of its own. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 20))

endings('a ping that waits for room for its pong does not outlast the connection', async () => {
  const { wire, ends } = open()
  wire.tell('data', '\x89\x64' + 'x'.repeat(100))
  assert.equal(ends, [])
  wire.tell('close')
  await turn()
  assert.is(ends.length, 1)
  assert.match(ends[0], /^1006 CONNECTION_ENDED, [1-9]/)
})

endings('the end is told during a pause if it leaves something unsent', async () => {
  const { socket, wire, ends } = open()
  // Paused until there is room, which never comes.
  socket.pause()
  wire.tell('close')
  await turn()
  assert.is(ends.length, 1)
  assert.match(ends[0], /^1006 CONNECTION_ENDED, [1-9]/)
})

endings('the end waits for the end of a pause if all has been sent', async () => {
  const { socket, wire, ends } = open()
  for (let i = 0; i < 9; i++) wire.tell('drain')
  assert.is(socket.bufferedAmount, 0)
  socket.pause()
  wire.tell('close')
  await turn()
  assert.equal(ends, [])
  socket.resume()
  await turn()
  assert.equal(ends, ['1006 CONNECTION_ENDED, 0 left'])
})

endings('abort() leaves the count of what waited', async () => {
  const { socket, wire, ends } = open()
  const { bufferedAmount } = socket
  assert.ok(bufferedAmount > 0)
  socket.abort()
  wire.tell('drain')
  await turn()
  assert.equal(ends, [`1006 , ${bufferedAmount} left`])
})

endings.run()
