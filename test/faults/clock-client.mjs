// The client of `clock.mjs`, in a process of its own: `clock-client.mjs URL WAY`. Its deadlines are short, and the peer is
// there all the time. WAY is what happens to its clock behind each ping of the keepalive:
//
//   forward, back   Date and performance move by ten years
//   busy            the program does nothing else for longer than its deadlines, while the pong comes
//   stopped         nothing here: whoever started this stops the process
//
// Prints what the connection said.

import net from 'node:net'
import process from 'node:process'
import { connect } from '../../dist/node.js'

const [url, way] = process.argv.slice(2)
const YEARS = 10 * 365 * 86400000
const log = []
let pongs = 0

/** Timers that were set before are not touched. */
function jump(by) {
  const { now } = Date
  Date.now = () => now() + by
  const ticks = performance.now.bind(performance)
  performance.now = () => ticks() + by
}

const DEEDS = {
  forward: () => jump(YEARS),
  back: () => jump(-YEARS),
  busy() {
    const until = process.hrtime.bigint() + 1200000000n
    while (process.hrtime.bigint() < until);
  },
  stopped() {},
}

/** A socket that tells of the pings that are written to it. */
function createConnection(options) {
  const socket = net.connect(options)
  const write = socket.write
  socket.write = (bytes, ...rest) => {
    // Behind the write, so that the ping leaves.
    if (bytes[0] === 0x89) setImmediate(DEEDS[way])
    return write.call(socket, bytes, ...rest)
  }
  return socket
}

connect(
  url,
  {
    onOpen: () => log.push('open'),
    onPong(_, __, ___, socket) {
      if (++pongs === 2) socket.close(1000, 'alive')
    },
    onError: (error) => log.push(`error ${error.id}`),
    onClose(code, reason, wasClean) {
      log.push(`close ${code} "${reason}" ${wasClean ? 'clean' : 'unclean'}`)
      console.log(log.join(' | '))
    },
  },
  { pingInterval: 300, pongTimeout: 800, idleTimeout: 1000, createConnection },
)
