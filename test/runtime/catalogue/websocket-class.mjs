// The WebSocket class, `env.WebSocket`.

import { fillPattern, fromHex, showBytes } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, script } from './cases.mjs'

const { cases, add } = casesOf('WebSocket class', 'webSocketClass')

/** Connects; `log` has a line per event, and `closed` resolves with the last. */
function connect(env, url, protocols, options = {}) {
  const socket = new env.WebSocket(url, protocols, { ...env.options, ...options })
  const log = []
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => {
    log.push('open' + (socket.protocol && ' protocol ' + socket.protocol))
  })
  socket.addEventListener('message', ({ data }) => {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : undefined
    if (bytes) log.push('binary ' + showBytes(bytes, 0, bytes.length))
    else log.push(typeof data === 'string' ? 'text ' + data : 'blob')
  })
  socket.addEventListener('error', ({ error }) => log.push('error ' + error.id))
  const closed = new Promise((resolve) => {
    socket.addEventListener('close', ({ code, reason, wasClean }) => {
      log.push('close ' + code + ' "' + reason + '" ' + (wasClean ? 'clean' : 'unclean'))
      resolve(log)
    })
  })
  return { socket, log, closed }
}

/** The next event of a type; the end is told to all who wait. */
function next(socket, type) {
  return new Promise((resolve) => {
    socket.addEventListener(type, resolve, { once: true })
    socket.addEventListener('close', resolve, { once: true })
  })
}

function nameOf(call) {
  try {
    call()
  } catch (error) {
    return error.name
  }
  return 'nothing'
}

add('WebSocket: text and binary come back', async (env) => {
  const { socket, log, closed } = connect(env, env.url('/echo'))
  env.equal([socket.readyState, socket.url], [0, env.url('/echo')])
  await next(socket, 'open')
  const bytes = fromHex('00 01 ff')
  socket.send('Grüße')
  socket.send(bytes)
  socket.send(bytes.buffer)
  socket.send(new DataView(bytes.buffer, 1, 1))
  socket.send('')
  for (let i = 0; i < 5; i++) await next(socket, 'message')
  env.equal(socket.bufferedAmount, 0)
  socket.close(1000, 'bye')
  env.equal(socket.readyState, 2)
  await closed
  env.equal(socket.readyState, 3)
  env.equal(log, [
    'open',
    'text Grüße',
    'binary 0001ff',
    'binary 0001ff',
    'binary 01',
    'text ',
    'close 1000 "bye" clean',
  ])
})

add(
  'WebSocket: over wss',
  async (env) => {
    const { socket, closed } = connect(env, env.secureUrl('/echo'), [], env.trust)
    socket.onopen = () => socket.send('secret')
    socket.onmessage = () => socket.close()
    env.equal(await closed, ['open', 'text secret', 'close 1005 "" clean'])
  },
  ['trust'],
)

add('WebSocket: a subprotocol, and the code and reason of the peer', async (env) => {
  const { socket, closed } = connect(env, env.url('/close?code=4001&reason=why'), ['chat', 'x'])
  env.equal(socket.protocol, '')
  env.equal(await closed, ['open protocol chat', 'close 4001 "why" clean'])
})

add('WebSocket: awaited events come one by one, however they arrive', async (env) => {
  const { socket, closed } = connect(env, env.url('/messages?n=5'))
  const texts = []
  await next(socket, 'open')
  while (texts.length < 5) texts.push((await next(socket, 'message')).data)
  env.equal(texts, ['0', '1', '2', '3', '4'])
  const log = await closed
  env.equal(log[log.length - 1], 'close 1000 "sent" clean')
})

add('WebSocket: the ways to fail tell error and then close with 1006', async (env) => {
  env.equal(await connect(env, env.refusedUrl('/')).closed, [
    'error CONNECT_FAILED',
    'close 1006 "" unclean',
  ])
  const peer = script(env, ['write', { head: GOOD_HEAD }, '8101618302'])
  env.equal(await connect(env, env.url(peer.path)).closed, [
    'open',
    'text a',
    'error RESERVED_OPCODE',
    'close 1006 "" unclean',
  ])
  const early = connect(env, env.url('/echo'))
  early.socket.close()
  env.equal(early.socket.readyState, 2)
  env.equal(await early.closed, ['error CLOSED_EARLY', 'close 1006 "" unclean'])
  const dropped = connect(env, env.url('/echo'))
  dropped.socket.onopen = () => dropped.socket.terminate()
  env.equal(await dropped.closed, ['open', 'close 1006 "" unclean'])
})

add('WebSocket: the exceptions of the standard', async (env) => {
  const { WebSocket } = env
  const url = env.url('/echo')
  env.equal(
    [
      nameOf(() => new WebSocket('nonsense')),
      nameOf(() => new WebSocket(url + '#')),
      nameOf(() => new WebSocket(url.replace('ws', 'ftp'))),
      nameOf(() => new WebSocket(url, ['a', 'A'])),
      nameOf(() => new WebSocket(url, 'a b')),
    ],
    ['SyntaxError', 'SyntaxError', 'SyntaxError', 'SyntaxError', 'SyntaxError'],
  )
  const { socket, closed } = connect(env, url)
  env.equal(
    [
      nameOf(() => socket.send('x')),
      nameOf(() => socket.close(1001)),
      nameOf(() => socket.close(1000, 'é'.repeat(62))),
    ],
    ['InvalidStateError', 'InvalidAccessError', 'SyntaxError'],
  )
  await next(socket, 'open')
  socket.close()
  socket.send('lost')
  env.equal(socket.bufferedAmount, 4)
  await closed
})

add('WebSocket: what the ring has no room for waits, in order, as a copy', async (env) => {
  const { socket, log, closed } = connect(env, env.url('/echo'), undefined, { sendBuffer: 256 })
  const expected = ['open']
  await next(socket, 'open')
  let sum = 0
  for (const size of [10, 300, 10000, 200, 1, 70000, 5]) {
    const bytes = fillPattern(new Uint8Array(size))
    expected.push('binary ' + showBytes(bytes, 0, size))
    socket.send(bytes)
    bytes.fill(0)
    sum += size
    env.equal(socket.bufferedAmount, sum)
  }
  for (let i = 0; i < 7; i++) await next(socket, 'message')
  socket.close(4999)
  await closed
  env.equal(log, [...expected, 'close 4999 "" clean'])
  env.equal(socket.bufferedAmount, 0)
})

add('WebSocket: a message larger than `connect` takes by default comes back', async (env) => {
  const { socket, log, closed } = connect(env, env.url('/echo'))
  await next(socket, 'open')
  const bytes = fillPattern(new Uint8Array(1500000))
  socket.send(bytes)
  await next(socket, 'message')
  socket.close(1000)
  await closed
  env.equal(log, ['open', 'binary ' + showBytes(bytes, 0, bytes.length), 'close 1000 "" clean'])
})

add('WebSocket: a Blob goes and comes', async (env) => {
  const { socket, closed } = connect(env, env.url('/echo'))
  // Where the runtime has none, the binary type that the standard takes is refused.
  const hasBlob = typeof Blob === 'function'
  socket.binaryType = 'blob'
  env.equal(socket.binaryType, hasBlob ? 'blob' : 'arraybuffer')
  await next(socket, 'open')
  if (hasBlob) {
    socket.send(new Blob(['b'.repeat(100000)]))
    socket.send('after')
    env.equal(socket.bufferedAmount, 100005)
    const { data: blob } = await next(socket, 'message')
    const { data: text } = await next(socket, 'message')
    env.equal([blob.size, text], [100000, 'after'])
    env.ok((await blob.text()) === 'b'.repeat(100000))
  }
  socket.close()
  await closed
})

add('WebSocket: handlers in their place, once, and a pause', async (env) => {
  const { socket, closed } = connect(env, env.url('/messages?n=3'))
  const order = []
  socket.addEventListener('message', () => order.push('once'), { once: true })
  socket.onmessage = () => order.push('first handler')
  socket.addEventListener('message', () => order.push('listener'))
  socket.onmessage = ({ data }) => {
    order.push('handler ' + data)
    if (data === '1') {
      socket.pause()
      env.setTimeout(() => {
        order.push('resumed')
        socket.resume()
      }, 20)
    }
  }
  await closed
  env.equal(order, [
    ...['once', 'handler 0', 'listener'],
    ...['handler 1', 'listener', 'resumed'],
    ...['handler 2', 'listener'],
  ])
})

export { cases as websocketClass }
