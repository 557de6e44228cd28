// A client among hostile servers, in a process of its own: `hostile-client.mjs CLIENT JOB`, where CLIENT is `whole` or
// `fragments`, Ringlet's two ways of delivery, or `ws`, and the job says `url`, `window`, `closes`, how many octets are
// enough (`most`), and after how many milliseconds to give up (`limit`). Prints a line of JSON:
//
//   outcome     the error's id or the close code; 'endless', if `most` has come and it is open still; 'stays', if it was given up
//   octets      that the socket has read
//   cpu         microseconds, user and system, all threads
//   peak, kept  bytes by which the largest resident set has grown, and the heap with ArrayBuffers after a collection
//   problem     whatever was wrong with the callbacks
//   left        handles, as the runtime tells them

import net from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const [client, text] = process.argv.slice(2)
const job = JSON.parse(text)
const TIMES = { handshakeTimeout: 3000, closeTimeout: 3000 }
let socket
const createConnection = (options) => {
  socket = net.connect(options)
  return socket
}

/** `over` hears the end; resolves to what connects, which returns `{ drop, isOpen }`. */
const CLIENTS = {
  async ws(over) {
    const { default: WebSocket } = await import('ws')
    return () => {
      const one = new WebSocket(job.url, {
        ...TIMES,
        maxPayload: 1 << 20,
        perMessageDeflate: job.window ? { serverMaxWindowBits: job.window } : false,
        createConnection,
      })
      let error = ''
      one.on('error', (what) => (error = what.code || what.message))
      one.on('close', (code) => over(error || code))
      one.on('open', () => job.closes && one.close(1000))
      return { drop: () => one.terminate(), isOpen: () => one.readyState === 1 }
    }
  },

  async ringlet(over) {
    const { connect } = await import('../../dist/node.js')
    const { deflate } = await import('../../dist/deflate.js')
    return () => {
      let error
      let isOver = false
      const hears = client === 'fragments' ? { onFragment() {} } : { onText() {}, onBinary() {} }
      const handlers = {
        ...hears,
        onOpen: (one) => job.closes && one.close(1000),
        onError(what) {
          if (error || isOver) over(undefined, 'onError is not the first')
          error = what.id
        },
        onClose(code) {
          if (isOver) over(undefined, 'onClose comes twice')
          isOver = true
          over(error || code)
        },
      }
      const extensions = job.window ? [deflate({ serverMaxWindowBits: job.window })] : []
      const options = { ...TIMES, idleTimeout: 3000, extensions, createConnection }
      const one = connect(job.url, handlers, options)
      return { drop: () => one.abort(), isOpen: () => one.readyState === 1 }
    }
  },
}

async function memory() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await sleep(10)
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

let problem = ''
let end
const ended = new Promise((done) => {
  end = done
})
const start = await (CLIENTS[client] || CLIENTS.ringlet)((outcome, wrong = '') => {
  problem ||= wrong
  end(outcome)
})
const before = await memory()
const peakBefore = process.resourceUsage().maxRSS
const cpuBefore = process.cpuUsage()
let connection = start()
const given = sleep(job.limit, 'stays', { ref: false })
// While it fails, it reads on for `closeTimeout`, so that its Close frame arrives: that is not counted.
const watch = setInterval(
  () => connection.isOpen() && socket.bytesRead >= job.most && end('endless'),
  5,
)
const outcome = await Promise.race([ended, given])
clearInterval(watch)
const { user, system } = process.cpuUsage(cpuBefore)
const peak = (process.resourceUsage().maxRSS - peakBefore) * 1024
connection.drop()
const octets = socket.bytesRead
connection = socket = undefined
// Whatever comes too late comes now.
await sleep(50)
const kept = (await memory()) - before
const left = process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name))
console.log(JSON.stringify({ outcome, octets, cpu: user + system, peak, kept, problem, left }))
