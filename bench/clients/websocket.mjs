// WebSocket-Node, the package `websocket`.

import { install, requireFrom } from '../../test/runtime/packages.mjs'

export async function open(url, job, heard) {
  const { client: Client } = requireFrom(await install('peers'), 'websocket')
  return new Promise((resolve, reject) => {
    const limit = 1 << 24
    const client = new Client({ maxReceivedFrameSize: limit, maxReceivedMessageSize: limit })
    client.on('connectFailed', reject)
    client.on('connect', (connection) => {
      connection.on('message', ({ utf8Data, binaryData }) =>
        heard(binaryData ? binaryData.length : utf8Data.length),
      )
      resolve({
        connection,
        send(message, count, done) {
          for (let i = 1; i < count; i++) connection.send(message)
          connection.send(message, done)
        },
      })
    })
    client.connect(url)
  })
}
