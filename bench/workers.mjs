// `npm run bench -- workers`: receiving in workerd, beside a bare loop of reads into one buffer of 64 KiB over the same
// kind of socket: how fast, and what it allocates.
//
//   npm run bench -- workers               7 rounds
//   npm run bench -- workers --rounds=3
//
// One workerd runs all ways, one after the other, in each round; the first one changes from round to round. What counts
// is the CPU time of its process, from /proc, per message; throughput relative to the bare loop is the bare loop's time
// divided by Ringlet's, and the median of the rounds is shown. Allocation is the growth of V8's heap and of the memory
// behind ArrayBuffers, as the inspector tells it, over N messages and over 2N, and the difference of the two, with a
// semi-space so large that nothing is freed.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import WebSocket from 'ws'
import { startWorkerd } from '../test/runtime/workers.mjs'
import { median, printTable, startPeer } from './support/run-cell.mjs'

const ENTRY = 'bench/support/workers-worker.mjs'
const WAYS = ['bare', 'fragments', 'messages']
const SIZES = [125, 1024, 16384, 1048576]
/** Bytes received for one figure. */
const AMOUNT = 2e9
const GOAL = 0.8

const rounds = Number(/^--rounds=(\d+)$/.exec(process.argv[2] || '')?.[1] || 7)
const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Seconds of CPU that a process has used. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticks
}

const peer = await startPeer()
const { hostname: host, port } = new URL(peer.url)

async function receive(workerd, way, size, count) {
  const path = `/receive/binary/${size}`
  let octets = 0
  await workerd.run({ way, host, port: Number(port), path, size, count }, (line) => {
    octets = Number(line)
  })
  if (octets < size * count) throw new Error(`${way}: ${octets} bytes, of ${size * count}`)
}

const countOf = (size) => Math.ceil(AMOUNT / size)

async function speed() {
  const results = {}
  const workerd = await startWorkerd({ entry: ENTRY })
  for (const size of SIZES) {
    const count = countOf(size)
    const cells = (results[size] = {})
    for (const way of WAYS) await receive(workerd, way, size, Math.ceil(count / 4))
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < WAYS.length; i++) {
        const way = WAYS[(i + round) % WAYS.length]
        const began = cpuOf(workerd.pid)
        await receive(workerd, way, size, count)
        ;(cells[way] ??= []).push(((cpuOf(workerd.pid) - began) * 1e6) / count)
      }
    }
  }
  await workerd.stop()
  return results
}

/** A session with workerd's inspector. */
async function inspect(inspectorPort) {
  const [{ id }] = await (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json()
  const socket = new WebSocket(`ws://127.0.0.1:${inspectorPort}/${id}`)
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))
  let last = 0
  const waiting = new Map()
  socket.on('message', (text) => {
    const { id, result, error } = JSON.parse(text)
    if (!waiting.has(id)) return
    const { resolve, reject } = waiting.get(id)
    if (error) reject(new Error(error.message))
    else resolve(result)
  })
  return {
    ask: (method) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject })
        socket.send(JSON.stringify({ id: last, method }))
      }),
    close: () => socket.terminate(),
  }
}

async function allocation() {
  const results = {}
  const workerd = await startWorkerd({
    entry: ENTRY,
    v8Flags: ['--min-semi-space-size=512', '--max-semi-space-size=512'],
    args: ['--inspector-addr=127.0.0.1:0'],
  })
  const session = await inspect(workerd.inspectorPort)
  const growth = async (way, size, count) => {
    const before = await session.ask('Runtime.getHeapUsage')
    await receive(workerd, way, size, count)
    const after = await session.ask('Runtime.getHeapUsage')
    return {
      heap: after.usedSize - before.usedSize,
      buffers: after.backingStorageSize - before.backingStorageSize,
    }
  }
  for (const size of SIZES) {
    const count = Math.min(100000, Math.ceil(countOf(size) / 40))
    results[size] = {}
    for (const way of WAYS) {
      await receive(workerd, way, size, count)
      const slopes = []
      for (let i = 0; i < 5; i++) {
        const one = await growth(way, size, count)
        const two = await growth(way, size, 2 * count)
        slopes.push([two.heap - one.heap, two.buffers - one.buffers].map((bytes) => bytes / count))
      }
      results[size][way] = [0, 1].map((part) => median(slopes.map((slope) => slope[part])))
    }
  }
  session.close()
  await workerd.stop()
  return results
}

const sizeName = (size) =>
  size >= 1048576 ? `${size / 1048576} MiB` : size >= 1024 ? `${size / 1024} KiB` : `${size} B`
const fast = await speed()
console.log(
  `CPU µs per binary message received in workerd, median of ${rounds} rounds; in brackets`,
)
console.log(`throughput relative to the bare loop, goal ${GOAL}\n`)
printTable([
  ['', ...SIZES.map(sizeName)],
  ...WAYS.map((way) => [
    way === 'bare' ? 'bare loop' : `ringlet, ${way}`,
    ...SIZES.map((size) => {
      const ratio = median(fast[size][way].map((one, round) => fast[size].bare[round] / one))
      return `${median(fast[size][way]).toFixed(3)}${way === 'bare' ? '' : ` (${ratio.toFixed(2)})`}`
    }),
  ]),
])
const allocated = await allocation()
console.log('\nBytes allocated per message: heap + memory of ArrayBuffers\n')
printTable([
  ['', ...SIZES.map(sizeName)],
  ...WAYS.map((way) => [
    way === 'bare' ? 'bare loop' : `ringlet, ${way}`,
    ...SIZES.map((size) => allocated[size][way].map((bytes) => bytes.toFixed(1)).join(' + ')),
  ]),
])
console.log(`\nworkerd ${await version()}, ${process.platform} ${process.arch}.`)
peer.stop()

async function version() {
  const { install, requireFrom } = await import('../test/runtime/packages.mjs')
  return requireFrom(await install('workerd'), 'workerd/package.json').version
}
