// The client of NATS with nats-server.

import { deepStrictEqual } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireFrom } from '../../runtime/packages.mjs'
import { goProgram } from '../installation.mjs'
import { freePort } from '../loopback.mjs'
import { soon, until } from './trial.mjs'

const SERVER = 'github.com/nats-io/nats-server/v2@v2.15.2'

export const nats = {
  name: '@nats-io/nats-core, nats-server',
  packages: ['@nats-io/nats-core'],
  needs: '`wsFactory` of `wsconnect`',
  // To build the server takes minutes.
  isLong: true,
  async run(trial, folder) {
    const { wsconnect } = requireFrom(folder, '@nats-io/nats-core')
    const program = await goProgram('nats-server', SERVER)
    const place = mkdtempSync(join(tmpdir(), 'ringlet-nats-'))
    let connection
    try {
      const plain = await freePort()
      await trial.serveProgram(program, (port) => {
        const file = join(place, 'nats.conf')
        writeFileSync(
          file,
          `host: 127.0.0.1\nport: ${plain}\nmax_payload: 8MB\n` +
            `websocket { host: 127.0.0.1, port: ${port}, no_tls: true }\n`,
        )
        return ['-c', file]
      })
      const statuses = []
      await trial.step('connect', async () => {
        const options = {
          servers: trial.url,
          reconnectTimeWait: 50,
          maxReconnectAttempts: -1,
          wsFactory: async (url) => ({ socket: new trial.WebSocket(url), encrypted: false }),
        }
        connection = await soon(wsconnect(options), 'connected')
        void (async () => {
          for await (const { type } of connection.status()) statuses.push(type)
        })()
      })
      const exchange = async (payload) => {
        const answer = await soon(
          connection.request('echo', payload, { timeout: 50000 }),
          'answered',
        )
        deepStrictEqual(Buffer.from(answer.data).equals(Buffer.from(payload)), true)
      }
      await trial.step('exchange', async () => {
        connection.subscribe('echo', { callback: (_, message) => message.respond(message.data) })
        await exchange('21.5 °C')
      })
      await trial.step('large', () => exchange(Buffer.alloc(4 << 20, 'ringlet')))
      await trial.step('reconnect', async () => {
        await trial.killServer(() => statuses.includes('disconnect'))
        await until(() => statuses.includes('reconnect'), 'connected again')
        await exchange('back')
      })
      await trial.step('close', () => trial.closeCleanly(() => connection.close()))
    } finally {
      rmSync(place, { recursive: true })
    }
  },
}
