// Runs in XS: what a message there and back costs, and what an idle connection holds, with the class that the bench was given:
// one with the interface of Moddable's WebSocketClient.

import WebSocketClient from 'peer'
import { base64 } from '../../../src/protocol/base64'

/** Newer versions of XS have it. */
Uint8Array.prototype.toBase64 ??= function () {
  return base64(this)
}

const { job, TCP, Resolver, host } = globalThis

const [, port] = /:(\d+)/.exec(job.url)
const WARM_UP = 200
const MESSAGES = 1000
const IDLE = 10

const counts = () => [host.meter(0), host.meter(1), host.meter(2)]

function open(callbacks) {
  return new WebSocketClient({
    host: 'localhost',
    port: +port,
    path: '/echo',
    dns: { io: Resolver },
    socket: { io: TCP },
    ...callbacks,
  })
}

function echoed(size) {
  return new Promise((done, fail) => {
    const bytes = new Uint8Array(size)
    let count = -1
    let waiting = 0
    let before
    const next = (client) => {
      count++
      if (count === WARM_UP) before = counts()
      if (count === WARM_UP + MESSAGES) {
        const cost = counts().map((value, i) => (value - before[i]) / MESSAGES)
        client.close()
        return done(cost)
      }
      waiting = size
      client.write(bytes)
    }
    open({
      onWritable() {
        if (count < 0) next(this)
      },
      onReadable(available) {
        waiting -= available
        this.read(available)
        if (!waiting) next(this)
      },
      onError: () => fail(new Error('it failed')),
      onClose: () => fail(new Error('it ended')),
    })
  })
}

/** Beside the socket, whose own share is that of a bare one. */
async function idle() {
  const kept = []
  const cost = async (make) => {
    host.collect()
    const before = counts()
    for (let i = 0; i < IDLE; i++) await new Promise((done) => kept.push(make(done)))
    host.collect()
    return counts().map((value, i) => (value - before[i]) / IDLE)
  }
  const client = (done) => open({ onWritable: done, onReadable() {}, onError() {}, onClose() {} })
  const bare = (done) =>
    new TCP({
      address: '127.0.0.1',
      port: +port,
      onWritable: done,
      onReadable() {},
      onError() {},
    })
  await cost(client)
  await cost(bare)
  const whole = await cost(client)
  const socket = await cost(bare)
  return whole.map((value, i) => value - socket[i]).slice(0, 2)
}

host.run(async () => {
  for (const size of [16, 125, 1024]) {
    host.print(JSON.stringify({ what: 'sent and received', size, cost: await echoed(size) }))
    host.collect()
  }
  host.print(JSON.stringify({ what: 'idle', cost: await idle() }))
})
