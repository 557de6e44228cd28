// The caller's mistakes, which throw at once and change nothing.

import { fromHex, utf8 } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, connect, open, script, thrown, ascii, NOT_OPEN, sendAll } from './cases.mjs'

const { cases, add } = casesOf('misuse')

for (const [url, expected] of [
  ['', 'TypeError BAD_URL'],
  ['not a url', 'TypeError BAD_URL'],
  ['//host/path', 'TypeError BAD_URL'],
  ['ws://', 'TypeError BAD_URL'],
  ['ws://host:99999/', 'TypeError BAD_URL'],
  ['http://127.0.0.1/', 'TypeError BAD_URL'],
  ['https://127.0.0.1/', 'TypeError BAD_URL'],
  ['wsx://127.0.0.1/', 'TypeError BAD_URL'],
  ['file:///etc/passwd', 'TypeError BAD_URL'],
  ['ws://127.0.0.1/#fragment', 'TypeError BAD_URL'],
  ['ws://127.0.0.1/#', 'TypeError BAD_URL'],
]) {
  add('misuse: connect to ' + JSON.stringify(url), async (env) => {
    env.equal(
      thrown(() => env.connect(url, {}, env.options)),
      expected,
    )
  })
}

add('misuse: the message of a bad URL does not repeat its password', async (env) => {
  let message
  try {
    env.connect('http://user:secret@host/', {}, env.options)
  } catch (error) {
    message = error.message
  }
  env.equal(message.indexOf('secret'), -1)
})

for (const protocols of [
  '',
  'two words',
  'a,b',
  'ü',
  'a\r\nb',
  '"a"',
  ['a', 'a'],
  ['a', ''],
  ['a', 'b', 'a'],
  5,
  null,
  ['a', undefined],
]) {
  add('misuse: subprotocols ' + JSON.stringify(protocols), async (env) => {
    env.equal(
      thrown(() => env.connect(env.url('/'), {}, { ...env.options, protocols })),
      'TypeError BAD_SUBPROTOCOL',
    )
  })
}

for (const [name, value] of [
  ['X', 'a\rb'],
  ['X', 'a\nb'],
  ['X', 'a\r\nInjected: yes'],
  ['X', 'a\u0000b'],
  ['X', '\u007f'],
  ['X', 'ü'],
  ['X', undefined],
  ['X', null],
  ['', 'a'],
  ['a b', 'c'],
  ['X:', 'a'],
  ['X\r\nY', 'a'],
  ['Connection', 'close'],
  ['connection', 'close'],
  ['Upgrade', 'h2c'],
  ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
  ['sec-websocket-version', '8'],
  ['Sec-WebSocket-Protocol', 'chat'],
  ['Sec-WebSocket-Extensions', 'x'],
]) {
  add('misuse: header ' + JSON.stringify(name + ': ' + value), async (env) => {
    const headers = {}
    headers[name] = value
    env.equal(
      thrown(() => env.connect(env.url('/'), {}, { ...env.options, headers })),
      'TypeError BAD_HEADER',
    )
  })
}

for (const [name, value] of [
  ['receiveBuffer', 255],
  ['receiveBuffer', -1],
  ['receiveBuffer', NaN],
  ['receiveBuffer', new Uint8Array(255)],
  ['sendBuffer', 255],
  ['sendBuffer', 'large'],
  ['sendBuffer', new Uint8Array(0)],
  ['maxMessageSize', -1],
  ['maxMessageSize', NaN],
  ['maxFragments', -1],
  ['maxEmptyFragments', NaN],
  ['maxControlFrames', -5],
  ['maxResponseHead', 'big'],
  ['handshakeTimeout', -1],
  ['closeTimeout', NaN],
  ['idleTimeout', -1],
  ['pingInterval', 'soon'],
  ['pongTimeout', -0.5],
]) {
  const shown =
    value instanceof Uint8Array ? 'of ' + value.length + ' bytes' : JSON.stringify(value)
  add('misuse: option ' + name + ' ' + shown, async (env) => {
    const options = { ...env.options }
    options[name] = value
    env.equal(
      thrown(() => env.connect(env.url('/'), {}, options)),
      'RangeError BAD_OPTION',
    )
  })
}

add('misuse: none is a connection that nobody hears of', async (env) => {
  const socket = env.connect(env.url('/?then=close'), undefined, env.options)
  env.equal(socket.readyState, 0)
  socket.abort()
  env.equal(socket.readyState, 3)
})

/** Calls that throw while the connection is open, and leave it as it was. */
const MISUSES = [
  ['close(0)', (socket) => socket.close(0), 'RangeError BAD_CLOSE_CODE'],
  ['close(999)', (socket) => socket.close(999), 'RangeError BAD_CLOSE_CODE'],
  ['close(1004)', (socket) => socket.close(1004), 'RangeError BAD_CLOSE_CODE'],
  ['close(1005)', (socket) => socket.close(1005), 'RangeError BAD_CLOSE_CODE'],
  ['close(1006)', (socket) => socket.close(1006), 'RangeError BAD_CLOSE_CODE'],
  ['close(1015)', (socket) => socket.close(1015), 'RangeError BAD_CLOSE_CODE'],
  ['close(2000)', (socket) => socket.close(2000), 'RangeError BAD_CLOSE_CODE'],
  ['close(5000)', (socket) => socket.close(5000), 'RangeError BAD_CLOSE_CODE'],
  ['close(1000.5)', (socket) => socket.close(1000.5), 'RangeError BAD_CLOSE_CODE'],
  ['close(NaN)', (socket) => socket.close(NaN), 'RangeError BAD_CLOSE_CODE'],
  ['close(null)', (socket) => socket.close(null), 'RangeError BAD_CLOSE_CODE'],
  [
    'close with a reason alone',
    (socket) => socket.close(undefined, 'why'),
    'RangeError BAD_CLOSE_CODE',
  ],
  [
    'close with a reason of 124 bytes',
    (socket) => socket.close(1000, ascii(124)),
    'RangeError BAD_CLOSE_REASON',
  ],
  [
    'close with a reason of 42 × 3 bytes',
    (socket) => socket.close(1000, ascii(42).replace(/./g, '環')),
    'RangeError BAD_CLOSE_REASON',
  ],
  ['ping of 126 bytes', (socket) => socket.ping(new Uint8Array(126)), 'RangeError BAD_PING'],
  ['ping of a string', (socket) => socket.ping('text'), 'TypeError BAD_BYTES'],
  ['sendText of a number', (socket) => socket.sendText(5), 'TypeError BAD_TEXT'],
  ['sendText of nothing', (socket) => socket.sendText(), 'TypeError BAD_TEXT'],
  ['sendText of bytes', (socket) => socket.sendText(new Uint8Array(3)), 'TypeError BAD_TEXT'],
  ['sendBinary of a string', (socket) => socket.sendBinary('text'), 'TypeError BAD_BYTES'],
  [
    'sendBinary of an ArrayBuffer',
    (socket) => socket.sendBinary(new ArrayBuffer(4), 0, 4),
    'TypeError BAD_BYTES',
  ],
  ['sendBinary of an array', (socket) => socket.sendBinary([1, 2]), 'TypeError BAD_BYTES'],
  [
    'sendBinary from −1',
    (socket) => socket.sendBinary(new Uint8Array(4), -1),
    'RangeError BAD_RANGE',
  ],
  [
    'sendBinary from behind the end',
    (socket) => socket.sendBinary(new Uint8Array(4), 3, 2),
    'RangeError BAD_RANGE',
  ],
  [
    'sendBinary beyond the bytes',
    (socket) => socket.sendBinary(new Uint8Array(4), 0, 5),
    'RangeError BAD_RANGE',
  ],
  [
    'sendBinary from NaN',
    (socket) => socket.sendBinary(new Uint8Array(4), NaN),
    'RangeError BAD_RANGE',
  ],
  [
    'sendFragment beyond the bytes',
    (socket) => socket.sendFragment(new Uint8Array(4), 2, 9, 2, true),
    'RangeError BAD_RANGE',
  ],
  [
    'sendFragment of the kind 0',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 0, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 3',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 3, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 8',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 8, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 9',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 9, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 10',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 10, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind undefined',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, undefined, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 1.5',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 1.5, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 17',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 17, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendBinary to the middle of a byte',
    (socket) => socket.sendBinary(new Uint8Array(4), 0, 1.5),
    'RangeError BAD_RANGE',
  ],
  [
    'sendFragment of text that is not UTF-8',
    (socket) => socket.sendFragment(fromHex('61ff'), 0, 2, 1, true),
    'TypeError BAD_TEXT',
  ],
  [
    'sendFragment of text that ends in a character',
    (socket) => socket.sendFragment(fromHex('c3'), 0, 1, 1, true),
    'TypeError BAD_TEXT',
  ],
]

add('misuse while open: each throws its own, and nothing of it is sent', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path)
  for (const [name, call, expected] of MISUSES)
    env.equal(name + ': ' + thrown(() => call(session.socket)), name + ': ' + expected)
  env.equal(session.socket.readyState, 1)
  env.equal(session.socket.bufferedAmount, 0)
  session.socket.sendText('still here')
  session.socket.close(1000)
  await session.closed
  env.equal((await peer.report()).frames, ['text "still here"', 'close 1000 ""'])
})

add('misuse: another message in the middle of one', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path)
  const { socket } = session
  const bytes = utf8('abcd')
  socket.sendFragment(bytes, 0, 2, 1, false)
  env.equal(
    thrown(() => socket.sendText('x')),
    'Error MESSAGE_OPEN',
  )
  env.equal(
    thrown(() => socket.sendBinary(bytes)),
    'Error MESSAGE_OPEN',
  )
  env.equal(
    thrown(() => socket.sendFragment(bytes, 2, 4, 2, true)),
    'Error MESSAGE_OPEN',
  )
  socket.sendFragment(bytes, 2, 4, 1, true)
  socket.sendBinary(bytes, 3)
  socket.close(1000)
  await session.closed
  env.equal((await peer.report()).frames, [
    'text 6162, more',
    'continuation 6364',
    'binary 64',
    'close 1000 ""',
  ])
})

add('misuse: sends before open, while closing, after the end', async (env) => {
  const session = connect(env, '/echo')
  const { socket } = session
  env.equal(sendAll(socket), NOT_OPEN, 'while connecting')
  env.equal(
    thrown(() => socket.close(1005)),
    'RangeError BAD_CLOSE_CODE',
  )
  await session.until('open')
  socket.close(1000)
  env.equal(sendAll(socket), NOT_OPEN, 'while closing')
  env.equal(
    thrown(() => socket.close(1005)),
    'RangeError BAD_CLOSE_CODE',
  )
  await session.closed
  env.equal(sendAll(socket), NOT_OPEN, 'when closed')
  env.equal(
    thrown(() => socket.close(1005)),
    'RangeError BAD_CLOSE_CODE',
  )
  socket.pause()
  socket.resume()
  socket.abort()
  env.equal(session.log, ['open', 'close 1000 "" clean'])
})

export { cases as misuse }
