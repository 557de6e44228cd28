// aedes, a broker of MQTT, over `ws`. The port is the first argument.

import process from 'node:process'
import { importFrom, install } from '../../../runtime/packages.mjs'

const folder = await install('libraries')
const { Aedes } = await importFrom(folder, 'aedes/aedes.js')
const { createWebSocketStream, WebSocketServer } = await importFrom(folder, 'ws/wrapper.mjs')
const broker = await Aedes.createBroker()
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) })
server.on('connection', (socket, request) => broker.handle(createWebSocketStream(socket), request))
