// The whole Client over a transport in memory: a server's answer and frames, right, wrong or hostile, in any pieces; writes
// that are taken in parts and late; a user who sends, pauses, closes, aborts and throws from any callback; timers and ends
// at any point. Held against the reference for what is told, and against the rules of RFC 6455 for what is sent.

import { Buffer } from 'node:buffer'
import type { ClientOptions, Handlers, Socket } from '../../src/client'
import { inflate } from '../../src/deflate/deflate'
import { pick, type Random } from '../deflate/random'
import { Arena } from '../support/arena'
import { join } from '../support/frames'
import { checkSent } from '../support/sent'
import { closeOf, type Event, messagesOf, type Violation } from './frame-reference'
import { frameStream } from './frame-stream'
import { acceptOf, answerOf, negotiatedOf } from './handshake-reference'
import { answerStream } from './handshake-stream'
import { Cursor, limitsOf } from './messages'
import { type Case, Disagreement } from './target'

const PROTOCOLS = [[], ['chat'], ['chat', 'superchat']]
/** What may be thrown at a caller, and is no fault. */
const THROWN = ['NOT_OPEN', 'MESSAGE_OPEN', 'BAD_TEXT']
const TEXTS = [
  '',
  'a',
  'Grüße, €',
  '😀'.repeat(20),
  'x'.repeat(125),
  'y'.repeat(126),
  'ä'.repeat(300),
  'z'.repeat(5000),
]
const ASCII = new Uint8Array(9000).fill(0x61)

const octetsOf = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0))

interface Expected {
  events: Event[]
  /** How the frames end the connection, if they do. */
  violation: Violation | undefined
  close: { code: number; reason: string } | undefined
}

/** Of the frames behind the head: all up to the first Close frame, or what breaks a rule. */
function expectedOf(frames: Uint8Array, limits: Parameters<typeof messagesOf>[1]): Expected {
  const { events, violation } = messagesOf(frames, limits)
  const at = events.findIndex((event) => event.type === 'control' && event.opcode === 8)
  if (at < 0) return { events, violation, close: undefined }
  const { start, end } = events[at]
  const closed = closeOf(frames, start, end)
  const before = events.slice(0, at)
  if ('id' in closed) return { events: before, violation: closed, close: undefined }
  const reason = Buffer.from(frames.subarray(start + 2, end)).toString()
  return { events: before, violation: undefined, close: { code: closed.code, reason } }
}

export function fuzzClient(random: Random): Case {
  const words = [0, 1, 2, 3].map(() => (random(65536) << 16) | random(65536))
  const accept = acceptOf(new Uint8Array(Int32Array.from(words).buffer))
  const protocols = pick(random, PROTOCOLS)
  const head =
    random(4) === 0
      ? answerStream(random, accept, protocols)
      : 'HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ' +
        accept +
        '\r\n\r\n'
  const frames = frameStream(random)
  const server = join([octetsOf(head), frames])
  const isWhole = random(2) === 0
  const limits = { ...limitsOf(random), maxControlFrames: Infinity }
  const maxResponseHead = random(20) ? 16384 : random(head.length + 10)
  const extensions = random(4) ? [] : [inflate()]
  const options: ClientOptions = {
    ...limits,
    protocols,
    extensions,
    maxResponseHead,
    receiveBuffer: pick(random, [256, 257, 512, 4096]),
    sendBuffer: pick(random, [256, 259, 512, 4096]),
    pingInterval: pick(random, [0, 0, 30]),
    idleTimeout: pick(random, [0, 0, 40]),
  }
  const answer = answerOf(
    Buffer.from(server).toString('latin1'),
    accept,
    protocols,
    maxResponseHead,
  )
  let isAccepted = answer.outcome === 'open'
  let hasDeflate = false
  if (answer.outcome === 'open' && answer.extensions) {
    // `inflate()` offers nothing of its own window.
    const offer = {
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: undefined,
      clientMaxWindowBits: false,
    }
    const negotiated = extensions.length ? negotiatedOf(answer.extensions, offer) : 'refused'
    isAccepted = negotiated !== 'refused'
    hasDeflate = typeof negotiated === 'object'
  }
  const begin = answer.outcome === 'open' ? answer.length : server.length
  const payload = server.subarray(begin)
  const expected = isAccepted ? expectedOf(payload, limits) : undefined

  const how: string[] = [JSON.stringify({ ...options, extensions: extensions.length })]
  const fail = (what: string): never => {
    throw new Disagreement(what, server, how.join(' '))
  }
  // How much the user and the network do: in half of the cases little, so that all that the server says is told.
  const haste = pick(random, [0, 0, 0, 3, 10])
  const told: string[] = []
  let isAborted = false
  let errors: string[] = []
  let closed: string | undefined
  let opened = 0
  /** Messages that were accepted, in their order. */
  const sent: { kind: number; bytes: Uint8Array }[] = []
  let parts: Uint8Array[] = []
  let openKind = 0
  const pings: Uint8Array[] = []

  const attempt = (action: () => void) => {
    try {
      action()
    } catch (error) {
      const { id } = error as { id?: string }
      if (!id || !THROWN.includes(id)) throw error
    }
  }
  const act = (socket: Socket) => {
    if (!haste || random(40) >= haste) return
    attempt(() => {
      switch (random(10)) {
        case 0:
        case 1: {
          const text = pick(random, TEXTS)
          if (socket.sendText(text))
            sent.push({ kind: 1, bytes: new Uint8Array(Buffer.from(text)) })
          break
        }
        case 2: {
          const bytes = ASCII.subarray(0, random(4) ? random(300) : random(9000))
          if (socket.sendBinary(bytes)) sent.push({ kind: 2, bytes })
          break
        }
        case 3: {
          const kind = openKind || 1 + random(2)
          const final = random(2) === 0
          const end = random(random(4) ? 40 : 3000)
          if (socket.sendFragment(ASCII, 0, end, kind as 1 | 2, final)) {
            parts.push(ASCII.subarray(0, end))
            openKind = kind
            if (final) {
              sent.push({ kind, bytes: join(parts) })
              parts = []
              openKind = 0
            }
          }
          break
        }
        case 4:
          socket.ping(ASCII.subarray(0, random(126)))
          break
        case 5:
          socket.pause()
          how.push('pause')
          break
        case 6:
        case 7:
          socket.resume()
          break
        case 8:
          if (random(6) === 0) {
            how.push('close')
            // Before it is open, that is `abort()`.
            if (socket.readyState === 0) isAborted = true
            socket.close(random(2) ? 1000 : undefined)
          }
          break
        default:
          if (random(20) === 0) {
            how.push('abort')
            isAborted = true
            socket.abort()
          }
      }
    })
    if (random(16) === 0) throw new Error('of the user')
  }
  /** Nothing comes after the end, or after `abort`. */
  const tell = (what: string) => {
    if (closed !== undefined) fail(what + ' after onClose')
    if (isAborted && what !== 'close') fail(what + ' after abort')
    if (!opened && what !== 'open' && what !== 'error' && what !== 'close')
      fail(what + ' before onOpen')
    if (errors.length && what !== 'close') fail(what + ' after onError')
    told.push(what)
  }
  const cursor = new Cursor(payload, expected ? expected.events : [], isWhole, fail)
  const offset = (start: number) => arena.client.position + start - begin
  // With compression agreed on, the reference does not know what RSV1 means: only the rules are checked.
  const isHeld = !hasDeflate
  const handlers: Handlers = {
    onOpen(socket) {
      tell('open')
      if (opened++) fail('opened twice')
      if (!expected) fail('open, not expected')
      act(socket)
    },
    onPing(bytes, start, end, socket) {
      tell('ping')
      // Not `slice`: a Buffer's does not copy.
      pings.push(Uint8Array.from(bytes.subarray(start, end)))
      if (isHeld) cursor.control(9, bytes, start, end, offset(start))
      act(socket)
    },
    onPong(bytes, start, end, socket) {
      tell('pong')
      if (isHeld) cursor.control(10, bytes, start, end, offset(start))
      act(socket)
    },
    onWritable(socket) {
      tell('writable')
      act(socket)
    },
    onError(error) {
      tell('error')
      if (errors.length) fail('two errors')
      errors = [error.id + ' ' + error.code]
      act(arena.client)
    },
    onClose(code, reason, wasClean) {
      tell('close')
      closed = code + ' ' + reason + ' ' + wasClean
    },
    ...(isWhole
      ? {
          onText(text, socket) {
            tell('text')
            const bytes = Buffer.from(text)
            if (isHeld) cursor.message(bytes, 0, bytes.length, 1)
            act(socket)
          },
          onBinary(bytes, start, end, socket) {
            tell('binary')
            if (isHeld) cursor.message(bytes, start, end, 2)
            act(socket)
          },
        }
      : {
          onFragment(bytes, start, end, kind, final, socket) {
            tell('fragment')
            if (isHeld) cursor.fragment(bytes, start, end, kind, final, offset(start))
            act(socket)
          },
        }),
  }
  const arena = new Arena(handlers, {
    words,
    client: options,
    fail,
    takes: (count) => (random(3) ? (random(4) ? count : random(count + 1)) : -1),
  })
  const { client } = arena
  let at = 0
  let isCut = false
  const most = pick(random, [1, 3, 50, 1000, 100000])
  client.onConnected()
  // A step is what can happen next; with patience for all of it.
  const bound = 40 * server.length + 3000
  for (let steps = 0; closed === undefined && !arena.isAborted; steps++) {
    if (steps > bound) fail('does not end')
    const before = at
    if (!arena.isPaused && at < server.length) at += arena.receive(server, at, 1 + random(most))
    if (arena.isWriting && random(3)) arena.settle(random(4) ? Infinity : random(100))
    if (random(3)) arena.turn()
    if (haste) {
      if (client.readyState !== 3) {
        try {
          act(client)
        } catch {
          // What a callback would throw.
        }
      }
      if (random(400) === 0) {
        how.push('timer')
        isCut = true
        arena.fire(random(3))
      } else if (random(600) === 0) {
        how.push('end')
        isCut = true
        client.onEnd()
      } else if (random(800) === 0) {
        how.push('lost')
        isCut = true
        client.onTransportError(new Error('lost'))
      }
    }
    if (at === before && at < server.length && (arena.isPaused || !arena.isWriting)) {
      // Held back: by the user, who goes on sometime, or by a pong without room.
      if (random(4) === 0) client.resume()
    }
    if (at === server.length && random(4) === 0) break
  }
  // The server says no more; everything that waits is let come.
  for (let steps = 0; closed === undefined; steps++) {
    if (steps > bound) fail('does not come to its end')
    client.resume()
    arena.settle()
    const hasRun = arena.turn()
    if (!arena.isPaused && at < server.length && !arena.isAborted) {
      at += arena.receive(server, at, 1000)
    } else if (!hasRun && !arena.isWriting && !arena.isAborted) {
      client.onEnd()
    }
  }
  // The end is the end, whatever comes still.
  const count = told.length
  if (arena.isAborted) {
    client.onEnd()
    client.onTransportError(new Error('late'))
    client.onWritten(0)
    client.resume()
    client.pause()
    client.abort()
    client.close()
  } else fail('the transport was left open')
  arena.turn()
  if (told.length !== count) fail('something after onClose')
  if (client.readyState !== 3) fail('readyState ' + client.readyState)
  if (arena.timers) fail('a timer is left')
  if (arena.errors.some((error) => (error as Error).message !== 'of the user'))
    throw arena.errors[0]

  const error = errors[0] || ''
  if (!expected) {
    if (told.includes('open')) fail('open, not expected')
    if (!isAborted && !isCut && !error) fail('refused without an error')
    const id =
      answer.outcome === 'refused'
        ? answer.id
        : answer.outcome === 'open'
          ? 'BAD_EXTENSIONS'
          : 'CONNECTION_ENDED'
    if (!isAborted && !isCut && error !== id + ' 1006') fail(error + ', expected ' + id)
  } else if (isHeld && !isAborted && !isCut) {
    const { violation, close } = expected
    if (violation) {
      cursor.end(true)
      if (error !== violation.id + ' ' + violation.code)
        fail(error + ', expected ' + JSON.stringify(violation))
      if (closed !== violation.code + ' ' + violation.id + ' false') fail('closed ' + closed)
    } else if (close) {
      cursor.end(false)
      if (error || closed !== close.code + ' ' + close.reason + ' true') fail('closed ' + closed)
    } else {
      cursor.end(false)
      if (closed !== '1006 CONNECTION_ENDED false') fail('closed ' + closed)
    }
  }
  checkSent({
    written: Uint8Array.from(arena.written),
    sent,
    parts: openKind ? parts : [],
    pings,
    bufferedAmount: client.bufferedAmount,
    fail,
  })
  return { octets: server.length, fed: at }
}
