// The peers that the catalogue talks to, in a process of their own, on loopback ports that the system picks.
// `ws` plays the good server, `raw-peer.mjs` the bad one; the path says which, and what it does. The first line
// of output is JSON: where they listen, and the certificates. The process ends with its standard input.

import net from 'node:net'
import tls from 'node:tls'
import { WebSocketServer } from 'ws'
import { certificateAuthority, LOOPBACK_4, LOOPBACK_6 } from './certificates.mjs'
import { Checksum, fillPattern, fromHex, toHex } from './bytes.mjs'
import { release, released } from './gate.mjs'
import { rawPeer, reportOf } from './raw-peer.mjs'

const options = {
  noServer: true,
  maxPayload: 1 << 26,
  maxFragments: 1 << 20,
  maxBufferedChunks: 1 << 20,
  // The subprotocol that `?choose=` names, or else the client's first.
  handleProtocols: (offered, request) =>
    new URL(request.url, 'ws://peer').searchParams.get('choose') || [...offered][0],
}
const server = new WebSocketServer({ ...options, perMessageDeflate: false })
const deflating = new WebSocketServer({ ...options, perMessageDeflate: { threshold: 0 } })

const behaviours = {
  echo(socket) {
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }))
  },

  /** Answers each message with its kind, length and checksum. */
  checksum(socket) {
    socket.on('message', (message, isBinary) =>
      socket.send((isBinary ? 'binary ' : 'text ') + new Checksum().add(message)),
    )
  },

  /** A ping with `payload`, in hex; answers its pong, and any ping, with a text. */
  ping(socket, { payload }) {
    socket.on('pong', (body) => socket.send('got pong ' + toHex(body)))
    socket.on('ping', (body) => socket.send('got ping ' + toHex(body)))
    if (payload !== undefined) socket.ping(fromHex(payload))
  },

  /** `n` binary messages of `size` bytes of the pattern, or texts `0`, `1`, … without a size; then closes. */
  messages(socket, { n, size }) {
    for (let i = 0; i < +n; i++) {
      if (size === undefined) socket.send('' + i)
      else socket.send(fillPattern(new Uint8Array(+size), i * +size))
    }
    socket.close(1000, 'sent')
  },

  /** One binary message of `n` fragments of `size` bytes of the pattern, with a ping after each `pings` of them. */
  fragments(socket, { n, size, pings }) {
    for (let i = 0; i < +n; i++) {
      socket.send(fillPattern(new Uint8Array(+size), i * +size), {
        binary: true,
        fin: i === +n - 1,
      })
      if (pings && i % +pings === 0) socket.ping('' + i)
    }
  },

  /** Closes when the connection opens, or at the first message, or when the key is released. */
  async close(socket, { code, reason, late, key }) {
    const close = () => socket.close(code && +code, reason)
    if (key) await released(key)
    if (late) socket.once('message', close)
    else close()
  },

  terminate(socket, { late }) {
    if (late) socket.once('message', () => socket.terminate())
    else socket.terminate()
  },

  /** Sends the request's line and header fields as they came. */
  request(socket, _, request) {
    socket.send(JSON.stringify([request.url, ...request.lines]))
  },

  /** Reads nothing until the key is released; then expects messages that begin with their number, four bytes. */
  async slow(socket, { key }, request) {
    let next = 0
    let isInOrder = true
    socket.on('message', (message, isBinary) => {
      if (!isBinary)
        return socket.send(next + ' messages, ' + (isInOrder ? 'in order' : 'out of order'))
      if (message.readUInt32BE(0) !== next++) isInOrder = false
    })
    socket.on('ping', () => socket.send('got ping after ' + next))
    request.socket.pause()
    await released(key)
    request.socket.resume()
  },

  /** Sends messages without end until the network takes no more, and tells `/held` of it. */
  flood(socket, { key, size }, request) {
    const message = fillPattern(new Uint8Array(+size))
    let sent = 0
    const report = reportOf(key)
    const timer = setInterval(() => {
      if (request.socket.writableLength > 0 && sent === request.socket.bytesWritten) {
        report.resolve('held')
        clearInterval(timer)
      }
      sent = request.socket.bytesWritten
    }, 50)
    const send = () => {
      if (socket.readyState !== 1) return
      if (request.socket.bytesWritten > 1 << 26) return report.resolve('not held')
      socket.send(message, () => setImmediate(send))
    }
    socket.on('close', () => clearInterval(timer))
    send()
  },

  /** Says when a flood is held back. */
  async held(socket, { key }) {
    socket.send(await reportOf(key).promise)
    socket.close(1000)
  },

  /** Lets the connection of that key go on. */
  release(socket, { key }) {
    release(key)
    socket.close(1000)
  },

  /** Sends what the client did on the raw connection of that key, once it has ended. */
  async report(socket, { key }) {
    socket.send(JSON.stringify(await reportOf(key).promise))
    socket.close(1000)
  },
}

deflating.on('connection', (socket) => {
  socket.on('error', () => {})
  behaviours.echo(socket)
})

server.on('connection', (socket, request) => {
  const { pathname, searchParams } = new URL(request.url, 'ws://peer')
  socket.on('error', () => {})
  const behave = behaviours[pathname.slice(1)]
  if (behave) behave(socket, Object.fromEntries(searchParams), request)
  else socket.close(4404, pathname)
})

/** Reads a request's head, then hands the connection to the peer that its path names. */
function onConnection(socket) {
  let head = Buffer.alloc(0)
  socket.on('error', () => {})
  const onData = (chunk) => {
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    socket.off('data', onData)
    const [first, ...lines] = head.subarray(0, end).toString('latin1').split('\r\n')
    const [method, url] = first.split(' ')
    const headers = {}
    for (const line of lines) {
      const colon = line.indexOf(':')
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
    }
    const request = { method, url, headers, lines, socket }
    const rest = head.subarray(end + 4)
    if (url.startsWith('/raw')) {
      rawPeer(socket, request, rest)
    } else {
      const chosen = url === '/deflate' ? deflating : server
      chosen.handleUpgrade(request, socket, rest, (client) =>
        chosen.emit('connection', client, request),
      )
    }
  }
  socket.on('data', onData)
}

function listen(listener, host) {
  return new Promise((done) => listener.listen(0, host, () => done(listener.address().port)))
}

const authority = certificateAuthority()
const local = authority.issue('localhost', ['localhost'], [LOOPBACK_4, LOOPBACK_6])
const stranger = authority.issue('stranger.example', ['stranger.example'])
const client = authority.issue('Ringlet test client', [])
const plain = { allowHalfOpen: true }
const secure = { allowHalfOpen: true, ...local }

// A port that nobody listens on: one that was free a moment ago.
const closed = net.createServer()
const refusedPort = await listen(closed, '127.0.0.1')
closed.close()

const wantsClient = tls.createServer(
  { ...secure, ca: authority.ca, requestCert: true },
  onConnection,
)
const places = {
  plain: 'ws://127.0.0.1:' + (await listen(net.createServer(plain, onConnection), '127.0.0.1')),
  secure: 'wss://localhost:' + (await listen(tls.createServer(secure, onConnection), 'localhost')),
  // The right authority, but the certificate of another host.
  stranger:
    'wss://localhost:' +
    (await listen(tls.createServer({ ...plain, ...stranger }, onConnection), 'localhost')),
  // Asks for a client's certificate, and refuses those without one.
  client: 'wss://localhost:' + (await listen(wantsClient, 'localhost')),
  refused: 'ws://127.0.0.1:' + refusedPort,
  ipv6: undefined,
  ipv6Secure: undefined,
}
try {
  places.ipv6 = 'ws://[::1]:' + (await listenOn6(net.createServer(plain, onConnection)))
  places.ipv6Secure = 'wss://[::1]:' + (await listenOn6(tls.createServer(secure, onConnection)))
} catch {
  // A machine without IPv6: the runner says so and leaves those cases out.
}

function listenOn6(listener) {
  return new Promise((done, fail) => {
    listener.on('error', fail)
    listener.listen(0, '::1', () => done(listener.address().port))
  })
}

console.log(JSON.stringify({ places, ca: authority.ca, client }))
process.stdin.on('end', () => process.exit()).resume()
