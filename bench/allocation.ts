// Bytes of memory that a message costs, received and sent, through a whole Client over a transport in memory.
//
//   node --import tsx bench/allocation.ts          a table
//   node --import tsx bench/allocation.ts --json   the same for a program
//
// The method: a semi-space so large that nothing is freed during a measurement; warm up; gc; then the growth of
// the JS heap and of all ArrayBuffers over N messages and over 2N, the least of five windows each: what messages
// allocate is in every window, and what V8 adds at times of its own (compiled code, feedback) only ever makes one
// larger. What each window costs by itself falls out of the difference. A window in which a garbage collection ran
// counts for nothing. The gate is 1 byte a message.

import { spawnSync } from 'node:child_process'
import { PerformanceObserver } from 'node:perf_hooks'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'
import type { Client } from '../src/client'
import { frame } from '../test/support/frames'
import { openClient } from '../test/support/open-client'

const SIZES = [16, 125, 1024, 16384]
/** Bytes per message; the gate. */
const MOST = 1

export interface Cell {
  way: string
  size: number
  /** Bytes per message: of the JS heap, and of ArrayBuffers. */
  heap: number
  buffers: number
}

const SETTINGS = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512']

if (!process.execArgv.includes('--expose-gc')) {
  const file = fileURLToPath(import.meta.url)
  const { status } = spawnSync(
    process.execPath,
    [...SETTINGS, '--import', 'tsx', file, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  )
  process.exit(status === null ? 1 : status)
}

/** How to make a function that handles one message of `size`, and how to check that it did. */
const WAYS: Record<string, (size: number) => { step(): void; done(): number }> = {
  'receive, fragments'(size) {
    let octets = 0
    const it = openClient({
      onFragment(_bytes, start, end) {
        octets += end - start
      },
    })
    const message = frame(2, new Uint8Array(size).fill(7))
    return { step: () => it.receive(message), done: () => octets / size }
  },
  'receive, whole binary'(size) {
    let octets = 0
    const it = openClient({
      onBinary(_bytes, start, end) {
        octets += end - start
      },
    })
    const message = frame(2, new Uint8Array(size).fill(7))
    return { step: () => it.receive(message), done: () => octets / size }
  },
  'receive, text fragments'(size) {
    let octets = 0
    const it = openClient({
      onFragment(_bytes, start, end) {
        octets += end - start
      },
    })
    const message = frame(1, new Uint8Array(size).fill(0x61))
    return { step: () => it.receive(message), done: () => octets / size }
  },
  'sendBinary, whole array': (size) =>
    sending(size, (client, bytes) => client.sendBinary(bytes), 0),
  'sendBinary, part of an array': (size) =>
    sending(size, (client, bytes) => client.sendBinary(bytes, 1, 1 + size), 2),
  sendFragment: (size) =>
    sending(size, (client, bytes) => client.sendFragment(bytes, 0, size, 2, true), 0),
}

function sending(
  size: number,
  send: (client: Client, bytes: Uint8Array) => boolean,
  extra: number,
) {
  const it = openClient({})
  const bytes = new Uint8Array(size + extra).fill(7)
  let messages = 0
  const before = it.sent()
  return {
    step() {
      if (!send(it.client, bytes)) throw new Error('refused')
      messages++
      it.turn()
    },
    done: () =>
      it.sent() - before >= messages * (size + 6) && !it.client.bufferedAmount ? messages : -1,
  }
}

let collections = 0
new PerformanceObserver((list) => {
  collections += list.getEntries().length
}).observe({ entryTypes: ['gc'] })

/** Lets the observer tell of collections so far. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 1))

/** Few enough that the loops around it never become hot: compiling one would count as allocated. */
const BATCH = 500

function batch(step: () => void): void {
  for (let i = 0; i < BATCH; i++) step()
}

/** What `count` steps cost, or undefined if something was collected meanwhile. */
async function measure(step: () => void, count: number) {
  const { gc } = globalThis as unknown as { gc(): void }
  gc()
  await settle()
  const collected = collections
  const buffers = process.memoryUsage().arrayBuffers
  const heap = v8.getHeapStatistics().used_heap_size
  for (let i = 0; i < count; i += BATCH) batch(step)
  const heapAfter = v8.getHeapStatistics().used_heap_size
  const buffersAfter = process.memoryUsage().arrayBuffers
  await settle()
  return collections === collected
    ? { heap: heapAfter - heap, buffers: buffersAfter - buffers }
    : undefined
}

async function cell(way: string, size: number): Promise<Cell> {
  const { step, done } = WAYS[way](size)
  const count = size > 4096 ? 4000 : 20000
  const warmUp = 3 * count
  for (let i = 0; i < warmUp; i += BATCH) batch(step)
  let steps = warmUp
  const least = { heap: [Infinity, Infinity], buffers: [Infinity, Infinity] }
  let windows = 0
  for (let round = 0; round < 20 && windows < 5; round++) {
    const pair = [await measure(step, count), await measure(step, 2 * count)]
    steps += 3 * count
    if (!pair[0] || !pair[1]) continue
    windows++
    pair.forEach((growth, i) => {
      least.heap[i] = Math.min(least.heap[i], growth!.heap)
      least.buffers[i] = Math.min(least.buffers[i], growth!.buffers)
    })
  }
  if (windows < 5) throw new Error(way + ' ' + size + ': a collection in too many windows')
  if (done() !== steps) throw new Error(way + ' ' + size + ': not every message arrived')
  const slope = ([one, two]: number[]) => (two - one) / count
  return { way, size, heap: slope(least.heap), buffers: slope(least.buffers) }
}

const cells: Cell[] = []
for (const way of Object.keys(WAYS)) {
  for (const size of SIZES) cells.push(await cell(way, size))
}

const total = ({ heap, buffers }: Cell) => heap + buffers
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(cells))
} else {
  console.log('Bytes per message, JS heap + ArrayBuffers, in memory; at most ' + MOST + '\n')
  console.log(''.padEnd(30) + SIZES.map((size) => (size + ' B').padStart(14)).join(''))
  for (const way of Object.keys(WAYS)) {
    const row = cells.filter((one) => one.way === way)
    const text = row.map((one) =>
      (one.heap.toFixed(2) + ' + ' + one.buffers.toFixed(2)).padStart(14),
    )
    console.log(way.padEnd(30) + text.join(''))
  }
  const above = cells.filter((one) => total(one) > MOST)
  console.log('\n' + (cells.length - above.length) + ' within the gate, ' + above.length + ' above')
  if (above.length) process.exitCode = 1
}
