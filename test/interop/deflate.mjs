// permessage-deflate with servers that people run: each echoes messages of all sizes, in all windows, with and
// without context, and what comes back must be what was sent.
//
//   node test/interop/deflate.mjs                    all of them
//   node test/interop/deflate.mjs ws gorilla         those whose name contains one of these
//   node test/interop/deflate.mjs --allow-missing    a server that cannot run here does not fail the command
//
// It builds the bundles, and installs what it needs, pinned, under .venv/interop: Bun from npm, `websockets` from
// PyPI; Go fetches its modules itself.

import { Buffer } from 'node:buffer'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { run, start } from '../conformance/processes.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
const cache = join(root, '.venv', 'interop')
const BUN = '1.4.5'
const LISTENS_WITHIN = 30000
const ANSWERS_WITHIN = 30000

class Missing extends Error {}

/** Runs a program to see whether it is there. */
async function needs(name, program, args) {
  try {
    return await run(program, args)
  } catch {
    throw new Missing('no ' + name)
  }
}

async function bun() {
  const folder = join(cache, 'bun')
  const program = join(folder, 'node_modules', '.bin', 'bun')
  const isThere = await run(program, ['--version']).then(
    (output) => output.trim() === BUN,
    () => false,
  )
  if (!isThere) {
    console.log('Installing bun ' + BUN)
    mkdirSync(folder, { recursive: true })
    const options = [
      '--no-audit',
      '--no-fund',
      '--no-save',
      '--no-package-lock',
      '--prefix',
      folder,
    ]
    await needs('bun for this platform', 'npm', ['install', ...options, 'bun@' + BUN])
    await needs('bun for this platform', program, ['--version'])
  }
  return [program]
}

async function python() {
  const folder = join(cache, 'python')
  const program = join(folder, 'bin', 'python')
  const wanted = readFileSync(join(here, 'requirements.txt'), 'utf8').trim().split('==')[1]
  const check = 'import websockets; assert websockets.__version__ == "' + wanted + '"'
  const isThere =
    existsSync(program) &&
    (await run(program, ['-c', check]).then(
      () => true,
      () => false,
    ))
  if (!isThere) {
    console.log('Installing websockets ' + wanted)
    await needs('python3 with venv', 'python3', ['-c', 'import venv, ensurepip'])
    await run('python3', ['-m', 'venv', '--clear', folder])
    await run(program, ['-m', 'pip', 'install', '-q', '-r', join(here, 'requirements.txt')])
  }
  return [program]
}

async function go() {
  await needs('go', 'go', ['version'])
  const program = join(cache, process.platform === 'win32' ? 'go-server.exe' : 'go-server')
  mkdirSync(cache, { recursive: true })
  await run('go', ['build', '-o', program, '.'], { cwd: join(here, 'go') })
  return [program]
}

const pythonWindow = (bits, requires = false) => ({
  server_max_window_bits: bits,
  client_max_window_bits: bits,
  require_client_max_window_bits: requires,
})

/** `limits`: what a server is known not to do, each with the reason. Anything else that goes wrong is a failure. */
const SERVERS = [
  {
    name: 'ws (zlib)',
    prepare: async () => [process.execPath],
    args: [join(here, 'ws-server.mjs')],
    settings: {
      'as it is': {},
      'no context': { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'window 12': { serverMaxWindowBits: 12, clientMaxWindowBits: 12 },
      'window 8': { serverMaxWindowBits: 8, clientMaxWindowBits: 8 },
    },
    limits: [
      {
        test: (side, ours, { status }) =>
          side === 'window 12' && ours.startsWith('window') && status === 400,
        says: 'refused: it has no window smaller than its own',
      },
    ],
  },
  {
    name: 'Bun ' + BUN + ' (uWebSockets)',
    prepare: bun,
    args: [join(here, 'bun-server.mjs')],
    settings: {
      true: true,
      shared: { compress: 'shared', decompress: 'shared' },
      dedicated: { compress: 'dedicated', decompress: 'dedicated' },
      '4KB': { compress: '4KB', decompress: '4KB' },
      '32KB': { compress: '32KB', decompress: '32KB' },
      '256KB': { compress: '256KB', decompress: '256KB' },
    },
  },
  {
    name: 'Python websockets',
    prepare: python,
    args: [join(here, 'websockets_server.py')],
    settings: {
      'as it is': {},
      'no context': { server_no_context_takeover: true, client_no_context_takeover: true },
      'window 12': pythonWindow(12),
      'window 9': pythonWindow(9, true),
    },
    limits: [
      {
        // Python's zlib makes no raw stream of 2^8 bytes; the server agrees to it, and breaks down.
        test: (_side, ours) => ours === 'window 8',
        says: 'its own error: agrees to a window that its zlib refuses',
      },
    ],
  },
  {
    name: 'Go coder/websocket',
    prepare: go,
    args: [],
    settings: {
      takeover: { Library: 'coder' },
      'no context': { Library: 'coder', NoTakeover: true },
    },
  },
  {
    name: 'Go gorilla/websocket',
    prepare: go,
    args: [],
    settings: { 'as it is': { Library: 'gorilla' } },
    limits: [
      {
        // RFC 7692 section 7.1.2.1: it had to decline, and accepts without a word about the window.
        test: (_side, ours, { id }) => ours.startsWith('window') && id === 'BAD_EXTENSIONS',
        says: 'its own error: accepts, but not the window; we refuse',
      },
    ],
  },
]

const CLIENTS = {
  default: {},
  context: { clientContextTakeover: true },
  'no context': { serverNoContextTakeover: true, clientNoContextTakeover: true },
  'window 10': { serverMaxWindowBits: 10, clientMaxWindowBits: 10, clientContextTakeover: true },
  'window 8': { serverMaxWindowBits: 8, clientMaxWindowBits: 8, clientContextTakeover: true },
}

/** Texts and bytes that compress well, badly and not at all; twice, for the context. */
function messages() {
  let state = 1
  const random = (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
  const record = (i) =>
    JSON.stringify({
      id: i,
      device: 'sensor-' + random(40),
      value: random(10000) / 100,
      unit: '°C',
    })
  const text = (size) => {
    let all = ''
    for (let i = 0; all.length < size; i++) all += record(i) + '\n'
    return all.slice(0, size)
  }
  const noise = (size) => Buffer.from(Array.from({ length: size }, () => random(256)))
  const list = ['', 'a', text(60), text(1000), text(20000), text(150000)]
  list.push(Buffer.alloc(0), Buffer.alloc(70000), noise(3000), noise(70000))
  list.push(Buffer.from(Array.from({ length: 40000 }, (_, i) => (i % 97 ? 0 : random(256)))))
  return [...list, ...list]
}

const MESSAGES = messages()

/** Echoes all messages; resolves to what was agreed, and throws at the first difference. */
function converse(connect, url, extension, isWhole) {
  return new Promise((resolve, reject) => {
    let next = 0
    let parts = []
    let agreed = ''
    let error
    const send = (socket) => {
      if (next === MESSAGES.length) return socket.close(1000)
      const message = MESSAGES[next]
      if (typeof message === 'string') socket.sendText(message)
      else socket.sendBinary(message)
    }
    const onMessage = (bytes, isText, socket) => {
      const expected = MESSAGES[next]
      if (isText !== (typeof expected === 'string') || !Buffer.from(expected).equals(bytes)) {
        error = new Error('message ' + next + ' came back changed')
        return socket.abort()
      }
      next++
      send(socket)
    }
    const socket = connect(
      url,
      {
        onOpen() {
          agreed = socket.extensions
          send(socket)
        },
        ...(isWhole
          ? {
              onText: (text) => onMessage(Buffer.from(text), true, socket),
              onBinary: (bytes, from, to) => onMessage(bytes.subarray(from, to), false, socket),
            }
          : {
              onFragment(bytes, from, to, kind, final) {
                parts.push(Buffer.from(bytes.subarray(from, to)))
                if (!final) return
                const whole = Buffer.concat(parts)
                parts = []
                onMessage(whole, kind === 1, socket)
              },
            }),
        onError(one) {
          error = one
        },
        onClose(code) {
          clearTimeout(timer)
          if (!error && code !== 1000) error = new Error('closed with ' + code)
          if (!error && next < MESSAGES.length) error = new Error('only ' + next + ' came back')
          if (error) reject(error)
          else resolve(agreed)
        },
      },
      { extensions: [extension] },
    )
    const timer = setTimeout(() => {
      error = new Error('silent after ' + next + ' messages')
      socket.abort()
    }, ANSWERS_WITHIN)
  })
}

async function listening(program, args, settings) {
  let server
  const url = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('did not begin to listen')), LISTENS_WITHIN)
    server = start(program, [...args, JSON.stringify(settings)], {
      env: process.env,
      onLine(line) {
        const found = /listening on (\d+)/.exec(line)
        if (!found) return
        clearTimeout(timer)
        resolve('ws://127.0.0.1:' + found[1] + '/')
      },
    })
    server.ended.then((code) => {
      clearTimeout(timer)
      reject(new Error('ended with ' + code + ': ' + server.output))
    }, reject)
  })
  return { url, server }
}

const allowsMissing = process.argv.includes('--allow-missing')
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
await run('npm', ['run', '--silent', 'build'], { cwd: root })
const { connect } = await import(pathToFileURL(join(root, 'dist/node.js')).href)
const { deflate } = await import(pathToFileURL(join(root, 'dist/deflate.js')).href)

/** What was agreed: `s` for the server's side, `c` for ours; a window, and `-` for no context takeover. */
const short = (agreed) => {
  const side = (name) => {
    const window = new RegExp(name + '_max_window_bits=(\\d+)').exec(agreed)
    return (window ? window[1] : '15') + (agreed.includes(name + '_no_context_takeover') ? '-' : '')
  }
  return 's ' + side('server') + ', c ' + side('client')
}

const row = (...cells) =>
  console.log(
    cells
      .map((cell, i) => cell.padEnd([30, 12, 12, 16, 0][i]))
      .join('')
      .trimEnd(),
  )

let failed = 0
let missing = 0
let conversations = 0
const count = MESSAGES.length
const largest = Math.max(...MESSAGES.map((message) => Buffer.byteLength(message)))
console.log(count + ' messages of 0 to ' + largest + ' bytes, whole and in fragments.')
console.log(
  'Agreed: window bits of the server (s) and the client (c), - without context takeover.\n',
)
row('server', 'its side', 'our side', 'agreed', 'echo')
for (const { name, prepare, args, settings, limits = [] } of SERVERS) {
  if (filters.length && !filters.some((filter) => name.includes(filter))) continue
  let command
  try {
    command = await prepare()
  } catch (error) {
    const text = error instanceof Missing ? error.message : error.message.trim().split('\n').pop()
    missing++
    console.log(name + ': not run: ' + text)
    continue
  }
  let agreements = 0
  for (const [side, setting] of Object.entries(settings)) {
    let peer
    try {
      peer = await listening(command[0], args, setting)
    } catch (error) {
      failed++
      row(name, side, '', '', 'FAILED: ' + error.message)
      continue
    }
    for (const [ours, options] of Object.entries(CLIENTS)) {
      let agreed
      let outcome = 'ok'
      try {
        for (const isWhole of [true, false]) {
          conversations++
          agreed = await converse(connect, peer.url, deflate({ threshold: 0, ...options }), isWhole)
        }
        if (agreed) agreements++
      } catch (error) {
        const limit = limits.find((one) => one.test(side, ours, error))
        outcome = limit ? limit.says : 'FAILED: ' + error.message
        if (!limit) failed++
      }
      row(name, side, ours, agreed === undefined ? '' : agreed ? short(agreed) : 'none', outcome)
    }
    peer.server.kill()
    await peer.server.ended
  }
  if (!agreements) {
    failed++
    console.log(name + ': FAILED: has never agreed to compress')
  }
}
console.log(
  '\nRust: tungstenite and fastwebsockets do not implement permessage-deflate; there is nothing to run.',
)
console.log(
  conversations + ' conversations, ' + failed + ' failed, ' + missing + ' servers not run',
)
process.exit(failed || (missing && !allowsMissing) ? 1 : 0)
