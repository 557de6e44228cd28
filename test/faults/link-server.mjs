// The server of `link.mjs`, in a namespace of its own: echoes, at the address that it is given; prints its port, and `open`
// for each connection; ends with its standard input.

import process from 'node:process'
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({
  port: 0,
  host: process.argv[2],
  maxPayload: 1 << 26,
  perMessageDeflate: false,
})
server.on('connection', (socket) => {
  console.log('open')
  socket.on('error', () => {})
  socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }))
})
server.on('listening', () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
