// `npm run bench -- socket-allocation`: bytes of memory that a message costs over a real socket in Node, received and
// sent, beside what Node's own socket takes for the same.
//
//   npm run bench -- socket-allocation            a table
//   npm run bench -- socket-allocation --json     the same for a program
//
// The method of allocation.ts: a semi-space so large that nothing is freed; the growth of the JS heap and of all
// ArrayBuffers over N steps and over 2N, and the difference of the two, so that what a window costs by itself falls out;
// a window in which a garbage collection ran counts for nothing; the median of five.

import { Buffer } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import net from 'node:net'
import { PerformanceObserver } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'
import { connect } from '../dist/node.js'
import { payload } from './support/payload.mjs'
import { printTable, startPeer } from './support/run-cell.mjs'

const SETTINGS = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512']

if (!process.execArgv.includes('--expose-gc')) {
  const file = fileURLToPath(import.meta.url)
  const { status } = spawnSync(process.execPath, [...SETTINGS, file, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  process.exit(status === null ? 1 : status)
}

const SIZES = [16, 125, 1024, 16384]
const BATCH = 8
const WINDOWS = 5
/**
 * Bytes that a step may cost above what Node's socket takes for it. A turn that sends takes some 1,200 of Node's own, more
 * when the kernel does not take all at once, so what is compared there is less exact.
 */
const MOST = { receive: 1, send: 100 }
const isWithin = ({ way, bytes, base }) => bytes <= base + MOST[way.slice(0, way.indexOf(','))]

let collections = 0
new PerformanceObserver((list) => {
  collections += list.getEntries().length
}).observe({ entryTypes: ['gc'] })

const peer = await startPeer()

function memory() {
  return v8.getHeapStatistics().used_heap_size + process.memoryUsage().arrayBuffers
}

/** `run(count)` resolves after that many steps. Bytes per step. */
async function slope(run, count) {
  await run(3 * count)
  const slopes = []
  const measure = async (steps) => {
    gc()
    await sleep(2)
    const collected = collections
    const before = memory()
    await run(steps)
    const after = memory()
    await sleep(2)
    return collections === collected ? after - before : undefined
  }
  for (let round = 0; round < 30 && slopes.length < WINDOWS; round++) {
    const one = await measure(count)
    const two = await measure(2 * count)
    if (one !== undefined && two !== undefined) slopes.push((two - one) / count)
  }
  if (slopes.length < WINDOWS) throw new Error('a collection in too many windows')
  return slopes.sort((a, b) => a - b)[WINDOWS >> 1]
}

/** A count that somebody waits for. */
class Counter {
  count = 0
  target = 0
  done = () => {}

  step() {
    if (++this.count === this.target) this.done()
  }
}

/** Opens a connection of Ringlet's. */
function open(path, handlers, options) {
  return new Promise((resolve, reject) => {
    const socket = connect(
      peer.url + path,
      { ...handlers, onOpen: () => resolve(socket), onError: reject },
      options,
    )
  })
}

/** Receiving: steps are messages; between the windows nothing is read. */
async function receiving(kind, size, makeHandlers) {
  const counter = new Counter()
  const socket = await open(`/receive/${kind}/${size}`, makeHandlers(counter))
  socket.pause()
  return stepsOf(socket, counter)
}

/** Reads until `counter` has made so many steps more. */
function stepsOf(socket, counter) {
  return (steps) =>
    new Promise((resolve) => {
      counter.target = counter.count + steps
      counter.done = () => {
        socket.pause()
        resolve()
      }
      socket.resume()
    })
}

const fragments = (counter) => ({
  onFragment(_bytes, _start, _end, _kind, final) {
    if (final) counter.step()
  },
})
const binary = (counter) => ({ onBinary: () => counter.step() })
const strings = (counter) => ({ onText: () => counter.step() })

/** Sending: a step is a turn of the event loop. */
function turns(send) {
  return (steps) =>
    new Promise((resolve) => {
      let left = steps
      const turn = () => {
        if (left-- === 0) return resolve()
        send(next)
      }
      const next = () => setImmediate(turn)
      next()
    })
}

async function sending(size, batch) {
  const bytes = payload('binary', size)
  let left = 0
  let then = () => {}
  const onWritable = () => {
    while (left) {
      if (!socket.sendBinary(bytes)) return
      left--
    }
    then()
  }
  const socket = await open('/sink', { onWritable }, { sendBuffer: 1 << 18 })
  return turns((next) => {
    left = batch
    then = next
    onWritable()
  })
}

/** What Node takes: a socket that writes the same array again, at the end of the turn. */
async function writing(size) {
  const bytes = Buffer.alloc(size)
  const socket = net.connect(Number(new URL(peer.url).port), '127.0.0.1')
  // Not a handshake that the server would answer: it reads for the end of the head, and drops nothing.
  await new Promise((resolve) => socket.on('connect', resolve))
  socket.write('GET /sink HTTP/1.1\r\nSec-WebSocket-Key: a\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  let then = () => {}
  const write = () => socket.write(bytes, then)
  return turns((next) => {
    then = next
    process.nextTick(write)
  })
}

/** What Node takes: a socket that reads as much, into an array as large as the ring. */
async function reading(size) {
  const counter = new Counter()
  const frameSize = size + (size < 126 ? 2 : 4)
  let left = frameSize
  const socket = net.connect({
    port: Number(new URL(peer.url).port),
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.alloc(4096),
      callback(count) {
        for (left -= count; left <= 0; left += frameSize) counter.step()
        return true
      },
    },
  })
  await new Promise((resolve) => socket.on('connect', resolve))
  socket.write(`GET /receive/binary/${size} HTTP/1.1\r\nSec-WebSocket-Key: a\r\n\r\n`)
  socket.pause()
  return stepsOf(socket, counter)
}

/** What Node takes: one string of `size` characters. */
async function making(size) {
  const bytes = payload('text', size)
  let last = ''
  const { utf8Slice } = Buffer.prototype
  return async (steps) => {
    for (let i = 0; i < steps; i++) last = utf8Slice.call(bytes, 0, size)
    return last
  }
}

const WAYS = [
  ['receive, fragments', (size) => receiving('binary', size, fragments), reading],
  ['receive, whole binary', (size) => receiving('binary', size, binary), reading],
  ['receive, text fragments', (size) => receiving('text', size, fragments), reading],
  ['receive, text as a string', (size) => receiving('text', size, strings), making],
  ['send, one in a turn', (size) => sending(size, 1), (size) => writing(size)],
  [`send, ${BATCH} in a turn`, (size) => sending(size, BATCH), (size) => writing(size * BATCH)],
]

const cells = []
for (const [way, ours, base] of WAYS) {
  for (const size of SIZES) {
    // Enough for what a read costs to show.
    const count =
      way.startsWith('send') || base === making
        ? 10000
        : Math.min(400000, Math.ceil((1 << 25) / size))
    // A busy machine makes other writes and reads than a quiet one, on either side of the comparison; what is allocated
    // too much shows each time.
    let cell
    for (let attempt = 0; attempt < 5 && !(cell && isWithin(cell)); attempt++) {
      const bytes = await slope(await ours(size), count)
      const own = base ? await slope(await base(size), count) : 0
      cell = { way, size, bytes, base: own }
    }
    cells.push(cell)
  }
}
peer.stop()

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(cells))
} else {
  console.log(
    "Bytes per message received, or per turn sent in; in brackets what Node's own takes for it\n",
  )
  printTable([
    ['', ...SIZES.map((size) => `${size} B`)],
    ...WAYS.map(([way, , base]) => [
      way,
      ...cells
        .filter((one) => one.way === way)
        .map(({ bytes, base: own }) => bytes.toFixed(2) + (base ? ` (${own.toFixed(2)})` : '')),
    ]),
  ])
  const above = cells.filter((one) => !isWithin(one)).length
  console.log(`\n${cells.length - above} within the gate, ${above} above`)
}
process.exit(cells.every(isWithin) ? 0 : 1)
