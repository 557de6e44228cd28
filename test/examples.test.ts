// Every example runs, as its first line says. The bundle was built by `npm test`.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'

const examples = suite('examples')
const root = fileURLToPath(new URL('..', import.meta.url))
const tried: string[] = []

/** Runs an example against a server that answers a message with `answer`; what it prints, and its exit code. */
async function run(
  name: string,
  args: string[],
  input: Buffer,
  answer: (peer: WebSocket, message: RawData, isBinary: boolean) => void,
): Promise<{ code: number | null; out: string; err: string }> {
  tried.push(name)
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.on('listening', resolve))
  server.on('connection', (peer) => {
    peer.on('message', (message, isBinary) => answer(peer, message, isBinary))
    peer.on('error', () => undefined)
  })
  const url = 'ws://127.0.0.1:' + (server.address() as AddressInfo).port + '/'
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['examples/' + name, url, ...args], { cwd: root })
      let out = ''
      let err = ''
      child.stdout.setEncoding('utf8').on('data', (text) => (out += text))
      child.stderr.setEncoding('utf8').on('data', (text) => (err += text))
      child.stdin.on('error', () => undefined)
      child.stdin.end(input)
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, out, err }))
    })
  } finally {
    for (const peer of server.clients) peer.terminate()
    await new Promise((resolve) => server.close(resolve))
  }
}

examples('node-echo prints what comes back', async () => {
  const echo = (peer: WebSocket, message: RawData) => peer.send(message.toString())
  assert.equal(await run('node-echo.mjs', ['Grüße'], Buffer.alloc(0), echo), {
    code: 0,
    out: 'Grüße\n',
    err: '',
  })
})

examples('node-echo fails with one line when the server drops it', async () => {
  const { code, err } = await run('node-echo.mjs', [], Buffer.alloc(0), (peer) => peer.terminate())
  assert.is(code, 1)
  assert.match(err, /^CONNECTION_(LOST|ENDED): .*\n$/)
})

examples('node-upload sends its input as one message', async () => {
  const input = Buffer.from(Array.from({ length: 3000000 }, (_, i) => (i * i) >> 7))
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  let got = ''
  const result = await run('node-upload.mjs', [], input, (_, message, isBinary) => {
    got += `${isBinary} ${hash(message as Buffer)}\n`
  })
  assert.equal(result, { code: 0, out: '', err: '' })
  assert.is(got, `true ${hash(input)}\n`)
})

examples('there is no other example of a module', () => {
  // Folders are Workers, which `npm run runtimes` tries.
  const modules = readdirSync(root + 'examples').filter((name) => name.endsWith('.mjs'))
  assert.equal([...new Set(tried)].sort(), modules.sort())
})

examples.run()
