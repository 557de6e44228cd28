// Every example for Node runs, as its first line or its README says. The bundle was built by `npm test`.

import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import zlib from 'node:zlib'
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
  if (!name.startsWith('/')) tried.push(name)
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.on('listening', resolve))
  server.on('connection', (peer) => {
    peer.on('message', (message, isBinary) => answer(peer, message, isBinary))
    peer.on('error', () => undefined)
  })
  const url = 'ws://127.0.0.1:' + (server.address() as AddressInfo).port + '/'
  try {
    return await new Promise((resolve, reject) => {
      // A file of an example, or one that was made of it.
      const file = join(root, 'examples', name)
      const child = spawn(process.execPath, [name.startsWith('/') ? name : file, url, ...args])
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

examples('node-budget is as small as its README says, and runs as one file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringlet-budget-'))
  const readme = readFileSync(join(root, 'examples/node-budget/README.md'), 'utf8')
  const [, command] = /npx esbuild main\.mjs (.*)--outfile=report\.mjs/.exec(readme)!
  const [, minified, brotli] = /at most ([\d.]+) kB, and ([\d.]+) kB as it travels/.exec(readme)!
  const bundle = join(folder, 'report.mjs')
  try {
    execFileSync(
      join(root, 'node_modules/.bin/esbuild'),
      [
        join(root, 'examples/node-budget/main.mjs'),
        ...command.trim().split(' '),
        '--outfile=' + bundle,
      ],
      { stdio: 'pipe' },
    )
    const bytes = readFileSync(bundle)
    assert.ok(bytes.length <= Number(minified) * 1000, `${bytes.length} bytes`)
    const travelling = zlib.brotliCompressSync(bytes).length
    assert.ok(travelling <= Number(brotli) * 1000, `${travelling} bytes`)
    const got: string[] = []
    const result = await run(bundle, ['2'], Buffer.alloc(0), (_, message) =>
      got.push(message.toString()),
    )
    assert.equal(result, { code: 0, out: '', err: '' })
    assert.equal(
      got.map((text) => Object.keys(JSON.parse(text))),
      [
        ['sensor', 'value'],
        ['sensor', 'value'],
      ],
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

examples('the gateway of the dashboard forwards readings, and connects again', async () => {
  const sensors = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => sensors.on('listening', resolve))
  const url = 'ws://127.0.0.1:' + (sensors.address() as AddressInfo).port + '/'
  let connections = 0
  sensors.on('connection', (peer) => {
    peer.send('no reading')
    peer.send(`{"sensor":"<cellar>","value":${++connections}}`)
    if (connections === 1) setTimeout(() => peer.close(1012), 50)
  })
  const gateway = spawn(process.execPath, [join(root, 'examples/dashboard/gateway.mjs'), url])
  try {
    const address = await new Promise<string>((resolve) =>
      createInterface(gateway.stdout).once('line', resolve),
    )
    assert.match(await (await fetch(address)).text(), /new EventSource\('readings'\)/)
    assert.is((await fetch(address + 'other')).status, 404)
    let events = ''
    for await (const chunk of (await fetch(address + 'readings')).body!) {
      events += Buffer.from(chunk).toString()
      if (events.includes('"value":2')) break
    }
    assert.match(events, /event: reading\ndata: \{"sensor":"<cellar>","value":2\}\n\n$/)
    assert.not.match(events, /no reading/)
  } finally {
    gateway.kill()
    for (const peer of sensors.clients) peer.terminate()
    sensors.close()
  }
})

examples('there is no other example of a module', () => {
  // Folders are Workers, which `npm run runtimes` tries.
  const modules = readdirSync(root + 'examples').filter((name) => name.endsWith('.mjs'))
  assert.equal([...new Set(tried)].sort(), modules.sort())
})

examples.run()
