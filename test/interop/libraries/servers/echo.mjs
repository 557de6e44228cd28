// An echo server, `ws`. The port is the first argument.

import process from 'node:process'
import { importFrom, install } from '../../../runtime/packages.mjs'

const { WebSocketServer } = await importFrom(await install('libraries'), 'ws/wrapper.mjs')
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) })
server.on('connection', (socket) =>
  socket.on('message', (bytes, isBinary) => socket.send(bytes, { binary: isBinary })),
)
