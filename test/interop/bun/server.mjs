// A server for the interop cases: Bun's, which is uWebSockets. Settings as JSON in the first argument: `deflate`, `tls`.
// What each path does stands in ../servers.mjs.

import { Checksum } from '../../runtime/bytes.mjs'
import { PROTOCOLS, pattern, REFUSALS } from '../plan.mjs'

const { deflate = false, tls } = JSON.parse(process.argv[2])
/** Name of a connection → the Close frame that came. */
const closes = new Map()

/** Sends until the socket holds back; `drain` goes on. */
function push(socket) {
  const { query } = socket.data
  const size = Number(query.get('size'))
  const count = Number(query.get('count'))
  while (socket.data.sent < count) {
    const result = socket.send(pattern(socket.data.sent++ * size, size))
    if (result === -1) return
  }
  socket.data.sent = Infinity
  socket.close(1000)
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  tls,
  fetch(request, self) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/refuse') {
      const status = Number(searchParams.get('status'))
      const [name, value] = (REFUSALS[status] || '').trim().split(': ')
      return new Response('refused', { status, headers: value ? { [name]: value } : {} })
    }
    const offered = (request.headers.get('sec-websocket-protocol') || '').split(/ *, */)
    const chosen = PROTOCOLS.find((one) => offered.includes(one))
    const headers = ['x-ringlet', 'authorization', 'cookie'].map(
      (name) => request.headers.get(name) || '',
    )
    const isUpgraded = self.upgrade(request, {
      headers: chosen ? { 'Sec-WebSocket-Protocol': chosen } : {},
      data: { path: pathname, query: searchParams, headers, sum: new Checksum(), sent: 0 },
    })
    return isUpgraded ? undefined : new Response('', { status: 400 })
  },
  websocket: {
    perMessageDeflate: deflate,
    maxPayloadLength: 1 << 26,
    backpressureLimit: 1 << 27,
    open(socket) {
      const { path, query, headers } = socket.data
      if (path === '/ping') socket.ping('from the server')
      else if (path === '/close') {
        const code = query.get('code')
        if (code) socket.close(Number(code), query.get('reason') || '')
        else socket.close()
      } else if (path === '/last-close') socket.send(closes.get(query.get('of')) || '')
      else if (path === '/headers') socket.send(headers.join(' | '))
      else if (path === '/push') push(socket)
    },
    message(socket, message) {
      socket.send(message, true)
    },
    pong(socket, bytes) {
      if (socket.data.path === '/ping') socket.send('pong ' + bytes.toString())
    },
    drain(socket) {
      if (socket.data.path === '/push' && socket.data.sent < Infinity) push(socket)
    },
    close(socket, code, reason) {
      closes.set(socket.data.query.get('name'), code + ' ' + reason)
    },
  },
})
console.log('listening on ' + server.port)
