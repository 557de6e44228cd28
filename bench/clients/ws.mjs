// ws, without bufferutil unless the environment lets it have it: WS_NO_BUFFER_UTIL.

import process from 'node:process'
import { install, requireFrom } from '../../test/runtime/packages.mjs'

export async function open(url, job, heard, hasAddon = false) {
  if (!hasAddon) process.env.WS_NO_BUFFER_UTIL = '1'
  const WebSocket = requireFrom(await install('peers'), 'ws')
  const isString = job.kind === 'string'
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    socket.on('error', reject)
    socket.on('message', (bytes) => heard(isString ? bytes.toString().length : bytes.length))
    socket.on('open', () =>
      resolve({
        socket,
        send(message, count, done) {
          for (let i = 1; i < count; i++) socket.send(message)
          socket.send(message, done)
        },
      }),
    )
  })
}
