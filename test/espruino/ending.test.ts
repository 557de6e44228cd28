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

endings.run()
