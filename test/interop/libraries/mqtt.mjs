// MQTT.js with a broker: the same for aedes and Mosquitto.

import { deepStrictEqual } from 'node:assert'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireFrom } from '../../runtime/packages.mjs'
import { debian } from '../installation.mjs'
import { freePort } from '../loopback.mjs'
import { soon, until } from './trial.mjs'

const NEEDS = '`createWebsocket`; on Node also `forceNativeWebSocket: true`'

/** `returned`: bytes of the large message that has to come back. */
async function converse(trial, folder, returned) {
  const { connect } = requireFrom(folder, 'mqtt')
  let client
  const messages = []
  await trial.step('connect', async () => {
    client = connect(trial.url, {
      forceNativeWebSocket: true,
      createWebsocket: (url, protocols) => new trial.WebSocket(url, protocols),
      reconnectPeriod: 50,
    })
    client.on('message', (topic, payload) => messages.push([topic, payload]))
    client.on('error', () => {})
    await soon(once(client, 'connect'), 'connected')
  })
  const exchange = async (payload) => {
    await client.subscribeAsync('sensor/#', { qos: 1 })
    messages.length = 0
    await soon(client.publishAsync('sensor/1', payload, { qos: 1 }), 'acknowledged')
    await until(() => messages.length, 'the message has come back')
    deepStrictEqual(messages[0][0], 'sensor/1')
    deepStrictEqual(messages[0][1], Buffer.from(payload))
  }
  await trial.step('exchange', () => exchange('21.5 °C'))
  await trial.step('large', async () => {
    const bytes = Buffer.alloc(4 << 20, 'ringlet')
    await soon(client.publishAsync('unheard', bytes, { qos: 1 }), 'acknowledged')
    await exchange(bytes.subarray(0, returned))
  })
  await trial.step('reconnect', async () => {
    const connected = once(client, 'connect')
    await trial.killServer(() => !client.connected)
    await soon(connected, 'connected again')
    await exchange('back')
  })
  // A broker ends TCP at DISCONNECT (MQTT 3.1.1, section 3.14.4), and the Close frame behind that may come too late.
  await trial.step('close', () => trial.closeCleanly(() => client.endAsync(), true))
}

export const aedes = {
  name: 'MQTT.js, aedes',
  packages: ['mqtt', 'aedes'],
  needs: NEEDS,
  async run(trial, folder) {
    await trial.serve('aedes.mjs')
    await converse(trial, folder, 4 << 20)
  },
}

export const mosquitto = {
  name: 'MQTT.js, Mosquitto',
  packages: ['mqtt'],
  needs: NEEDS,
  async run(trial, folder) {
    const { program, env } = await debian('mosquitto', '/usr/sbin/mosquitto')
    const place = mkdtempSync(join(tmpdir(), 'ringlet-mosquitto-'))
    try {
      // Mosquitto 2.0.11 does not start with a listener for WebSocket alone.
      const plain = await freePort()
      await trial.serveProgram(
        program,
        (port) => {
          const file = join(place, 'mosquitto.conf')
          writeFileSync(
            file,
            `listener ${plain} 127.0.0.1\nlistener ${port} 127.0.0.1\nprotocol websockets\n` +
              'allow_anonymous true\n',
          )
          return ['-c', file]
        },
        env,
      )
      // It sends 4 KiB in a tenth of a second over WebSocket, to any client.
      await converse(trial, folder, 1 << 16)
    } finally {
      rmSync(place, { recursive: true })
    }
  },
}
