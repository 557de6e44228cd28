// Runs in XS: what a message costs in slots (32 bytes each on a 64-bit machine, 16 on a device), bytes of chunks and steps
// of the machine, what opening a connection costs, and what an idle one holds. `job.url` is a server that echoes. The
// classes come from `host.js`.

import { withNatives } from '../../../dist/ecma419.js'

const { job, Timer, TCP, host } = globalThis

const connectNatively = withNatives({ Timer, random: host.random })
const connect = (handlers, options) =>
  connectNatively(job.url, handlers, { socket: { io: TCP }, ...options })

const SIZES = [16, 125, 1024]
const WARM_UP = 200
const MESSAGES = 1000

/** The three meters: what has been allocated, for nothing is collected in between. Writing them down takes no memory. */
function read(into) {
  for (let i = 0; i < 3; i++) into[i] = host.meter(i)
  return into
}

const before = new Float64Array(3)
const after = new Float64Array(3)

/** How much each meter has moved on, for each of `count`. */
const costOf = (count) => Array.from(after, (value, i) => (value - before[i]) / count)

/** What each of `MESSAGES` calls of `step` costs, which calls back when it is done. */
function slope(step) {
  return new Promise((done) => {
    let left = WARM_UP
    let isWarm = false
    const next = () => {
      if (left-- > 0) return step(next)
      if (isWarm) {
        read(after)
        return done(costOf(MESSAGES))
      }
      left = MESSAGES
      isWarm = true
      read(before)
      next()
    }
    next()
  })
}

const isLast = (handlers, call) => {
  handlers.onFragment = (_, __, ___, ____, final) => final && call()
}

/** A message there and back: sent within the callback of the one before. */
async function echoed(size) {
  const bytes = new Uint8Array(size)
  let told
  const handlers = {}
  const opened = new Promise((done) => {
    handlers.onOpen = done
  })
  isLast(handlers, () => told())
  const socket = connect(handlers)
  await opened
  const cost = await slope((next) => {
    told = next
    socket.sendFragment(bytes, 0, size, 2, true)
  })
  socket.abort()
  return cost
}

/** A message sent in a turn of its own, to a server that answers nothing. */
async function sent(size) {
  const bytes = new Uint8Array(size)
  let next
  const handlers = { onFragment() {} }
  const opened = new Promise((done) => {
    handlers.onOpen = done
  })
  const socket = connectNatively(job.sinkUrl, handlers, { socket: { io: TCP } })
  await opened
  // Whatever calls it costs nothing: the timer is there already.
  const timer = Timer.repeat(() => {
    if (!next || socket.bufferedAmount) return
    const call = next
    next = undefined
    call()
  }, 1)
  const cost = await slope((then) => {
    socket.sendFragment(bytes, 0, size, 2, true)
    next = then
  })
  Timer.clear(timer)
  socket.abort()
  return cost
}

/** A message of a server that sends one after the other. */
async function received(size) {
  let count = 0
  let told
  const whole = new Promise((done) => {
    told = done
  })
  const handlers = { onClose: () => told() }
  isLast(handlers, () => {
    count++
    if (count === WARM_UP) read(before)
    else if (count === WARM_UP + MESSAGES) read(after)
  })
  const url = job.messagesUrl + '?n=' + (WARM_UP + MESSAGES) + '&size=' + size
  connectNatively(url, handlers, { socket: { io: TCP } })
  await whole
  return costOf(MESSAGES)
}

/** What an open connection holds besides the memory of its rings, after a collection. */
async function idle() {
  const COUNT = 10
  const rings = []
  for (let i = 0; i < 2 * COUNT; i++) rings.push(new Uint8Array(256))
  const [, port] = /:(\d+)/.exec(job.url)
  const cost = async (open) => {
    const kept = []
    host.collect()
    read(before)
    for (let i = 0; i < COUNT; i++) await open(i, kept)
    host.collect()
    read(after)
    for (const one of kept) (one.abort || one.close).call(one)
    return costOf(COUNT).slice(0, 2)
  }
  const raw = (_, kept) =>
    new Promise((done) => {
      const address = '127.0.0.1'
      kept.push(new TCP({ address, port: +port, onReadable() {}, onWritable: done, onError() {} }))
    })
  const open = (i, kept) =>
    new Promise((done) => {
      const socket = connect(
        { onOpen: done },
        { receiveBuffer: rings[2 * i], sendBuffer: rings[2 * i + 1] },
      )
      kept.push(socket)
    })
  // Once before: what all connections share.
  await cost(open)
  await cost(raw)
  const whole = await cost(open)
  const socket = await cost(raw)
  return whole.map((value, i) => value - socket[i])
}

/** What each connection takes until it is open; most of it is garbage by then. */
async function opened() {
  const COUNT = 10
  const receiveBuffer = new Uint8Array(256)
  const sendBuffer = new Uint8Array(256)
  const open = () =>
    new Promise((done) => {
      const socket = connect(
        {
          onOpen() {
            socket.abort()
            done()
          },
        },
        { receiveBuffer, sendBuffer },
      )
    })
  // Once before: what all connections share.
  await open()
  host.collect()
  read(before)
  for (let i = 0; i < COUNT; i++) await open()
  read(after)
  return costOf(COUNT)
}

async function run() {
  for (const size of SIZES) {
    host.print(JSON.stringify({ what: 'sent and received', size, cost: await echoed(size) }))
    host.collect()
    host.print(JSON.stringify({ what: 'sent', size, cost: await sent(size) }))
    host.collect()
    host.print(JSON.stringify({ what: 'received', size, cost: await received(size) }))
    host.collect()
  }
  host.print(JSON.stringify({ what: 'opened', cost: await opened() }))
  host.print(JSON.stringify({ what: 'idle', cost: await idle() }))
}

host.run(run)
