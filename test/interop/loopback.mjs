// Ports on 127.0.0.1 for programs that do not tell theirs.

import net from 'node:net'

export async function freePort() {
  const server = net.createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

/** Until something accepts a connection there; throws when `ended` comes first. */
export async function answers(port, ended) {
  let isOver = false
  const end = () => (isOver = true)
  ended.then(end, end)
  while (!isOver) {
    const isThere = await new Promise((done) => {
      const socket = net.connect(port, '127.0.0.1')
      socket.on('connect', () => socket.destroy() && done(true)).on('error', () => done(false))
    })
    if (isThere) return
    await new Promise((done) => setTimeout(done, 20))
  }
  throw new Error('it has ended')
}
