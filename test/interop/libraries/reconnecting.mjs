// partysocket and reconnecting-websocket: a WebSocket that comes back, over a class that is given.

import { deepStrictEqual } from 'node:assert'
import { importFrom, requireFrom } from '../../runtime/packages.mjs'
import { until } from './trial.mjs'

async function converse(trial, Reconnecting) {
  await trial.serve('echo.mjs')
  let socket
  let opened = 0
  let closed = 0
  const messages = []
  await trial.step('connect', async () => {
    socket = new Reconnecting(trial.url, [], {
      WebSocket: trial.WebSocket,
      minReconnectionDelay: 50,
      maxReconnectionDelay: 100,
    })
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => opened++)
    socket.addEventListener('close', () => closed++)
    socket.addEventListener('message', ({ data }) => messages.push(data))
    await until(() => opened === 1, 'connected')
  })
  const exchange = async (message) => {
    messages.length = 0
    socket.send(message)
    await until(() => messages.length, 'the message has come back')
    const isText = typeof message === 'string'
    deepStrictEqual(isText, typeof messages[0] === 'string')
    deepStrictEqual(Buffer.from(messages[0]).equals(Buffer.from(message)), true)
  }
  await trial.step('exchange', async () => {
    await exchange('Grüße')
    await exchange(Uint8Array.of(1, 2, 3))
  })
  await trial.step('large', () => exchange(Buffer.alloc(4 << 20, 'ringlet')))
  await trial.step('reconnect', async () => {
    const before = opened
    await trial.killServer(() => closed > 0)
    await until(() => opened > before, 'connected again')
    await exchange('back')
  })
  await trial.step('close', () => trial.closeCleanly(() => socket.close(4001, 'done')))
}

export const partysocket = {
  name: 'partysocket',
  packages: ['partysocket'],
  needs: 'the option `WebSocket`',
  async run(trial, folder) {
    await converse(trial, (await importFrom(folder, 'partysocket/dist/ws.js')).default)
  },
}

export const reconnectingWebsocket = {
  name: 'reconnecting-websocket',
  packages: ['reconnecting-websocket'],
  needs: 'the option `WebSocket`',
  async run(trial, folder) {
    const module = requireFrom(folder, 'reconnecting-websocket')
    await converse(trial, module.default || module)
  },
}
