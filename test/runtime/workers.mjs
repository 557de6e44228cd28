// Workers in the real workerd: by itself, on a port of loopback, and through miniflare.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { build } from 'esbuild'
import { install, programOf, root } from './packages.mjs'

const COMPATIBILITY_DATE = '2026-04-01'

/** One module of a Worker with all that it imports, as wrangler bundles it. */
export async function bundle(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    logLevel: 'silent',
  })
  return outputFiles[0].text
}

const CATALOGUE = 'test/runtime/workers-worker.mjs'

/** Gives each line of a streamed response to `onLine`. */
async function eachLine(response, onLine) {
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()
    lines.forEach((line) => onLine(line))
  }
  if (rest) throw new Error(`the Worker stopped in the middle of: ${rest}`)
}

/**
 * Starts workerd with the Worker of `entry`; it trusts `ca` besides the usual authorities. `v8Flags` and `args` are for
 * V8 and workerd itself. Resolves to what `serve` does.
 */
export async function startWorkerd({ entry = CATALOGUE, ca, flags = [], v8Flags = [], args = [] }) {
  const program = await programOf('workerd')
  const folder = mkdtempSync(join(tmpdir(), 'ringlet-workerd-'))
  const list = (texts) => texts.map((text) => JSON.stringify(text)).join(', ')
  writeFileSync(join(folder, 'worker.js'), await bundle(entry))
  if (ca) writeFileSync(join(folder, 'ca.pem'), ca)
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      compatibilityFlags = [${list(flags)}],
    )),
    (name = "internet", network = (
      allow = ["public", "local"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = [${ca ? 'embed "ca.pem"' : ''}]),
    )),
  ],
  v8Flags = [${list(v8Flags)}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  )
  return serve(program, ['serve', '--control-fd=3', ...args, join(folder, 'config.capnp')], folder)
}

/**
 * The same through miniflare, which allows loopback by itself. `config` is the rest of its options, bindings and
 * Durable Objects.
 */
export async function startMiniflare({ entry = CATALOGUE, ca, flags = [], config = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'ringlet-miniflare-'))
  const options = {
    modules: true,
    script: await bundle(entry),
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: flags,
    ...config,
  }
  writeFileSync(join(folder, 'options.json'), JSON.stringify(options))
  const env = { ...process.env }
  if (ca) {
    env.NODE_EXTRA_CA_CERTS = join(folder, 'ca.pem')
    writeFileSync(env.NODE_EXTRA_CA_CERTS, ca)
  }
  const script = join(root, 'test/runtime/miniflare.mjs')
  return serve(process.execPath, [script, await install('miniflare'), folder], folder, env)
}

/** From a program's start to its port, on a machine that is busy. */
const START_LIMIT = 120000

/** Runs a program until `stop`. It tells its port on file descriptor 3; `folder` is removed afterwards. */
async function serve(program, args, folder, env = process.env) {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = new Promise((resolve) => child.on('close', resolve))
  let inspectorPort
  const port = await new Promise((resolve, reject) => {
    let text = ''
    child.stdio[3].setEncoding('utf8').on('data', (chunk) => {
      text += chunk
      const listening = /"event":"listen"[^\n]*"port":(\d+)/.exec(text)
      inspectorPort = +/"event":"listen-inspector"[^\n]*"port":(\d+)/.exec(text)?.[1]
      if (!listening) return
      clearTimeout(timer)
      resolve(+listening[1])
    })
    child.on('error', reject)
    const timer = setTimeout(() => {
      kill()
      reject(new Error(`${program} has not told its port in ${START_LIMIT} ms: ${output}`))
    }, START_LIMIT)
    ended.then((code) => {
      clearTimeout(timer)
      reject(new Error(`${program} ended with ${code}: ${output}`))
    })
  })
  const url = `http://127.0.0.1:${port}/`
  return {
    url,
    pid: child.pid,
    inspectorPort,
    /** What it has printed. */
    output: () => output,
    /** Has the Worker do `job`, and gives each line of its answer to `onLine`; `signal` gives up. */
    async run(job, onLine, signal) {
      try {
        const response = await fetch(url, { method: 'POST', body: JSON.stringify(job), signal })
        await eachLine(response, onLine)
      } catch (error) {
        throw new Error(`${error.message}\n${output}`)
      }
    },
    async stop() {
      process.off('exit', kill)
      // Miniflare ends workerd before it ends itself.
      child.stdin.end()
      if (program !== process.execPath) kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
