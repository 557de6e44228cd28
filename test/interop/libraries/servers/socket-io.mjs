// socket.io's server. The port is the first argument.

import { createServer } from 'node:http'
import process from 'node:process'
import { importFrom, install } from '../../../runtime/packages.mjs'

const folder = await install('libraries')
const { Server } = await importFrom(folder, 'socket.io/wrapper.mjs')
const http = createServer()
const server = new Server(http, { maxHttpBufferSize: 1 << 26 })
server.on('connection', (socket) => socket.on('echo', (value, answer) => answer(value)))
http.listen(Number(process.argv[2]), '127.0.0.1')
