// The vectors of the core over `dist/espruino.js`, whose core is another: the same URLs, responses, messages and violations
// must lead to the same. The network is in memory; each vector arrives whole, byte by byte, in threes and at every split.

import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Handlers, Socket } from '../../src/client'
import { OPCODE_NAMES } from '../support/frames'
import { expectLog, Log } from '../support/log'
import { show, wire } from '../support/wire'
import { endpointVectors } from '../vectors/endpoint'
import { frameVectors } from '../vectors/frame-decoder'
import { handshakeVectors } from '../vectors/handshake'
import { messageVectors } from '../vectors/message-decoder'
import { utf8Vectors } from '../vectors/utf8-validator'
import { MemoryEngine, type MemorySocket } from './memory-engine'

const engine = new MemoryEngine()

/** The response of section 1.3, to the key of section 1.3. */
const HEAD =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

/** Sizes of the pieces in which `length` octets arrive; the last one repeats. */
function waysOf(length: number): number[][] {
  const ways = [[length || 1]]
  if (length < 5000) ways.push([1], [3])
  for (let at = 1; at < length; at += at < 120 ? 1 : 997) ways.push([at, length])
  return ways
}

function feed(socket: MemorySocket, bytes: string, sizes: number[]): void {
  let piece = 0
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[piece]
    if (piece < sizes.length - 1) piece++
    socket.tell('data', bytes.substr(at, size))
    at += size
  }
}

// --- URLs.

const endpoints = suite('endpoint vectors')

function describe(url: string): string {
  try {
    engine.connect(url)
  } catch (error) {
    return (error as { id: string }).id
  }
  const { network, options, written } = engine.last
  const [request, host] = written.split('\r\n')
  const [, credentials = ''] = /\r\nAuthorization: Basic (\S+)/.exec(written) || []
  const userInfo = Buffer.from(credentials, 'base64').toString()
  return (
    (network === 'tls' ? 'TLS ' : 'TCP ') +
    `${options.host} ${options.port}, ${host.replace(':', '')}, ` +
    request.replace(' HTTP/1.1', '') +
    (userInfo && ', ' + userInfo)
  )
}

for (const { url, log } of endpointVectors) {
  // A name is what the caller writes: there is nothing that could make it another.
  endpoints(url, () => assert.is(describe(Buffer.from(url).toString('latin1')), log))
}

endpoints.run()

// --- Responses.

const handshakes = suite('handshake vectors')

for (const vector of handshakeVectors) {
  const { name, in: input, protocols = ['chat', 'superchat'], maxLength = 16384, status } = vector
  handshakes(name, () => {
    for (const sizes of waysOf(input.length)) {
      const log: string[] = []
      const socket = engine.connect(
        'ws://server.example.com/chat',
        {
          onOpen: ({ protocol }) => log.push('open ' + protocol),
          onError(error) {
            log.push('refused ' + error.id + ' @' + error.offset)
            if (status !== undefined && error.status !== status) log.push('status ' + error.status)
            const retryAfter = error.headers && error.headers['retry-after']
            if (vector.retryAfter && retryAfter !== vector.retryAfter)
              log.push('Retry-After ' + retryAfter)
          },
        },
        { protocols, maxResponseHead: maxLength },
      )
      feed(engine.last, input, sizes)
      // There are no extensions here: what is handed on elsewhere is refused.
      const expected = vector.log.map((line) =>
        /^open \S* [^,]/.test(line)
          ? 'refused BAD_EXTENSIONS @' + (input.length - 1)
          : line.replace(/^(open \S*) .*/, '$1'),
      )
      socket.abort()
      expectLog(log, expected, 'pieces of ' + sizes)
    }
  })
}

handshakes.run()

// --- Messages.

interface Outcome {
  lines: string[]
  /** The error, if the connection has failed. */
  violation: string
}

/** An open connection in either mode, which takes `bytes` in pieces of `sizes`. */
function receive(bytes: string, sizes: number[], isWhole: boolean, limits: object): Outcome {
  const log = new Log()
  let messages = 0
  let violation = ''
  const control = (opcode: number) => (payload: Uint8Array, start: number, end: number) =>
    log.add(OPCODE_NAMES[opcode] + ' ' + show(payload, start, end))
  const handlers: Handlers = {
    onPing: control(9),
    onPong: control(10),
    onError({ id, code, offset }) {
      violation = `violation @${offset! - HEAD.length} ${id} ${code}`
      if (id === 'INVALID_UTF8') log.retract()
      log.add(violation)
    },
  }
  if (isWhole) {
    handlers.onText = (text) =>
      log.add('message text ' + show(Uint8Array.from(Buffer.from(text, 'latin1'))))
    handlers.onBinary = (payload, start, end) =>
      log.add('message binary ' + show(payload, start, end))
  } else {
    handlers.onFragment = (payload, start, end, kind, final) => {
      assert.ok(start < end || final, 'an empty span that is not final')
      const suffix = final ? ' final' : ''
      const key = kind + ' ' + messages
      log.span(key, payload, start, end, (all) => OPCODE_NAMES[kind] + ' ' + show(all) + ends)
      ends = suffix
      if (final) {
        messages++
        log.flush()
      }
    }
  }
  let ends = ''
  const socket = engine.connect('ws://h/', handlers, { maxMessageSize: Infinity, ...limits })
  const { last } = engine
  last.tell('data', HEAD)
  feed(last, bytes, sizes)
  log.flush()
  socket.abort()
  return { lines: log.lines, violation }
}

/** Without what is not told here: where a span began, and in which pieces what was given up came. */
function plain(lines: string[]): string[] {
  const known = lines.map((line) =>
    line.startsWith('violation') ? line : line.replace(/ @\d+/, ''),
  )
  const isText = /INVALID_UTF8/.test(lines[lines.length - 1])
  return isText ? known.filter((line) => !/^text /.test(line)) : known
}

const messages = suite('message vectors')
const latin1 = (text: string) => Buffer.from(wire(text)).toString('latin1')

for (const { name, in: text, fragments, whole, limits } of messageVectors) {
  messages(name, () => {
    const bytes = latin1(text)
    for (const sizes of waysOf(bytes.length)) {
      for (const isWhole of [false, true]) {
        const { lines } = receive(bytes, sizes, isWhole, limits || {})
        const how = (isWhole ? 'whole' : 'fragments') + ', pieces of ' + sizes
        expectLog(plain(lines), plain(isWhole ? whole : fragments), how)
      }
    }
  })
}

messages.run()

// --- Frames: what is wrong, and where.

const frames = suite('frame vectors')

for (const { name, in: text, log } of frameVectors) {
  const found = log.find((line) => line.startsWith('violation')) || ''
  // A Close frame is one, and what stands in it is checked as well.
  if (name.startsWith('control opcode 8 between')) continue
  frames(name, () => {
    const bytes = latin1(text)
    for (const sizes of waysOf(bytes.length)) {
      const { violation } = receive(bytes, sizes, false, {})
      assert.is(violation, found, 'pieces of ' + sizes)
    }
  })
}

frames.run()

// --- UTF-8: received, and sent where strings are bytes.

const utf8 = suite('UTF-8 vectors')

for (const { name, in: text, log } of utf8Vectors) {
  utf8(name + ': ' + text.slice(0, 40), () => {
    const payload = latin1(text)
    const { length } = payload
    const header =
      '\x81' +
      (length < 126
        ? String.fromCharCode(length)
        : String.fromCharCode(126, length >> 8, length & 255))
    const [, at = log === 'complete' ? '' : String(length)] = /^wrong @(\d+)/.exec(log) || []
    // What comes after the end of half a character is the end of the frame, which is not an octet of it.
    const expected = at && `violation @${header.length + +at} INVALID_UTF8 1007`
    for (const sizes of waysOf(header.length + length)) {
      assert.is(receive(header + payload, sizes, false, {}).violation, expected, String(sizes))
    }
    let thrown = ''
    const socket = open()
    try {
      socket.sendText(payload)
    } catch (error) {
      thrown = (error as { id: string }).id
    }
    assert.is(thrown, at && 'BAD_TEXT')
    socket.abort()
  })
}

function open(): Socket {
  const socket = engine.connect('ws://h/', {}, { sendBuffer: 65536 })
  engine.last.tell('data', HEAD)
  assert.is(socket.readyState, 1)
  return socket
}

utf8.run()
