// An echo server: `ws`, which compresses with zlib. Settings as JSON in the first argument.

import { WebSocketServer } from 'ws'

const perMessageDeflate = { threshold: 0, ...JSON.parse(process.argv[2]) }
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
server.on('connection', (socket) => {
  socket.on('message', (bytes, isBinary) => socket.send(bytes, { binary: isBinary }))
})
server.on('listening', () => console.log('listening on ' + server.address().port))
