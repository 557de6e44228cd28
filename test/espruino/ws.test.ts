// A script written for Espruino's own module `ws`, over the built `dist/espruino-ws.js` in the stand-in.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'
import type { WebSocket, WebSocketOptions } from '../../dist/espruino-ws'
import { BUNDLE } from '../runtime/espruino/environment.mjs'
import { Espruino } from '../runtime/espruino/stand-in.mjs'

const dropIn = suite('in place of Espruino’s ws')
const file = fileURLToPath(new URL('../../dist/espruino-ws.js', import.meta.url))

type Constructor = new (host: string, options: WebSocketOptions) => WebSocket

function load(): Constructor {
  const engine = new Espruino({ hasCharacters: false })
  engine.addModule('ringlet', BUNDLE)
  return engine.load(file) as never
}

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
const seen: string[] = []
server.on('connection', (peer, request) => {
  const { origin, 'x-board': board, 'sec-websocket-protocol': protocol } = request.headers
  seen.push([request.url, origin, board, protocol].join(' '))
  peer.on('message', (bytes, isBinary) => {
    seen.push((isBinary ? 'binary ' : 'text ') + bytes)
    if (String(bytes) === 'bye') peer.close(4000, 'as you say')
    else peer.send(bytes, { binary: isBinary })
  })
  peer.on('ping', (bytes) => seen.push('ping ' + bytes))
  peer.ping('p')
})
await once(server, 'listening')
const { port } = server.address() as AddressInfo

dropIn('constructor, options, events, send and close', async () => {
  const log: string[] = []
  const ws = new (load())('127.0.0.1', {
    path: '/echo',
    port,
    protocolVersion: 13,
    protocol: 'echo-protocol',
    origin: 'Pico',
    keepAlive: 60,
    headers: { 'X-Board': '1' },
  })
  const over = new Promise<void>((done) => {
    for (const event of ['handshake', 'open', 'ping', 'pong', 'close', 'error']) {
      ws.on(event, (...values: never[]) => {
        log.push([event, ...values].join(' '))
        if (event === 'close') done()
      })
    }
    ws.on('message', (message: string | Uint8Array) => {
      log.push(typeof message === 'string' ? 'message ' + message : 'bytes ' + message.join())
      if (message === 'last') ws.send('bye')
    })
  })
  // Before it is open, as the module's own example has it.
  ws.send('Hello Server')
  ws.send('p', 0x89)
  ws.send('ab', 0x82)
  ws.send('last')
  await over
  assert.equal(log.filter((line) => line !== 'ping').sort(), [
    'bytes 97,98',
    'close 4000 as you say',
    'handshake',
    'message Hello Server',
    'message last',
    'open',
    'pong',
  ])
  assert.is(log[0], 'handshake')
  assert.is(log[log.length - 1], 'close 4000 as you say')
  assert.ok(log.includes('ping'))
  assert.equal(seen, [
    '/echo Pico 1 echo-protocol',
    'text Hello Server',
    'ping p',
    'binary ab',
    'text last',
    'text bye',
  ])
})

dropIn('what waits has a bound', async () => {
  const ws = new (load())('127.0.0.1', { port })
  const piece = 'x'.repeat(1000)
  const taken = [1, 2, 3, 4, 5].map(() => ws.send(piece))
  assert.equal(taken, [true, true, true, true, false])
  ws.close()
})

dropIn.after(async () => {
  for (const peer of server.clients) peer.terminate()
  server.close()
  await once(server, 'close')
})

dropIn.run()
