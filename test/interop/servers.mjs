// The servers that people run, and how to start ours of each library: it prints `listening on PORT`. All do the same
// by path:
//
//   /echo               each message comes back as it came
//   /fragments          the same, in fragments of 1000 bytes or characters
//   /ping               a ping on opening; its pong is told as the text `pong PAYLOAD`; then as /echo
//   /close?code&reason  a Close frame on opening; without a code, an empty one
//   ?name               with any path: what the connection is called
//   /last-close?of      tells the code and reason of the Close frame that came from the connection of that name:
//                       `1000 bye`, or nothing as long as none has
//   /headers            tells X-Ringlet, Authorization and Cookie of the request
//   /refuse?status      refuses; 401 with WWW-Authenticate, 503 with Retry-After
//   /hold               reads nothing until /release is opened; then sums up the binary messages, and tells the sum
//                       when a text comes
//   /release            lets /hold go on, and closes
//   /push?count&size    sends so many binary messages, of the pattern of `bytes.mjs`, and closes
//
// The subprotocols are v2.ringlet and v1.ringlet, in that order.

import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { start } from '../conformance/processes.mjs'
import { programOf } from '../runtime/packages.mjs'
import { go, java, python, rust } from './installation.mjs'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))

const pythonWindow = (bits, requires = false) => ({
  server_max_window_bits: bits,
  client_max_window_bits: bits,
  require_client_max_window_bits: requires,
})

/** RFC 7692 section 7.1.2.1: such a server had to decline. */
const IGNORES_WINDOW = {
  test: (_side, ours, { id }) => ours.startsWith('window') && id === 'BAD_EXTENSIONS',
  says: 'agrees without a word about the window that was asked for; we refuse',
}

const NO_FRAGMENTS = 'has no call that sends a message in fragments'

/**
 * `command(settings)` resolves to the program and its arguments; settings are `deflate` and `tls`.
 * `deflate`: the settings of its side by name, for the conversations of deflate.mjs.
 * `lacks`: what it cannot do, by the cases' needs, each with the reason.
 * `errors`: where it does otherwise than the RFCs say. `test(name, error)` is true for the failure that is known;
 * a case that then passes is a failure, so that what is said here stays true.
 */
export const SERVERS = [
  {
    name: 'ws',
    command: async (settings) => [
      process.execPath,
      at('node/server.mjs'),
      JSON.stringify(settings),
    ],
    deflate: {
      'as it is': {},
      'no context': { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'window 12': { serverMaxWindowBits: 12, clientMaxWindowBits: 12 },
      'window 8': { serverMaxWindowBits: 8, clientMaxWindowBits: 8 },
    },
    deflateErrors: [
      {
        test: (side, ours, { status }) =>
          side === 'window 12' && ours.startsWith('window') && status === 400,
        says: 'refused: it has no window smaller than its own',
      },
    ],
  },
  {
    name: 'Bun (uWebSockets)',
    command: async (settings) => [
      await programOf('bun'),
      at('bun/server.mjs'),
      JSON.stringify(settings),
    ],
    lacks: {
      fragments: NO_FRAGMENTS,
      hold: 'has no call that stops reading',
      emptyClose: 'always sends a code',
    },
    errors: [
      {
        test: (name) => name === 'a subprotocol that it does not know',
        says: 'chooses the first that is offered where the program chooses none',
      },
    ],
    deflate: {
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
    command: async (settings) => [
      await python(),
      at('python/websockets_server.py'),
      JSON.stringify(settings),
    ],
    lacks: {
      emptyClose: 'always sends a code',
      manyFragments: 'takes at most 4,096 fragments a message',
    },
    deflate: {
      'as it is': {},
      'no context': { server_no_context_takeover: true, client_no_context_takeover: true },
      'window 12': pythonWindow(12),
      'window 9': pythonWindow(9, true),
    },
    deflateErrors: [
      {
        // Python's zlib makes no raw stream of 2^8 bytes; the server agrees to it, and breaks down.
        test: (_side, ours) => ours === 'window 8',
        says: 'agrees to a window that its zlib refuses',
      },
    ],
  },
  {
    name: 'Python aiohttp',
    command: async (settings) => [
      await python(),
      at('python/aiohttp_server.py'),
      JSON.stringify(settings),
    ],
    lacks: {
      fragments: NO_FRAGMENTS,
      emptyClose: 'always sends a code',
      sameCode: 'answers 1000, whatever the code',
    },
    deflate: { 'as it is': true },
  },
  {
    name: 'Go coder/websocket',
    command: async (settings) => [await go(), JSON.stringify({ ...settings, library: 'coder' })],
    deflate: { takeover: {}, 'no context': { noTakeover: true } },
  },
  {
    name: 'Go gorilla/websocket',
    command: async (settings) => [await go(), JSON.stringify({ ...settings, library: 'gorilla' })],
    deflate: { 'as it is': {} },
    deflateErrors: [IGNORES_WINDOW],
  },
  {
    name: 'Rust tungstenite',
    command: async () => [await rust(), 'tungstenite'],
    lacks: {
      tls: 'our server of it speaks plain ws',
      deflate: 'does not implement permessage-deflate',
    },
  },
  {
    name: 'Rust fastwebsockets',
    command: async () => [await rust(), 'fastwebsockets'],
    lacks: {
      tls: 'our server of it speaks plain ws',
      deflate: 'does not implement permessage-deflate',
    },
  },
  {
    name: 'Java Jetty',
    command: async () => ['java', '-cp', await java(), at('java/Server.java')],
    lacks: {
      tls: 'our server of it speaks plain ws',
      emptyClose: 'always sends a code',
    },
    deflate: { 'as it is': {} },
    deflateErrors: [IGNORES_WINDOW],
  },
]

const LISTENS_WITHIN = 60000

/** Starts a program and waits until it listens; resolves to `{ port, server }`, where `server` is the process. */
export async function listening([program, ...args], env = process.env) {
  let server
  const port = await new Promise((resolve, reject) => {
    const fail = (message) => {
      clearTimeout(timer)
      reject(new Error(`${message}: ${server.output.trim()}`))
    }
    const timer = setTimeout(() => fail('did not begin to listen'), LISTENS_WITHIN)
    server = start(program, args, {
      env,
      cwd: join(at('.'), '../..'),
      onLine(line) {
        const found = /listening on (\d+)/.exec(line)
        if (!found) return
        clearTimeout(timer)
        resolve(Number(found[1]))
      },
    })
    server.ended.then((code) => fail(`ended with ${code}`), reject)
  })
  return { port, server }
}
