// A server for the interop cases: `ws`. Settings as JSON in the first argument: `deflate`, `tls` (certificate and key).
// What each path does stands in ../servers.mjs.

import { Buffer } from 'node:buffer'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import process from 'node:process'
import { WebSocketServer } from 'ws'
import { PIECE, PROTOCOLS, pattern, REFUSALS } from '../plan.mjs'
import { Checksum } from '../../runtime/bytes.mjs'

const { deflate = false, tls } = JSON.parse(process.argv[2])
const server = tls ? createSecureServer(tls) : createServer()
const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: 1 << 26,
  perMessageDeflate: deflate && { threshold: 0, ...deflate },
  handleProtocols: (offered) => PROTOCOLS.find((one) => offered.has(one)) || false,
})

const held = new Set()
/** Name of a connection → the Close frame that came. */
const closes = new Map()

// As a server of WebSocket alone answers what is none, here behind a proxy that drops the Upgrade.
server.on('request', (_, response) => response.writeHead(426, { Upgrade: 'websocket' }).end())

server.on('upgrade', (request, stream, head) => {
  const { pathname, searchParams } = new URL(request.url, 'ws://localhost')
  // A proxy may reset what is refused.
  stream.on('error', () => {})
  if (pathname === '/refuse') {
    const status = searchParams.get('status')
    stream.end(
      `HTTP/1.1 ${status} Refused\r\n${REFUSALS[status] || ''}Content-Length: 0\r\nConnection: close\r\n\r\n`,
    )
    return
  }
  sockets.handleUpgrade(request, stream, head, (socket) =>
    converse(socket, pathname, searchParams, request.headers),
  )
})

function converse(socket, path, query, headers) {
  const sum = new Checksum()
  socket.on('error', () => {})
  socket.on('close', (code, reason) => {
    closes.set(query.get('name'), `${code} ${reason}`)
  })
  socket.on('message', (bytes, isBinary) => {
    if (path === '/hold') {
      if (isBinary) sum.add(bytes)
      else socket.send('' + sum)
    } else if (path === '/fragments') {
      const count = Math.max(1, Math.ceil(bytes.length / PIECE))
      for (let i = 0; i < count; i++) {
        const piece = bytes.subarray(i * PIECE, (i + 1) * PIECE)
        socket.send(piece, { binary: isBinary, fin: i === count - 1 })
      }
    } else {
      socket.send(bytes, { binary: isBinary })
    }
  })
  if (path === '/ping') {
    socket.on('pong', (bytes) => socket.send('pong ' + bytes))
    socket.ping('from the server')
  } else if (path === '/close') {
    const code = query.get('code')
    socket.close(code ? Number(code) : undefined, query.get('reason') || undefined)
  } else if (path === '/last-close') {
    socket.send(closes.get(query.get('of')) || '')
  } else if (path === '/headers') {
    const named = ['x-ringlet', 'authorization', 'cookie']
    socket.send(named.map((name) => headers[name] || '').join(' | '))
  } else if (path === '/hold') {
    socket.pause()
    held.add(socket)
  } else if (path === '/release') {
    for (const one of held) one.resume()
    held.clear()
    socket.close()
  } else if (path === '/push') {
    push(socket, Number(query.get('count')), Number(query.get('size')), 0)
  }
}

/** Sends the next message when the one before has been written. */
function push(socket, count, size, i) {
  if (i === count) return socket.close()
  socket.send(Buffer.from(pattern(i * size, size)), () => push(socket, count, size, i + 1))
}

server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port))
