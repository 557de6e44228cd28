// The echo client of `npm run conformance`, against a server that does not read for a while: what it sends back
// is what came, in order and to the byte, in both modes, and through the relay.

import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'
import { connect } from '../../targets/node'
import { modeNames, runCase } from './echo.mjs'
import { startRelay } from './relay.mjs'

const echo = suite('conformance echo client')

/** Larger than the kernel's buffers on both ways. */
const LARGE = 12 * 1024 * 1024

function bytes(length: number): Buffer {
  const made = Buffer.alloc(length)
  for (let i = 0; i < length; i++) made[i] = (i * 167) ^ (i >> 8) ^ (i >> 16)
  return made
}

const messages: [name: string, payload: Buffer, isBinary: boolean][] = [
  ['no text', Buffer.from(''), false],
  ['no bytes', Buffer.alloc(0), true],
  ['a text', Buffer.from('Grüße, 你好, 🙂'), false],
  ['a text larger than both rings', Buffer.from('🙂é€x'.repeat(2000)), false],
  ['bytes that fill a ring', bytes(4096), true],
  ['many bytes', bytes(LARGE), true],
  ['bytes that come while those are sent', bytes(LARGE).reverse(), true],
  ['a last text', Buffer.from('the end'), false],
]

function digest(payload: Buffer, isBinary: boolean): string {
  const hash = createHash('sha256').update(payload).digest('hex').slice(0, 16)
  return (isBinary ? 'binary ' : 'text ') + payload.length + ' ' + hash
}

/** Runs one case against a server that begins to read when it has written everything. */
async function run(mode: string, isRelayed: boolean): Promise<string[]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.on('listening', resolve))
  const url = 'ws://127.0.0.1:' + (server.address() as AddressInfo).port
  const log: string[] = []
  let onServerClose = () => {}
  const serverClosed = new Promise<void>((resolve) => {
    onServerClose = resolve
  })
  server.on('connection', (socket) => {
    socket.pause()
    messages.forEach(([, payload, isBinary], i) => {
      // In fragments, with a ping between them.
      const half = payload.length >> 1
      socket.send(payload.subarray(0, half), { binary: isBinary, fin: false })
      socket.ping(String(i))
      socket.send(payload.subarray(half), { binary: isBinary, fin: true })
    })
    setTimeout(() => socket.resume(), 200)
    socket.on('message', (payload: Buffer, isBinary) => {
      log.push(digest(payload, isBinary))
      if (log.length === messages.length) socket.close(1000)
    })
    socket.on('close', (code) => {
      log.push('close ' + code)
      onServerClose()
    })
  })
  const outcome = await runCase(connect, isRelayed ? await startRelay(url) : url, {
    mode,
    limit: 60000,
  })
  await serverClosed
  log.push(outcome.error || (outcome.isTimedOut ? 'timed out' : 'ended'))
  await new Promise((resolve) => server.close(resolve))
  return log
}

const expected = [
  ...messages.map(([, payload, isBinary]) => digest(payload, isBinary)),
  'close 1000',
  'ended',
]

for (const mode of modeNames) {
  for (const isRelayed of [false, true]) {
    echo(mode + (isRelayed ? ', relayed' : ''), async () => {
      assert.equal(await run(mode, isRelayed), expected)
    })
  }
}

echo.run()
