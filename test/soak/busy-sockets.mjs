// `node test/soak/busy-sockets.mjs deno`, or bun or node: whether a runtime gives each of its sockets a turn while more of
// them have something to read than it takes at once. By `node:net` alone, without Ringlet: docs/reliability.md says what came
// of it, and the soak has fewer connections in Deno for it.
//
// So many sockets get octets without end, each read takes a moment, and some more sockets connect meanwhile. Printed is how
// many of each have connected after some seconds.

import net from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { run } from '../conformance/processes.mjs'
import { programOf } from '../runtime/packages.mjs'

const BUSY = [100, 200]
const LATE = 20
/** What each read takes; when the late ones connect, and when all are counted. In milliseconds. */
const READ_TIME = 0.1
const LATE_AT = 3000
const COUNTED_AT = 12000

/** The side that is tested. */
function meet(port, busy) {
  let connected = 0
  let late = 0
  const open = (count, onConnect) => {
    for (let i = 0; i < count; i++) {
      net.connect({ port, host: '127.0.0.1' }, onConnect).on('data', () => {
        const until = performance.now() + READ_TIME
        while (performance.now() < until);
      })
    }
  }
  open(busy, () => connected++)
  setTimeout(() => open(LATE, () => late++), LATE_AT)
  setTimeout(() => {
    console.log(`${connected} of ${busy} have connected, and ${late} of ${LATE} that came later`)
    process.exit()
  }, COUNTED_AT)
}

/** Sends to whoever connects, as long as there is room; resolves to its port. */
function serve() {
  const sockets = new Set()
  const piece = new Uint8Array(1000)
  setInterval(() => {
    for (const socket of sockets) if (!socket.writableNeedDrain) socket.write(piece)
  }, 5)
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  return new Promise((done) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => done(server.address().port))
  })
}

async function tell(name) {
  const file = fileURLToPath(import.meta.url)
  const port = await serve()
  const flags = name === 'deno' ? ['run', '--allow-all', '--no-lock'] : []
  const program = await programOf(name === 'node' ? 'node20' : name)
  for (const busy of BUSY) {
    const said = await run(program, [...flags, file, 'meet', String(port), String(busy)])
    console.log(`${name}: ${said.trim()}`)
  }
  process.exit()
}

const [name = 'deno', port, busy] = process.argv.slice(2)
if (name === 'meet') meet(Number(port), Number(busy))
else await tell(name)
