// graphql-ws, its client with its server.

import { deepStrictEqual } from 'node:assert'
import { importFrom } from '../../runtime/packages.mjs'
import { soon, until } from './trial.mjs'

export const graphqlWs = {
  name: 'graphql-ws',
  packages: ['graphql-ws'],
  needs: '`webSocketImpl`',
  async run(trial, folder) {
    const { createClient } = await importFrom(folder, 'graphql-ws/dist/client.js')
    await trial.serve('graphql.mjs')
    let client
    let connected = 0
    let closed = 0
    const query = (text) =>
      soon(
        new Promise((resolve, reject) => {
          client.subscribe(
            { query: 'query Echo($text: String!) { echo(text: $text) }', variables: { text } },
            { next: ({ data }) => resolve(data.echo), error: reject, complete() {} },
          )
        }),
        'answered',
      )
    await trial.step('connect', async () => {
      client = createClient({
        url: trial.url,
        webSocketImpl: trial.WebSocket,
        lazy: false,
        retryAttempts: 1000,
        retryWait: () => new Promise((done) => setTimeout(done, 50)),
        shouldRetry: () => true,
        onNonLazyError() {},
        on: { connected: () => connected++, closed: () => closed++ },
      })
      await until(() => connected === 1, 'connected')
    })
    await trial.step('exchange', async () => {
      deepStrictEqual(await query('Grüße'), 'Grüße')
      const counted = []
      for await (const { data } of client.iterate({ query: 'subscription { count(to: 5) }' })) {
        counted.push(data.count)
      }
      deepStrictEqual(counted, [1, 2, 3, 4, 5])
    })
    await trial.step('large', async () => {
      const text = 'ringlet '.repeat(1 << 19)
      deepStrictEqual((await query(text)) === text, true)
    })
    await trial.step('reconnect', async () => {
      await trial.killServer(() => closed > 0)
      await until(() => connected > 1, 'connected again')
      deepStrictEqual(await query('back'), 'back')
    })
    await trial.step('close', () => trial.closeCleanly(() => client.dispose()))
  },
}
