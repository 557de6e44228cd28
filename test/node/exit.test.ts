// Nothing is left when the last connection has ended: no timer, no socket. A process that does nothing else ends by
// itself, after each way that a connection can end.

import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { built } from '../runtime/built'
import { startPeers } from '../runtime/peers.mjs'

await built()
const peers = await startPeers()
const exits = suite('exit')
const { plain, refused, secure } = peers.places
const raw = (...steps: unknown[][]) =>
  plain + '/raw?key=exit&steps=' + encodeURIComponent(JSON.stringify(steps))
const HEAD =
  'HTTP/1.1 101\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $ACCEPT\r\n\r\n'

/** Every deadline is an hour: one that was left would keep the process for so long. */
const PROGRAM = `
  const { connect } = await import(process.argv[1])
  const url = process.argv[2]
  const hour = 3600000
  const options = {
    handshakeTimeout: hour, closeTimeout: hour, idleTimeout: hour, pingInterval: hour, pongTimeout: hour,
    tls: { ca: process.argv[4] },
  }
  const act = new Function('socket', process.argv[3])
  const socket = connect(url, {
    onOpen(socket) { act(socket) },
    onClose(code, reason) { console.log(code, reason) },
  }, options)
  if (process.argv[3].startsWith('/* now */')) act(socket)
`

/** What a process prints that makes one connection, and ends by itself. */
function outcome(url: string, act: string): Promise<string> {
  const bundle = fileURLToPath(new URL('../../dist/node.js', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', PROGRAM, bundle, url, act, peers.ca],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  // Far longer than it takes: what is killed did not end by itself.
  const timer = setTimeout(() => child.kill('SIGKILL'), 15000)
  return new Promise((done) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      done(output.trim() + (signal ? ', killed' : ', exit ' + code))
    })
  })
}

for (const [name, url, act, expected] of [
  ['the closing handshake', plain + '/echo', 'socket.close(1000)', '1000'],
  ["the peer's closing handshake", plain + '/close?code=1001', '', '1001'],
  ['abort', plain + '/echo', 'socket.abort()', '1006'],
  ['abort while connecting', plain + '/echo', '/* now */ socket.abort()', '1006'],
  ['close while connecting', plain + '/echo', '/* now */ socket.close()', '1006'],
  ['abort while paused', plain + '/messages?n=10', 'socket.pause(); socket.abort()', '1006'],
  [
    'abort in the middle of a large send',
    plain + '/slow?key=never',
    'socket.sendBinary(new Uint8Array(1 << 24)); setTimeout(() => socket.abort(), 50)',
    '1006',
  ],
  ['a refusal', refused + '/', '', '1006 CONNECT_FAILED'],
  ['a status', raw(['write', { head: 'HTTP/1.1 404\r\n\r\n' }]), '', '1006 BAD_STATUS'],
  ['a violation', raw(['write', { head: HEAD }, '8f00']), '', '1002 RESERVED_OPCODE'],
  [
    'a violation, paused',
    raw(['write', { head: HEAD }], ['wait', 30], ['write', '8f00']),
    'socket.pause(); setTimeout(() => socket.resume(), 60)',
    '1002 RESERVED_OPCODE',
  ],
  ['FIN', raw(['write', { head: HEAD }], ['fin']), '', '1006 CONNECTION_ENDED'],
  ['the closing handshake with TLS', secure + '/echo', 'socket.close(1000)', '1000'],
  ['abort with TLS', secure + '/echo', 'socket.abort()', '1006'],
] as const) {
  exits('ends by itself after ' + name, async () => {
    assert.is(await outcome(url, act), expected + ', exit 0')
  })
}

exits('an exception in a callback ends a process that does not catch it', async () => {
  const code = `process.on('uncaughtException', (error) => { console.log(error.message); process.exit(7) });
    queueMicrotask(() => socket.close(1000)); throw new Error('from onOpen')`
  assert.is(await outcome(plain + '/echo', code), 'from onOpen, exit 7')
})

exits.after(() => peers.stop())
exits.run()
