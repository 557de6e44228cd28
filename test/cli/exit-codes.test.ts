// Every way in which a session ends, and its exit code. The peers are those of the runtimes' catalogue.

import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startPeers } from '../runtime/peers.mjs'
import { GOOD_HEAD } from '../runtime/session.mjs'
import { type Ended, ended, launch, run } from '../support/command-line'

const exits = suite('exit codes of the command line')
const peers = await startPeers()
const { places } = peers
const directory = mkdtempSync(join(tmpdir(), 'ringlet-cli-'))
const ca = join(directory, 'ca.pem')
const cert = join(directory, 'cert.pem')
const key = join(directory, 'key.pem')
writeFileSync(ca, peers.ca)
writeFileSync(cert, peers.client.cert)
writeFileSync(key, peers.client.key)

const WARNING = 'ringlet: WARNING: --insecure: the certificate of the server is NOT verified\n'

exits.after(() => {
  peers.stop()
  rmSync(directory, { recursive: true })
})

function raw(...steps: unknown[]): string {
  return places.plain + '/raw?steps=' + encodeURIComponent(JSON.stringify(steps))
}

const opened = (...steps: unknown[]) => raw(['write', { head: GOOD_HEAD }], ...steps)

/** An end: what is run, with `go` as the input, which stays open; the exit code; what is printed, and what goes to stderr. */
const ENDS: [string, string[], number, string, string | RegExp][] = [
  ['1000', [places.plain + '/close?late=1&code=1000'], 0, '', ''],
  ['no close code', [places.plain + '/close?late=1'], 0, '', ''],
  ['TCP refused', [places.refused], 3, '', /^ringlet: CONNECT_FAILED: .*ECONNREFUSED.*\n$/],
  [
    'a certificate that is not trusted',
    [places.secure + '/echo'],
    3,
    '',
    /^ringlet: CONNECT_FAILED: .* \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)\n$/,
  ],
  [
    'the certificate of another host',
    ['--ca', ca, places.stranger + '/echo'],
    3,
    '',
    /^ringlet: CONNECT_FAILED: .* \(ERR_TLS_CERT_ALTNAME_INVALID\)\n$/,
  ],
  [
    'no answer',
    ['--connect-timeout', '0.1', raw()],
    3,
    '',
    'ringlet: HANDSHAKE_TIMEOUT: the peer is silent\n',
  ],
  ['an end before the answer', [raw(['fin'])], 3, '', /^ringlet: CONNECTION_ENDED: .*\n$/],
  [
    '404',
    [raw(['write', { head: 'HTTP/1.1 404 Not Found\r\n\r\n' }])],
    4,
    '',
    'ringlet: BAD_STATUS: 404, expected 101\n',
  ],
  [
    'no HTTP',
    [raw(['write', { head: 'SSH-2.0-x\r\n\r\n' }])],
    4,
    '',
    /^ringlet: BAD_RESPONSE: .*\n$/,
  ],
  [
    'another subprotocol than was asked for',
    ['-s', 'one', places.plain + '/echo?choose=two'],
    4,
    '',
    /^ringlet: BAD_PROTOCOL: .*\n$/,
  ],
  [
    'a violation',
    [opened(['write', '81 01 78 83 00'])],
    5,
    'x\n',
    /^ringlet: RESERVED_OPCODE: .*\n$/,
  ],
  [
    'a message above --max-size',
    ['--max-size', '4', opened(['write', '81 04 61626364 82 05 6162636465'])],
    5,
    'abcd\n',
    /^ringlet: MESSAGE_TOO_BIG: .*\n$/,
  ],
  [
    '1001',
    [places.plain + '/close?code=1001&reason=bye'],
    6,
    '',
    'ringlet: closed with 1001: bye\n',
  ],
  ['4000', [places.plain + '/close?code=4000'], 6, '', 'ringlet: closed with 4000\n'],
  ['no Close frame', [opened(['fin'])], 7, '', /^ringlet: CONNECTION_ENDED: .*\n$/],
  [
    'a reset',
    [places.plain + '/terminate?late=1'],
    7,
    '',
    /^ringlet: CONNECTION_(ENDED|LOST): .*\n$/,
  ],
]

for (const [name, args, code, out, err] of ENDS) {
  exits(`${code}: ${name}`, async () => {
    const end = await run(args, 'go\n', true)
    assert.equal([end.code, end.out], [code, out])
    if (typeof err === 'string') assert.is(end.err, err)
    else assert.match(end.err, err)
  })
}

exits('0: --ca trusts an authority, --cert and --key show who the client is', async () => {
  const expected: Ended = { code: 0, out: 'go\n', err: '' }
  assert.equal(await run(['--ca', ca, places.secure + '/echo'], 'go\n'), expected)
  const args = ['--ca', ca, '--cert', cert, '--key', key, places.client + '/echo']
  assert.equal(await run(args, 'go\n'), expected)
})

exits('0: --insecure takes any certificate, and says so, by each of its names', async () => {
  for (const name of ['-k', '--insecure', '--no-check']) {
    const end = await run([name, places.stranger + '/echo'], 'go\n')
    assert.equal(end, { code: 0, out: 'go\n', err: WARNING })
  }
  assert.is((await run(['-k', places.plain + '/echo'], 'go\n')).err, '')
})

exits('0: subprotocols and fields are in the request', async () => {
  const args = ['-s', 'a', '-s', 'b', '-H', 'X-One: 1', '-H', 'Authorization: Bearer x']
  const { code, out } = await run([...args, places.plain + '/request', '--messages', '1'])
  const request = JSON.parse(out)
  assert.is(code, 0)
  for (const line of ['Sec-WebSocket-Protocol: a, b', 'X-One: 1', 'Authorization: Bearer x']) {
    assert.ok(request.includes(line), line)
  }
})

exits('7: the server does not answer pings', async () => {
  // A pong has 10 seconds: the library's own tests cover that. Here the peer goes while one is awaited.
  const url = opened(['hold'], ['frames', 1], ['reset'])
  const { code, err } = await run(['--ping', '0.05', url], '', true)
  assert.is(code, 7)
  assert.match(err, /^ringlet: CONNECTION_(ENDED|LOST): .*\n$/)
})

exits('7: the server does not close', async () => {
  const { code, out, err } = await run(['--close-timeout', '1', opened(['hold'])], 'go\n')
  assert.equal([code, out], [7, ''])
  assert.is(err, 'ringlet: CLOSE_TIMEOUT: the server does not close\n')
})

exits('130: SIGINT before it is open', async () => {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    child.kill('SIGINT')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const child = launch(['ws://127.0.0.1:' + (server.address() as { port: number }).port])
  assert.equal(await ended(child), { code: 130, out: '', err: '' })
  for (const socket of sockets) socket.destroy()
  server.close()
})

exits.run()
