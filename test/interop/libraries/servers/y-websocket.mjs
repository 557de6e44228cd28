// The server of y-websocket, over `ws`. The port is the first argument.

import process from 'node:process'
import { importFrom, install, requireFrom } from '../../../runtime/packages.mjs'

const folder = await install('libraries')
const { setupWSConnection } = requireFrom(folder, '@y/websocket-server/utils')
const { WebSocketServer } = await importFrom(folder, 'ws/wrapper.mjs')
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) })
server.on('connection', (socket, request) => setupWSConnection(socket, request))
