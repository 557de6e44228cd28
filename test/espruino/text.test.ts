// Texts where Espruino's strings are made of characters, over a network in memory: what is sent is always UTF-8.

import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryEngine } from './memory-engine'

const texts = suite('texts of characters on Espruino')

const HEAD =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

function open() {
  const engine = new MemoryEngine({ hasCharacters: true })
  const socket = engine.connect('ws://h/')
  engine.last.tell('drain')
  engine.last.tell('data', HEAD)
  engine.last.written = ''
  return { socket, wire: engine.last }
}

/** The payload of the short frame that was written. */
function payloadOf(frame: string): Buffer {
  const bytes = Buffer.from(frame, 'latin1')
  return Buffer.from(bytes.subarray(6).map((byte, i) => byte ^ bytes[2 + (i % 4)]))
}

for (const text of ['21.5 \xb0C', '\x80\xbf\xc0\xff', 'caf\xe9', '\u20ac 5', '\xb0 \u20ac', '😀']) {
  texts('are sent in UTF-8: ' + JSON.stringify(text), () => {
    const { socket, wire } = open()
    assert.is(socket.sendText(text), true)
    assert.is(payloadOf(wire.written).toString(), text)
  })
  texts('end a connection in UTF-8: ' + JSON.stringify(text), () => {
    const { socket, wire } = open()
    socket.close(1000, text)
    assert.is(payloadOf(wire.written).subarray(2).toString(), text)
  })
}

texts('that a join in the engine has broken are refused', () => {
  const { socket, wire } = open()
  const broken = '\u20ac\udcb0'
  for (const send of [() => socket.sendText(broken), () => socket.close(1000, broken)]) {
    assert.throws(send, (error: Error) => error.message === 'BAD_TEXT: byte 3')
  }
  assert.is(wire.written, '')
})

texts.run()
