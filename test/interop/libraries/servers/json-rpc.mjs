// As much of an Ethereum node's JSON-RPC as a provider asks for, over `ws`. The port is the first argument.

import process from 'node:process'
import { importFrom, install } from '../../../runtime/packages.mjs'

const { WebSocketServer } = await importFrom(await install('libraries'), 'ws/wrapper.mjs')
let height = 1
let subscriptions = 0

const methods = {
  eth_chainId: () => '0x539',
  net_version: () => '1337',
  eth_blockNumber: () => '0x' + (height++).toString(16),
  eth_getBalance: () => '0x1000',
  ringlet_echo: ([text]) => text,
  eth_subscribe(_, socket) {
    const subscription = '0x' + (++subscriptions).toString(16)
    socket.timers.set(
      subscription,
      setInterval(() => {
        const result = { number: '0x' + (height++).toString(16) }
        socket.send(
          JSON.stringify({
            jsonrpc: '2.0',
            method: 'eth_subscription',
            params: { subscription, result },
          }),
        )
      }, 20),
    )
    return subscription
  },
  eth_unsubscribe: ([subscription], socket) => {
    clearInterval(socket.timers.get(subscription))
    return socket.timers.delete(subscription)
  },
}

function answer({ id, method, params }, socket) {
  return methods[method]
    ? { jsonrpc: '2.0', id, result: methods[method](params, socket) }
    : { jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method: ' + method } }
}

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) })
server.on('connection', (socket) => {
  socket.timers = new Map()
  socket.on('close', () => socket.timers.forEach((timer) => clearInterval(timer)))
  socket.on('message', (bytes) => {
    const request = JSON.parse(bytes)
    const answers = Array.isArray(request)
      ? request.map((one) => answer(one, socket))
      : answer(request, socket)
    socket.send(JSON.stringify(answers))
  })
})
