// The server of a soak: `ws` in a process of its own, which prints its port. Paths:
//
//   /echo  /deflate      echoes; a text that begins with ! is a command: !close, !vanish, !violate
//   /push?seed=&n=&largest=   sends n messages of that seed, then closes
//   /refuse  /drop       answers 503; ends TCP without an answer
//
// The process ends with its standard input.

import { createServer } from 'node:http'
import process from 'node:process'
import { WebSocketServer } from 'ws'
import { makeMessage, numbersFrom } from './messages.mjs'

const options = {
  noServer: true,
  maxPayload: 1 << 20,
  clientTracking: false,
  // Longer than a busy machine keeps a client waiting: then `ws` drops what it has not sent.
  closeTimeout: 600000,
}
const plain = new WebSocketServer({ ...options, perMessageDeflate: false })
const deflating = new WebSocketServer({
  ...options,
  perMessageDeflate: { threshold: 64, zlibDeflateOptions: { level: 1, memLevel: 4 } },
})

const COMMANDS = {
  '!close': (socket) => socket.close(4001, 'server'),
  '!vanish': (socket) => socket.terminate(),
  // A masked frame, which no server may send.
  '!violate': (_, raw) => raw.write(Buffer.from('828100000000ff', 'hex')),
}

function echo(socket, raw) {
  socket.on('message', (message, isBinary) => {
    const command = !isBinary && message[0] === 33 && COMMANDS[message.toString()]
    if (command) command(socket, raw)
    else socket.send(message, { binary: isBinary })
  })
}

function push(socket, { seed, n, largest }) {
  const number = numbersFrom(+seed)
  let rest = +n
  // The next when the last has gone: a client that pauses holds it back.
  const next = () => {
    if (socket.readyState !== 1) return
    if (rest-- <= 0) return socket.close(1000, 'pushed')
    const { text, bytes } = makeMessage(number, +largest)
    socket.send(bytes ?? text, () => setImmediate(next))
  }
  next()
}

// Nor is a request that comes late answered with 408.
const patient = { headersTimeout: 0, requestTimeout: 0 }
const server = createServer(patient, (_, response) => response.writeHead(404).end())
server.on('upgrade', (request, socket, head) => {
  const { pathname, searchParams } = new URL(request.url, 'ws://soak')
  socket.on('error', () => {})
  if (pathname === '/drop') return socket.destroy()
  if (pathname === '/refuse') return socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n')
  const chosen = pathname === '/deflate' ? deflating : plain
  chosen.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => {})
    if (pathname === '/push') push(client, Object.fromEntries(searchParams))
    else echo(client, socket)
  })
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () =>
  console.log(server.address().port),
)
process.stdin.on('end', () => process.exit()).resume()
