// The package as its users get it: what is in it, and that every way in works. The bundles were built by `npm test`.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import ts from 'typescript'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const packed = suite('package')
const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = createRequire(import.meta.url)('../package.json')
const bundles = readdirSync(join(root, 'dist')).filter((name) => name.endsWith('.js'))

type Target = string | { [condition: string]: Target }

/** Every way through the exports map: `ringlet/core import: dist/core.js`. */
function ways(target: Target, conditions: string[] = []): [string[], string][] {
  if (typeof target === 'string') return [[conditions, target]]
  return Object.keys(target).flatMap((key) => ways(target[key], [...conditions, key]))
}

packed('holds the bundles, their types and the papers, and nothing else', () => {
  const npm = process.env.npm_execpath
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const out = npm
    ? execFileSync(process.execPath, [npm, ...args], { cwd: root, encoding: 'utf8' })
    : execFileSync('npm', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
  const files = JSON.parse(out)[0].files.map(({ path }: { path: string }) => path) as string[]
  const papers = [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    ...readdirSync(join(root, 'cli')).map((name) => 'cli/' + name),
    'manifest-websocket-client.json',
    'manifest.json',
    'moddable/ecma419.js',
    'package.json',
  ]
  assert.equal(files.filter((path) => !path.startsWith('dist/')).sort(), papers)
  const built = bundles.flatMap((name) => [name, name.replace(/js$/, 'd.ts')])
  // Types that several entries share stand in files of their own.
  const isShared = (path: string) => /^dist\/shared\/[\w-]+\.d\.ts$/.test(path)
  assert.equal(
    files.filter((path) => path.startsWith('dist/') && !isShared(path)).sort(),
    built.map((name) => 'dist/' + name).sort(),
  )
})

packed('the command is a file of the package that Node runs', () => {
  assert.equal(Object.keys(manifest.bin), ['ringlet'])
  const file = join(root, manifest.bin.ringlet)
  assert.match(readFileSync(file, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  const printed = execFileSync(process.execPath, [file, '--version'], { encoding: 'utf8' })
  assert.is(printed, manifest.version + '\n')
})

packed('runs no script when it is installed, and depends on fflate alone, at one version', () => {
  const { scripts, dependencies } = manifest
  assert.equal(Object.keys(dependencies), ['fflate'])
  assert.match(dependencies.fflate, /^\d+\.\d+\.\d+$/)
  for (const name of ['optionalDependencies', 'peerDependencies', 'bundledDependencies']) {
    assert.is(manifest[name], undefined, name)
  }
  const atInstall = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare']
  assert.equal(
    atInstall.filter((name) => name in scripts),
    [],
  )
  for (const version of Object.values<string>(manifest.devDependencies)) {
    assert.match(version, /^\d+\.\d+\.\d+$/)
  }
})

packed('the lock file has the hash of every package, and no address of a registry', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const entries = Object.entries<{ integrity?: string; resolved?: string }>(lock.packages).filter(
    ([path]) => path,
  )
  assert.ok(entries.length > 50)
  for (const [path, { integrity = 'none', resolved }] of entries) {
    assert.match(integrity, /^sha512-/, path)
    assert.is(resolved, undefined, path)
  }
  assert.ok(lock.packages['node_modules/fflate'])
})

packed('the map names files that exist, types first', () => {
  const packedFiles = new Set([
    './package.json',
    ...readdirSync(join(root, 'dist')).map((name) => './dist/' + name),
  ])
  const walk = (target: Target): void => {
    if (typeof target === 'string') {
      assert.ok(packedFiles.has(target), target)
    } else {
      const conditions = Object.keys(target)
      if (typeof target.default === 'string') {
        assert.equal(conditions, ['types', 'default'])
        assert.is(target.types, target.default.replace(/js$/, 'd.ts'))
      } else {
        assert.is(conditions[conditions.length - 1], 'default')
      }
      Object.values(target).forEach(walk)
    }
  }
  for (const [name, target] of Object.entries<Target>(manifest.exports)) {
    if (name !== './package.json') walk(target)
  }
  const used = new Set(ways(manifest.exports).map(([, path]) => path.replace('./dist/', '')))
  assert.equal(
    bundles.filter((name) => !used.has(name)),
    [],
    'bundles that no export leads to',
  )
})

packed('each export is found by its own name', async () => {
  const found: string[] = []
  for (const name of Object.keys(manifest.exports).filter((path) => path !== './package.json')) {
    const url = await import.meta.resolve('ringlet' + name.slice(1))
    const file = url.slice(url.lastIndexOf('/') + 1)
    // What imports from Cloudflare or Moddable, or is CommonJS for Espruino, is only found here, and runs there.
    const isForNode =
      !/["'](cloudflare:|timer["'])|^exports\.|;exports\.|\bmodule\.exports\b/m.test(
        readFileSync(fileURLToPath(url), 'utf8'),
      )
    const names = isForNode ? Object.keys(await import(url)) : []
    const entries = names.filter((entry) =>
      ['connect', 'Client', 'deflate', 'WebSocket', 'reconnect'].includes(entry),
    )
    found.push([name, file, ...entries].join(' '))
  }
  assert.equal(found, [
    '. node.js connect',
    './node node.js connect',
    './workers workers.js',
    './ecma419 ecma419.js connect',
    './websocket-client websocket-client.js',
    './websocket websocket-node.js WebSocket',
    './espruino espruino.js',
    './espruino-ws espruino-ws.js',
    './deflate deflate.js deflate',
    './deflate-zlib deflate-zlib.js deflate',
    './reconnect reconnect.js reconnect',
    './core core.js Client',
  ])
  const choices = manifest.exports['.']
  assert.equal(
    Object.keys(choices).map((condition) => condition + ' ' + choices[condition].default),
    [
      'moddable ./dist/moddable.js',
      'workerd ./dist/workers.js',
      'node ./dist/node.js',
      'bun ./dist/node.js',
      'deno ./dist/node.js',
      'default ./dist/core.js',
    ],
  )
})

const PROGRAM = `
import { connect, type Socket, type Handlers, type RingletError, type Options } from 'ringlet/node'
import { Client, FrameDecoder, type Platform, type Transport } from 'ringlet/core'
import { reconnect, type Ended } from 'ringlet/reconnect'
const options: Options = { receiveBuffer: 4096, tls: { rejectUnauthorized: true } }
const handlers: Handlers = {
  onFragment(bytes, start, end, kind, final, socket) {
    const sum: number = start + end + kind
    if (final && bytes.length > sum) socket.close(1000, 'done')
  },
  onError(error: RingletError) { const id: string = error.id; return void id },
}
const socket: Socket = connect('ws://localhost/', handlers, options)
const taken: boolean = socket.sendText('text')
const again = reconnect(
  connect,
  'ws://localhost/',
  { ...handlers, onClose(code, reason, wasClean, ended: Ended) {} },
  { ...options, prepare: async () => ({ headers: { Authorization: 'token' } }), maxDelay: 1000 },
)
again.socket?.sendText('text')
// @ts-expect-error: no such option
reconnect(connect, 'ws://localhost/', {}, { maxDely: 1 })
// @ts-expect-error: no such option
connect('ws://localhost/', handlers, { recieveBuffer: 1 })
// @ts-expect-error: a kind is 1 or 2
socket.sendFragment(new Uint8Array(1), 0, 1, 3, true)
export const parts: [typeof Client, typeof FrameDecoder, Platform?, Transport?] = [Client, FrameDecoder]
export { taken }
`

/** Compiles programs in a folder where the package is installed; what the compiler says. */
function compile(programs: string[], options: ts.CompilerOptions): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'ringlet-types-'))
  try {
    const modules = join(directory, 'node_modules')
    mkdirSync(join(modules, '@types'), { recursive: true })
    symlinkSync(root, join(modules, 'ringlet'), 'junction')
    const nodeTypes = join('@types', 'node')
    symlinkSync(join(root, 'node_modules', nodeTypes), join(modules, nodeTypes), 'junction')
    const files = programs.map((program, i) => {
      const file = join(directory, 'program' + i + '.mts')
      writeFileSync(file, program)
      return file
    })
    const compiled = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2022.d.ts'],
      types: ['node'],
      strict: true,
      noEmit: true,
      // The package's own types are checked below; those of others are not our business.
      skipLibCheck: false,
      ...options,
    })
    const own = compiled
      .getSourceFiles()
      .filter(({ fileName }) => !/@types|typescript/.test(fileName))
    return [
      ...compiled.getOptionsDiagnostics(),
      ...own.flatMap((file) => [
        ...compiled.getSyntacticDiagnostics(file),
        ...compiled.getSemanticDiagnostics(file),
      ]),
    ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const NODE_NEXT = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
}
const BUNDLER = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
}
const BY_CONDITION = PROGRAM.replace('ringlet/node', 'ringlet')

packed('the types are found and hold under nodenext', () => {
  assert.equal(compile([PROGRAM, BY_CONDITION], NODE_NEXT), [])
})

packed('the types are found and hold under bundler', () => {
  // The compiler does not know for which runtime a bundler works, unless it is told.
  const options = { ...BUNDLER, customConditions: ['node'] }
  assert.equal(compile([PROGRAM, BY_CONDITION], options), [])
  assert.equal(compile([PROGRAM], BUNDLER), [])
})

packed('the types are read by compilers before 5.7, which know no Uint8Array of something', () => {
  const folder = join(root, 'dist')
  const types = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.d.ts'),
  )
  assert.ok(types.length > 10)
  const newer = types.filter((name) =>
    /\bUint8Array</.test(readFileSync(join(folder, name), 'utf8')),
  )
  assert.equal(newer, [])
})

packed('a wrong program does not compile', () => {
  const wrong = PROGRAM.replace('start + end', 'final')
  assert.equal(compile([wrong], NODE_NEXT).length, 1)
})

packed('only the bundles for Node import from Node', () => {
  const importers = bundles.filter((name) =>
    /\b(?:import|from)\s*\(?\s*["']node:/.test(readFileSync(join(root, 'dist', name), 'utf8')),
  )
  assert.equal(importers, ['deflate-zlib.js', 'node.js', 'websocket-node.js'])
})

/** A target in ECMAScript alone: it opens a connection over a transport that is two arrays. */
const BARE = String.raw`
  const log = []
  const written = []
  const deferred = []
  const ascii = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0))
  const textOf = (bytes, start = 0, end = bytes.length) => String.fromCharCode(...bytes.subarray(start, end))
  const base64 = (bytes) => {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    let text = ''
    for (let i = 0; i < bytes.length; i += 3) {
      const word = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0)
      for (let j = 0; j < 4; j++) {
        text += i + j > bytes.length ? '=' : digits[(word >> (18 - 6 * j)) & 63]
      }
    }
    return text
  }
  const platform = {
    randomWord: () => 0,
    sha1: (text) => ascii(sha1(text)),
    base64,
    utf8Length: (text) => text.length,
    utf8Write: (text, bytes, at) => bytes.set(ascii(text), at),
    utf8Read: textOf,
    setTimer: () => 0,
    clearTimer() {},
    defer: (callback) => deferred.push(callback),
    reportError: (error) => log.push('reported ' + error),
  }
  const settle = () => { while (deferred.length) deferred.shift()() }
  const url = { href: 'ws://device/', protocol: 'ws:', hostname: 'device', port: '', pathname: '/', search: '', hash: '', username: '', password: '' }
  const client = new exports.Client(
    exports.endpointOf(url),
    {
      onOpen: () => log.push('open'),
      onText: (text, socket) => log.push('text ' + text + ' ' + socket.sendText('back')),
      onError: (error) => log.push('error ' + error.message),
      onClose: (code, reason, wasClean) => log.push('close ' + code + ' ' + wasClean),
    },
    {},
    platform,
  )
  client.start({
    write(bytes, start, end) {
      written.push(textOf(bytes, start, end))
      client.onWritten(end - start)
    },
    pause() {}, resume() {}, end() {}, abort() {},
  })
  client.onConnected()
  const receive = (text) => {
    client.makeRoom()
    client.receiveRing.bytes.set(ascii(text), client.receiveRing.end)
    client.onReceived(text.length)
    settle()
  }
  const accept = base64(ascii(sha1('AAAAAAAAAAAAAAAAAAAAAA==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')))
  receive('HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ' + accept + '\r\n\r\n')
  receive('\x81\x02hi')
  receive('\x88\x02\x03\xe8')
  client.onEnd()
  settle()
  ;[...log, 'wrote ' + written[0].split('\r\n')[0], ...written.slice(1).map((text) => 'wrote ' + JSON.stringify(text))].join('\n')
`

packed('core runs where there is nothing but ECMAScript', () => {
  // A script in a context of its own cannot be a module, so what the bundle exports becomes properties.
  const { outputText } = ts.transpileModule(readFileSync(join(root, 'dist', 'core.js'), 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const context = createContext({
    exports: {},
    sha1: (text: string) => createHash('sha1').update(text, 'latin1').digest().toString('latin1'),
  })
  // V8's own additions to a context.
  runInContext('delete globalThis.console; delete globalThis.WebAssembly', context)
  assert.is(
    runInContext('typeof console + typeof setTimeout + typeof TextDecoder', context),
    'undefined'.repeat(3),
  )
  runInContext(outputText, context)
  assert.equal(runInContext(BARE, context).split('\n'), [
    'open',
    'text hi true',
    'close 1000 true',
    'wrote GET / HTTP/1.1',
    String.raw`wrote "\u0081\u0084\u0000\u0000\u0000\u0000back"`.replace(
      '\\u0081\\u0084',
      '\x81\x84',
    ),
    String.raw`wrote "\u0088\u0082\u0000\u0000\u0000\u0000\u0003è"`.replace(
      '\\u0088\\u0082',
      '\x88\x82',
    ),
  ])
})

packed.run()
