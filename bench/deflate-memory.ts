// What permessage-deflate costs in memory: bytes that a connection takes when it is agreed on, by window bits, and bytes
// of garbage per message after that.
//
//   node --import tsx bench/deflate-memory.ts
//
// Exact, by the method of allocation.ts: a semi-space so large that nothing is freed during a measurement; the growth
// of the JS heap and of all ArrayBuffers over N messages and over 2N, and the difference of the two; a window in which
// a garbage collection ran counts for nothing.

import { Buffer } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import { PerformanceObserver } from 'node:perf_hooks'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'
import zlib from 'node:zlib'
import type { Handlers } from '../src/client'
import { type DeflateOptions, deflate, inflate } from '../src/deflate/deflate'
import type { Extension } from '../src/protocol/extension'
import { deflate as deflateZlib } from '../targets/deflate-zlib'
import { frame } from '../test/support/frames'
import { type OpenClient, openClient } from '../test/support/open-client'

const SETTINGS = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512']

if (!process.execArgv.includes('--expose-gc')) {
  const file = fileURLToPath(import.meta.url)
  const args = [...SETTINGS, '--import', 'tsx', file, ...process.argv.slice(2)]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  process.exit(status === null ? 1 : status)
}

const { gc } = globalThis as unknown as { gc(): void }
const settle = () => new Promise((resolve) => setTimeout(resolve, 2))
let collections = 0
new PerformanceObserver((list) => {
  collections += list.getEntries().length
}).observe({ entryTypes: ['gc'] })

const now = () => ({
  heap: v8.getHeapStatistics().used_heap_size,
  buffers: process.memoryUsage().arrayBuffers,
})

const number = (value: number) => Math.round(value).toLocaleString('en-US')
const line = (cells: string[], widths: number[]) =>
  console.log(
    cells.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(''),
  )

// Part 1: what a connection takes.

const ROUNDS = 1000

/** Collects, and waits until the memory of ArrayBuffers has been given back, too. */
async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    gc()
    await settle()
  }
}

/** Bytes that stay taken by one acceptance of `answer`: the median of several rounds. */
async function taken(extension: Extension, answer: string): Promise<number> {
  const accept = () =>
    extension.accept('permessage-deflate' + answer, {
      isStreaming: true,
      limits: { maxMessageSize: Infinity },
      stopped: false,
      onSpan() {},
      onViolation() {},
    })
  for (let i = 0; i < 500; i++) accept()
  const results: number[] = []
  for (let round = 0; round < 9; round++) {
    const kept: unknown[] = new Array(ROUNDS).fill(undefined)
    await collect()
    const before = now()
    for (let i = 0; i < ROUNDS; i++) kept[i] = accept()
    await collect()
    const after = now()
    if (kept.indexOf(undefined) >= 0) throw new Error('lost')
    results.push((after.heap - before.heap + after.buffers - before.buffers) / ROUNDS)
  }
  return results.sort((a, b) => a - b)[4]
}

const windows = [8, 9, 10, 11, 12, 13, 14, 15]
console.log('Bytes that a connection takes when the extension is agreed on; none after.\n')
const columns = [22, 12, 22, 22]
line(['window bits', 'receiving', 'sending, no context', 'sending, context'], columns)
for (const bits of windows) {
  const server = '; server_max_window_bits=' + bits
  const client = '; client_max_window_bits=' + bits
  const receiving = await taken(inflate(), server)
  const sending = async (options: DeflateOptions) =>
    (await taken(deflate(options), server + client)) - receiving
  const row = [receiving, await sending({}), await sending({ clientContextTakeover: true })]
  line([String(bits), ...row.map(number)], columns)
}
console.log(
  '\nWhether the server keeps its context makes no difference to receiving: a message needs the window.',
)

// Part 2: what a message costs.

const SIZES = [64, 1024, 65536]

/** JSON-like text of `size` octets. */
function text(size: number): Buffer {
  let all = ''
  for (let i = 0; all.length < size; i++) {
    all += JSON.stringify({
      id: i * 7919,
      t: 1700000000 + i,
      value: (i * 31) % 1009,
      unit: 'degrees',
    })
  }
  return Buffer.from(all.slice(0, size))
}

/** An open Client that has agreed on the extension, with text functions as fast as the Node target's. */
function open(handlers: Handlers, extension: Extension): OpenClient {
  return openClient(
    handlers,
    { extensions: [extension], receiveBuffer: 131072, sendBuffer: 131072 },
    {
      utf8Write: (text, bytes, at) => (bytes as Buffer).write(text, at),
      utf8Read: (bytes, start, end) => (bytes as Buffer).toString('utf8', start, end),
    },
    'permessage-deflate',
  )
}

/** What one step does, by the name of the row. */
const WAYS: Record<string, (size: number) => () => void> = {
  'received, fragments': (size) => receiving(size, { onFragment() {} }),
  'received, whole binary': (size) => receiving(size, { onBinary() {} }),
  'received, whole text': (size) => receiving(size, { onText() {} }, 1),
  'sent, fflate, no context': (size) => sending(size, deflate({ threshold: 0 })),
  'sent, fflate, context': (size) =>
    sending(size, deflate({ threshold: 0, clientContextTakeover: true })),
  'sent, zlib, no context': (size) => sending(size, deflateZlib({ threshold: 0 })),
  'sent, below the threshold': (size) => sending(size, deflate({ threshold: Infinity })),
}

function receiving(size: number, handlers: Handlers, opcode = 2): () => void {
  const { receive } = open(handlers, deflate())
  const payload = zlib.deflateRawSync(text(size), { finishFlush: zlib.constants.Z_SYNC_FLUSH })
  const message = frame(opcode, payload.subarray(0, -4), true, 4)
  return () => receive(message)
}

function sending(size: number, extension: Extension): () => void {
  const { client, turn } = open({}, extension)
  const bytes = text(size)
  return () => {
    if (!client.sendBinary(bytes)) throw new Error('refused')
    turn()
  }
}

function batch(step: () => void, count: number): void {
  for (let i = 0; i < count; i++) step()
}

async function grown(step: () => void, count: number) {
  gc()
  await settle()
  const collected = collections
  const before = now()
  batch(step, count)
  const after = now()
  await settle()
  if (collections !== collected) return undefined
  return { heap: after.heap - before.heap, buffers: after.buffers - before.buffers }
}

async function cell(way: string, size: number): Promise<string> {
  const step = WAYS[way](size)
  // ArrayBuffers press for a collection from some 30 MB on.
  const isHeavy = way.includes('fflate') || way.includes('zlib')
  const isLarge = size > 4096
  const count = isHeavy ? (isLarge ? 4 : 20) : isLarge ? 200 : 10000
  batch(step, isHeavy ? (isLarge ? 60 : 300) : 3 * count)
  const slopes: { heap: number; buffers: number }[] = []
  for (let round = 0; round < 60 && slopes.length < 7; round++) {
    const one = await grown(step, count)
    const two = await grown(step, 2 * count)
    if (one && two) {
      const slope = (name: 'heap' | 'buffers') => (two[name] - one[name]) / count
      slopes.push({ heap: slope('heap'), buffers: slope('buffers') })
    }
  }
  if (slopes.length < 7) return 'not measurable'
  const middle = (name: 'heap' | 'buffers') =>
    Math.max(0, slopes.map((slope) => slope[name]).sort((a, b) => a - b)[3])
  return number(middle('heap')) + ' + ' + number(middle('buffers'))
}

console.log('\nBytes of garbage per message of JSON-like text, JS heap + ArrayBuffers.\n')
const cells = [28, 20, 20, 20]
line(['', ...SIZES.map((size) => (size < 1024 ? size + ' B' : size / 1024 + ' KiB'))], cells)
for (const way of Object.keys(WAYS)) {
  const row: string[] = []
  for (const size of SIZES) row.push(await cell(way, size))
  line([way, ...row], cells)
}
