// The hostile servers, each on a port of its own, in a process of its own: prints where as a line of JSON, and ends with its
// standard input.

import net from 'node:net'
import process from 'node:process'
import { HOSTILE, meetClient } from './hostile-servers.mjs'

const ports = {}
for (const name in HOSTILE) {
  const server = net.createServer({ allowHalfOpen: true }, (socket) =>
    meetClient(socket, HOSTILE[name]),
  )
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  ports[name] = server.address().port
}
console.log(JSON.stringify(ports))
process.stdin.on('end', () => process.exit()).resume()
