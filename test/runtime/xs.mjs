// XS, the engine of Moddable, built from npm alone: the host of `xs/`, and what it needs beside it.

import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { build } from 'esbuild'
import { run, start } from '../conformance/processes.mjs'
import { install, root } from './packages.mjs'

const SOURCES = ['host.c', 'meters.c'].map((name) => join(root, 'test/runtime/xs', name))
const PRELUDE = join(root, 'test/runtime/xs/host.js')

/** As the package itself compiles XS: the layout of its machine depends on them. */
const DEFINITIONS = [
  'INCLUDE_XSPLATFORM',
  'XSPLATFORM="xsnapPlatform.h"',
  'mxLockdown=1',
  'mxMetering=1',
  'mxDebug=1',
  'mxNoConsole=1',
  'mxBoundsCheck=1',
  'mxParse=1',
  'mxRun=1',
  'mxSloppy=1',
  'mxSnapshot=1',
]

/** Compiles the host unless it is there; resolves to its path. */
export async function programOfXs() {
  const folder = await install('xs')
  const program = join(folder, 'xs')
  const isNew = (file) => !existsSync(program) || statSync(file).mtimeMs > statSync(program).mtimeMs
  if (!SOURCES.some(isNew)) return program
  const xsnap = join(folder, 'node_modules/@agoric/xsnap')
  const native = join(xsnap, 'xsnap-native/xsnap')
  const objects = join(native, 'build/tmp/lin/release/xsnap-worker')
  // What its install script does.
  if (!existsSync(objects)) await run('npm', ['run', 'build:from-env'], { cwd: xsnap })
  const includes = ['includes', 'platforms', 'sources'].map((name) =>
    join(xsnap, 'moddable/xs', name),
  )
  execFileSync('cc', [
    '-O2',
    '-w',
    '-rdynamic',
    ...DEFINITIONS.map((name) => `-D${name}`),
    ...[...includes, join(native, 'sources')].map((name) => `-I${name}`),
    ...SOURCES,
    ...readdirSync(objects)
      .filter((name) => name.endsWith('.o') && name !== 'xsnap-worker.o')
      .map((name) => join(objects, name)),
    ...['-lm', '-ldl', '-lpthread', '-o', program],
  ])
  return program
}

/** The modules of the Moddable SDK, as far as this host has them: a bundle must do without the rest. */
const SDK_MODULES = {
  timer: 'export default globalThis.Timer',
  'mc/config': 'export default globalThis.job.config',
  'embedded:io/socket/tcp': 'export default globalThis.TCP',
  'embedded:io/socket/tcp/tls': 'export default globalThis.TLSSocket',
  'embedded:io/socket/udp': 'export default undefined',
  'embedded:network/dns/resolver/udp': 'export default globalThis.Resolver',
  crypt: `import { sha1 } from '${join(root, 'src/protocol/sha1.ts')}'
    export class Digest {
      write(text) {
        this.text = text
      }
      close() {
        return sha1(this.text).buffer
      }
    }`,
  logical: `export default {
      xor(target, key, count = target.byteLength) {
        const bytes = new Uint8Array(target.buffer || target)
        const at = target.byteOffset || 0
        const mask = key instanceof ArrayBuffer ? new Uint8Array(key) : key
        for (let i = 0; i < count; i++) bytes[at + i] ^= mask[i % mask.length]
      },
    }`,
}

const sdkModules = {
  name: 'modules of the Moddable SDK',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(timer|crypt|logical|mc\/config|embedded:.*)$/ }, ({ path }) => ({
      path,
      namespace: 'sdk',
    }))
    onResolve({ filter: /^ringlet\/ecma419$/ }, () => ({ path: join(root, 'dist/moddable.js') }))
    onResolve({ filter: /^ringlet\/reconnect$/ }, () => ({ path: join(root, 'dist/reconnect.js') }))
    onLoad({ filter: /./, namespace: 'sdk' }, ({ path }) => ({
      contents: SDK_MODULES[path],
      resolveDir: root,
    }))
  },
}

/** One module with all that it imports, as a script; `alias` says by which names it imports files of others. */
export async function scriptOf(entry, alias = {}) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'silent',
    plugins: [sdkModules],
    alias,
  })
  return outputFiles[0].text
}

/**
 * Speaks TLS for the host. A connection begins with a line of JSON: `address`, `port`, `host` (the name that the
 * certificate must have), `trusts` (whether `ca` is trusted). It is answered by one octet, '+' when the server is trusted.
 * Resolves to `{ port, stop }`.
 */
export async function startBridge(ca) {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (line) => {
      socket.pause()
      const { address, port, host, trusts } = JSON.parse(line.toString())
      const secure = tls.connect({
        host: address,
        port,
        servername: net.isIP(host) ? '' : host,
        checkServerIdentity: (_, certificate) => tls.checkServerIdentity(host, certificate),
        ca: trusts ? ca : undefined,
      })
      let isTrusted = false
      secure.on('error', () => (isTrusted ? socket.destroy() : socket.end('-')))
      secure.on('close', () => socket.end())
      socket.on('close', () => secure.destroy())
      secure.on('secureConnect', () => {
        isTrusted = true
        socket.write('+')
        secure.pipe(socket)
        socket.pipe(secure)
      })
    })
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return { port: server.address().port, stop: () => server.close() }
}

/** As `runScript`, in XS. */
export async function runInXs(...given) {
  return runScript(await programOfXs(), [], ...given)
}

/**
 * Runs the script of `entry` by `program`, a host for an engine, with `job` as a global, for at most `limit` milliseconds;
 * gives each line that it prints to `onLine`, and its pid to `onProcess`; `alias` as for `scriptOf`. Resolves to its exit code
 * and all that it has written.
 */
export async function runScript(
  program,
  args,
  entry,
  job,
  onLine,
  limit,
  onProcess = () => {},
  alias = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'ringlet-script-'))
  const files = {
    'host.js': readFileSync(PRELUDE, 'utf8'),
    'job.js': `globalThis.job = ${JSON.stringify(job)}`,
    'script.js': await scriptOf(entry, alias),
  }
  for (const name in files) writeFileSync(join(folder, name), files[name])
  try {
    const child = start(program, [...args, ...Object.keys(files)], { cwd: folder, onLine })
    onProcess(child.pid)
    // A socket or a timer that is left would keep it running.
    const timer = setTimeout(child.kill, limit)
    const code = await child.ended
    clearTimeout(timer)
    return { code, output: child.output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
