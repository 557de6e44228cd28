// socket.io, its client with its server. The client's own transport makes a socket by a method, which is overridden.

import { deepStrictEqual } from 'node:assert'
import { once } from 'node:events'
import { importFrom } from '../../runtime/packages.mjs'
import { soon } from './trial.mjs'

export const socketIo = {
  name: 'socket.io-client, socket.io',
  packages: ['socket.io-client', 'socket.io'],
  needs: 'a subclass of `WebSocket` of engine.io-client with its `createSocket`, in `transports`',
  async run(trial, folder) {
    const { io } = await importFrom(folder, 'socket.io-client/build/esm/index.js')
    const engine = await importFrom(folder, 'engine.io-client/build/esm/index.js')
    class Transport extends engine.WebSocket {
      createSocket(url, protocols) {
        return new trial.WebSocket(url, protocols)
      }
    }
    await trial.serve('socket-io.mjs')
    let socket
    const echo = (value) => socket.timeout(50000).emitWithAck('echo', value)
    await trial.step('connect', async () => {
      socket = io(trial.url, {
        transports: [Transport],
        reconnectionDelay: 50,
        reconnectionDelayMax: 100,
      })
      await soon(once(socket, 'connect'), 'connected')
    })
    await trial.step('exchange', async () => {
      const value = { text: 'Grüße', bytes: Buffer.from([1, 2, 3]), list: [1, null, 'x'] }
      const { bytes, ...others } = await echo(value)
      deepStrictEqual(others, { text: 'Grüße', list: [1, null, 'x'] })
      deepStrictEqual(Buffer.from(bytes), Buffer.from([1, 2, 3]))
    })
    await trial.step('large', async () => {
      const bytes = Buffer.alloc(4 << 20, 'ringlet')
      deepStrictEqual(Buffer.from(await echo(bytes)).equals(bytes), true)
    })
    await trial.step('reconnect', async () => {
      const connected = once(socket, 'connect')
      await trial.killServer(() => !socket.connected)
      await soon(connected, 'connected again')
      deepStrictEqual(await echo('back'), 'back')
    })
    await trial.step('close', () => trial.closeCleanly(() => socket.disconnect()))
  },
}
