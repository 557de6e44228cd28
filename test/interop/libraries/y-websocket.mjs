// y-websocket: two documents of Yjs, kept the same through its server.

import { deepStrictEqual } from 'node:assert'
import { requireFrom } from '../../runtime/packages.mjs'
import { until } from './trial.mjs'

export const yWebsocket = {
  name: 'y-websocket, @y/websocket-server',
  packages: ['y-websocket', '@y/websocket-server'],
  needs: '`WebSocketPolyfill`',
  async run(trial, folder) {
    const Y = requireFrom(folder, 'yjs')
    const { WebsocketProvider } = requireFrom(folder, 'y-websocket')
    await trial.serve('y-websocket.mjs')
    const documents = [new Y.Doc(), new Y.Doc()]
    let providers
    const texts = documents.map((one) => one.getText('text'))
    const connected = () => providers.every((one) => one.wsconnected && one.synced)
    await trial.step('connect', async () => {
      const options = {
        WebSocketPolyfill: trial.WebSocket,
        disableBc: true,
        maxBackoffTime: 100,
      }
      providers = documents.map((one) => new WebsocketProvider(trial.url, 'room', one, options))
      await until(connected, 'connected and in step')
    })
    const exchange = async (text) => {
      texts[0].insert(0, text)
      await until(() => texts[1].toString().startsWith(text), 'the other document has it')
      deepStrictEqual(texts[1].toString() === texts[0].toString(), true)
    }
    await trial.step('exchange', () => exchange('Grüße'))
    await trial.step('large', () => exchange('ringlet '.repeat(1 << 18)))
    await trial.step('reconnect', async () => {
      await trial.killServer(() => providers.every((one) => !one.wsconnected))
      // Written while nobody listened: it must come across all the same.
      texts[0].insert(0, 'meanwhile ')
      await until(connected, 'connected again')
      await until(() => texts[1].toString().startsWith('meanwhile '), 'in step again')
      await exchange('back ')
    })
    await trial.step('close', () =>
      trial.closeCleanly(() => providers.forEach((one) => one.destroy())),
    )
  },
}
