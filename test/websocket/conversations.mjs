// Conversations with peers of `../runtime/server.mjs`, over whatever WebSocket class it is given, and what its events say,
// one line each, with `readyState`. Plain JavaScript, for a Node that knows no TypeScript.
//
//   open 1                          or: open 1 protocol chat
//   message 1 "hello"               message 1 ArrayBuffer 0102      message 1 Blob 3
//   error 3
//   close 3 1000 "bye" clean        or: unclean

import process from 'node:process'
import { GOOD_HEAD } from '../runtime/session.mjs'

const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('')

function show({ data }) {
  if (typeof data === 'string') return JSON.stringify(data)
  if (data instanceof Blob) return 'Blob ' + data.size
  return data.constructor.name + ' ' + hex(new Uint8Array(data))
}

/** Connects; `talk(socket, event)` is called after each event was logged. Resolves to the log, with the last event. */
function converse(WebSocket, url, protocols, talk = () => {}) {
  return new Promise((resolve) => {
    const log = []
    const socket = new WebSocket(url, protocols)
    socket.binaryType = 'arraybuffer'
    const say = (text, event) => {
      log.push(`${event.type} ${socket.readyState}${text}`)
      talk(socket, event, log)
    }
    socket.onopen = (event) => say(socket.protocol && ` protocol ${socket.protocol}`, event)
    socket.onmessage = (event) => say(` ${show(event)}`, event)
    socket.onerror = (event) => say('', event)
    socket.onclose = (event) => {
      const { code, reason, wasClean } = event
      say(` ${code} ${JSON.stringify(reason)} ${wasClean ? 'clean' : 'unclean'}`, event)
      // Whatever comes too late comes now.
      setTimeout(() => resolve(log), 50)
    }
    talk(socket, { type: 'made' }, log)
  })
}

const raw = (...steps) => `/raw?key=differential&steps=${encodeURIComponent(JSON.stringify(steps))}`
const frames = (hex, ...steps) => raw(['write', { head: GOOD_HEAD }, hex], ...steps)
const on = (type, act) => (socket, event, log) => event.type === type && act(socket, event, log)

/** Name → what is done with the class; `url(path)` is the server's. */
export const CONVERSATIONS = {
  'text, bytes and a Blob come back': (WebSocket, url) => {
    let count = 0
    return converse(WebSocket, url('/echo'), [], (socket, { type }) => {
      if (type === 'open') {
        socket.send('Grüße 😀')
        socket.send(Uint8Array.of(1, 2, 255))
        socket.send(Uint8Array.of(9, 8, 7).buffer)
        socket.send(new DataView(new ArrayBuffer(4), 1, 2))
        socket.send('')
        socket.send(new Uint8Array(0))
      }
      if (type === 'message' && ++count === 6) {
        socket.binaryType = 'blob'
        socket.send(new Blob(['abc']))
      }
      if (count === 7) socket.close(1000, 'bye')
    })
  },
  'values that are no strings are sent as text': (WebSocket, url) => {
    let count = 0
    return converse(WebSocket, url('/echo'), [], (socket, { type }) => {
      if (type === 'open') for (const one of [null, 1, undefined, {}, [1, 2]]) socket.send(one)
      if (type === 'message' && ++count === 5) socket.close()
    })
  },
  'half of a character': (WebSocket, url) =>
    converse(WebSocket, url('/echo'), [], (socket, { type }) => {
      if (type === 'open') socket.send('a\ud800b')
      if (type === 'message') socket.close(3000, 'x\udc00')
    }),
  'the peer closes with a code': (WebSocket, url) =>
    converse(WebSocket, url('/close?code=4001&reason=why')),
  'the peer closes without a code': (WebSocket, url) => converse(WebSocket, url(frames('8800'))),
  'the peer closes in the packet of its head': (WebSocket, url) =>
    converse(WebSocket, url(frames('8101618102626388 0503e8627965'))),
  'five messages in one packet': (WebSocket, url) => converse(WebSocket, url('/messages?n=5')),
  'fragments, with a ping between': (WebSocket, url) =>
    converse(WebSocket, url(frames('010161 890170 000162 800163 8802 03e8'))),
  'a subprotocol': (WebSocket, url) => converse(WebSocket, url('/close?code=1000'), ['chat', 'x']),
  'nobody listens': (WebSocket) => converse(WebSocket, 'ws://127.0.0.1:1/'),
  'a refusal': (WebSocket, url) =>
    converse(
      WebSocket,
      url(raw(['write', { head: 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n' }])),
    ),
  'a wrong accept value': (WebSocket, url) =>
    converse(
      WebSocket,
      url(raw(['write', { head: GOOD_HEAD.replace('$ACCEPT', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=') }])),
    ),
  'a subprotocol that was not asked for': (WebSocket, url) =>
    converse(
      WebSocket,
      url(
        raw([
          'write',
          { head: GOOD_HEAD.replace('\r\n\r\n', '\r\nSec-WebSocket-Protocol: x\r\n\r\n') },
        ]),
      ),
    ),
  'none of the subprotocols is chosen': (WebSocket, url) =>
    converse(WebSocket, url(frames('')), ['chat']),
  'a reserved opcode': (WebSocket, url) => converse(WebSocket, url(frames('810161 8300'))),
  'a masked frame': (WebSocket, url) => converse(WebSocket, url(frames('818100000000 61'))),
  'text that is not UTF-8': (WebSocket, url) => converse(WebSocket, url(frames('8102c328'))),
  'a close code that is none': (WebSocket, url) => converse(WebSocket, url(frames('8802 03ed'))),
  'the end without a Close frame': (WebSocket, url) =>
    converse(WebSocket, url(frames('810161', ['fin']))),
  'a reset': (WebSocket, url) =>
    converse(WebSocket, url(frames('810161', ['wait', 100], ['reset']))),
  'close at once': (WebSocket, url) =>
    converse(
      WebSocket,
      url('/echo'),
      [],
      on('made', (socket) => socket.close()),
    ),
  'close twice': (WebSocket, url) =>
    converse(
      WebSocket,
      url('/echo'),
      [],
      on('open', (socket) => {
        socket.close(4001, 'first')
        socket.close(4002, 'second')
      }),
    ),
  'messages after a close are sent nowhere': (WebSocket, url) =>
    converse(
      WebSocket,
      url('/echo'),
      [],
      on('open', (socket, _, log) => {
        socket.send('before')
        socket.close()
        socket.send('after')
        log.push('amount grew: ' + (socket.bufferedAmount >= 5))
      }),
    ),
  'a handler that throws': async (WebSocket, url) => {
    const thrown = []
    const listen = (error) => thrown.push(error.message)
    process.on('uncaughtException', listen)
    const log = await converse(
      WebSocket,
      url('/messages?n=2'),
      [],
      on('message', () => {
        throw new Error('in a handler')
      }),
    )
    process.off('uncaughtException', listen)
    return [...log, ...thrown]
  },
}

/** The logs: what the classes of Node 24.21 and 26.10 say, too (`npm run runtimes -- native`). */
export const LOGS = {
  'text, bytes and a Blob come back': [
    'open 1',
    'message 1 "Grüße 😀"',
    'message 1 ArrayBuffer 0102ff',
    'message 1 ArrayBuffer 090807',
    'message 1 ArrayBuffer 0000',
    'message 1 ""',
    'message 1 ArrayBuffer ',
    'message 1 Blob 3',
    'close 3 1000 "bye" clean',
  ],
  'values that are no strings are sent as text': [
    'open 1',
    'message 1 "null"',
    'message 1 "1"',
    'message 1 "undefined"',
    'message 1 "[object Object]"',
    'message 1 "1,2"',
    'close 3 1005 "" clean',
  ],
  'half of a character': ['open 1', 'message 1 "a�b"', 'close 3 3000 "x�" clean'],
  'the peer closes with a code': ['open 1', 'close 3 4001 "why" clean'],
  'the peer closes without a code': ['open 1', 'close 3 1005 "" clean'],
  'the peer closes in the packet of its head': [
    'open 1',
    'message 1 "a"',
    'message 1 "bc"',
    'close 3 1000 "bye" clean',
  ],
  'five messages in one packet': [
    'open 1',
    'message 1 "0"',
    'message 1 "1"',
    'message 1 "2"',
    'message 1 "3"',
    'message 1 "4"',
    'close 3 1000 "sent" clean',
  ],
  'fragments, with a ping between': ['open 1', 'message 1 "abc"', 'close 3 1000 "" clean'],
  'a subprotocol': ['open 1 protocol chat', 'close 3 1000 "" clean'],
  'nobody listens': ['error 3', 'close 3 1006 "" unclean'],
  'a refusal': ['error 3', 'close 3 1006 "" unclean'],
  'a wrong accept value': ['error 3', 'close 3 1006 "" unclean'],
  'a subprotocol that was not asked for': ['error 3', 'close 3 1006 "" unclean'],
  'none of the subprotocols is chosen': ['error 3', 'close 3 1006 "" unclean'],
  'a reserved opcode': ['open 1', 'message 1 "a"', 'error 3', 'close 3 1006 "" unclean'],
  'a masked frame': ['open 1', 'error 3', 'close 3 1006 "" unclean'],
  'text that is not UTF-8': ['open 1', 'error 3', 'close 3 1006 "" unclean'],
  'a close code that is none': ['open 1', 'error 3', 'close 3 1006 "" unclean'],
  'the end without a Close frame': [
    'open 1',
    'message 1 "a"',
    'error 3',
    'close 3 1006 "" unclean',
  ],
  'a reset': ['open 1', 'message 1 "a"', 'error 3', 'close 3 1006 "" unclean'],
  'close at once': ['error 3', 'close 3 1006 "" unclean'],
  'close twice': ['open 1', 'close 3 4001 "first" clean'],
  'messages after a close are sent nowhere': [
    'open 1',
    'amount grew: true',
    'close 3 1005 "" clean',
  ],
  'a handler that throws': [
    'open 1',
    'message 1 "0"',
    'message 1 "1"',
    'close 3 1000 "sent" clean',
    'in a handler',
    'in a handler',
  ],
}
