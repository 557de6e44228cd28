// faye-websocket. It tells of no room: what its stream keeps is looked at each turn.

import { install, requireFrom } from '../../test/runtime/packages.mjs'

export async function open(url, _job, heard) {
  const { Client } = requireFrom(await install('peers'), 'faye-websocket')
  return new Promise((resolve, reject) => {
    const socket = new Client(url)
    socket.on('message', ({ data }) => heard(data.length))
    socket.on('error', reject)
    socket.on('open', () =>
      resolve({
        socket,
        send(message, count, done) {
          for (let i = 0; i < count; i++) socket.send(message)
          const look = () => (socket._stream.writableLength ? setImmediate(look) : done())
          look()
        },
      }),
    )
  })
}
