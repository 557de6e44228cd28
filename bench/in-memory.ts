// `npm run bench -- in-memory`: decoding and encoding alone, without a socket, beside ws's Receiver and Sender: nanoseconds
// per message, in reads of 64 KiB.
//
//   npm run bench -- in-memory               5 rounds
//   npm run bench -- in-memory --growth      Ringlet's CPU by size of message, fragment, read and ring; writes docs/growth.svg
//
// CPU time of a fresh process per cell; the ratio is that of a pair of one round, and the median of the rounds is shown.

import { Buffer } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { frame, join as concat } from '../test/support/frames'
import { openClient } from '../test/support/open-client'
import { svg } from './support/plot.mjs'
import { median, printTable } from './support/run-cell.mjs'

const file = fileURLToPath(import.meta.url)
const require = createRequire(import.meta.url)
/** ws does not export these. */
const insideWs = (name: string) => require(join(dirname(require.resolve('ws')), 'lib', name))
const READ = 65536

interface Job {
  way: 'decode' | 'encode'
  library: 'ringlet' | 'ws'
  /** Bytes of a message; of a fragment; of a read; of the receive ring. */
  size: number
  fragment?: number
  read?: number
  ring?: number
  /** Milliseconds of CPU that are measured. */
  cpu: number
}

/** Whole messages, as many as make up `least` bytes; how many they are. */
function streamOf(
  size: number,
  fragment: number,
  least: number,
): { bytes: Uint8Array; count: number } {
  const payload = new Uint8Array(size).fill(7)
  const parts: Uint8Array[] = []
  for (let at = 0; at === 0 || at < size; at += fragment) {
    const end = Math.min(size, at + fragment)
    parts.push(frame(at ? 0 : 2, payload.subarray(at, end), end === size))
  }
  const message = concat(parts)
  const count = Math.ceil(least / message.length)
  return { bytes: concat(Array(count).fill(message)), count }
}

/** A function that handles so many messages, in the same place again and again. */
function stepOf(job: Job): { step(): void; count: number } {
  const { way, library, size, fragment = size, read = READ, ring = READ } = job
  if (way === 'encode') {
    const bytes = new Uint8Array(size).fill(7)
    if (library === 'ws') {
      const Sender = insideWs('sender.js')
      const options = { fin: true, mask: true, opcode: 2, readOnly: true, rsv1: false }
      return { step: () => Sender.frame(bytes, { ...options }), count: 1 }
    }
    const it = openClient({}, { sendBuffer: 2 * READ })
    return {
      step() {
        if (!it.client.sendBinary(bytes)) throw new Error('refused')
        it.turn()
      },
      count: 1,
    }
  }
  const { bytes, count } = streamOf(size, fragment, 1 << 20)
  let messages = 0
  if (library === 'ws') {
    const Receiver = insideWs('receiver.js')
    const receiver = new Receiver({
      binaryType: 'nodebuffer',
      isServer: false,
      allowSynchronousEvents: true,
    })
    receiver.on('message', () => messages++)
    const buffer = Buffer.from(bytes.buffer)
    const step = () => {
      const before = messages
      for (let at = 0; at < buffer.length; at += read)
        receiver.write(buffer.subarray(at, at + read))
      if (messages - before !== count) throw new Error('not all messages arrived')
    }
    return { step, count }
  }
  const it = openClient(
    { onFragment: (_bytes, _start, _end, _kind, final) => void (final && messages++) },
    { receiveBuffer: ring },
  )
  const { client } = it
  const step = () => {
    const before = messages
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(at + read, bytes.length)
      while (at < end) {
        const room = Math.min(client.makeRoom(), end - at)
        client.receiveRing.bytes.set(bytes.subarray(at, at + room), client.receiveRing.end)
        client.onReceived(room)
        at += room
      }
    }
    if (messages - before !== count) throw new Error('not all messages arrived')
  }
  return { step, count }
}

/** CPU nanoseconds per message. */
function measure(job: Job): number {
  const { step, count } = stepOf(job)
  const cpu = () => {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  const batch = job.way === 'encode' ? Math.max(1, Math.ceil((1 << 18) / job.size)) : 1
  const begin = cpu()
  let from = 0
  let steps = 0
  for (;;) {
    for (let i = 0; i < batch; i++) step()
    const now = cpu()
    if (!from) {
      if (now - begin > 150000) from = now
    } else {
      steps += batch
      if (now - from > job.cpu * 1000) return ((now - from) * 1000) / (steps * count)
    }
  }
}

function run(job: Job): number {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', file, '--cell', JSON.stringify(job)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(JSON.stringify(job) + ': ' + stderr)
  return Number(stdout)
}

const sizeName = (size: number) =>
  size >= 1048576 ? size / 1048576 + ' MiB' : size >= 1024 ? size / 1024 + ' KiB' : size + ' B'

function compare(rounds: number): void {
  const SIZES = [16, 125, 1024, 16384]
  for (const way of ['decode', 'encode'] as const) {
    const rows: Record<string, string[]> = { ringlet: [], ws: [], ratio: [] }
    for (const size of SIZES) {
      const values: Record<string, number[]> = { ringlet: [], ws: [] }
      for (let round = 0; round < rounds; round++) {
        const order = ['ringlet', 'ws'] as const
        for (const library of round % 2 ? order : [...order].reverse()) {
          values[library].push(run({ way, library, size, cpu: 300 }))
        }
      }
      for (const library of ['ringlet', 'ws'])
        rows[library].push(median(values[library]).toFixed(1))
      rows.ratio.push(median(values.ringlet.map((one, i) => one / values.ws[i])).toFixed(3))
    }
    console.log('\n' + way + ', CPU nanoseconds per message, median of ' + rounds + ' rounds\n')
    printTable([
      ['', ...SIZES.map(sizeName)],
      ...Object.entries(rows).map(([name, cells]) => [name, ...cells]),
    ])
  }
}

/** How cost grows: CPU per message over one thing at a time; straight lines are what is hoped for. */
function growth(): void {
  const base = { way: 'decode', library: 'ringlet', cpu: 200 } as const
  const series: { name: string; points: [number, number][]; isMain: boolean }[] = []
  const line = (name: string, jobs: [number, Partial<Job>][], isMain = false) => {
    const points = jobs.map(([x, job]): [number, number] => {
      return [x, run({ ...base, size: 65536, ...job }) / 1000]
    })
    series.push({ name, points, isMain })
    console.log(
      name + '\n  ' + points.map(([x, y]) => sizeName(x) + ' ' + y.toFixed(2) + ' µs').join('\n  '),
    )
  }
  const powers = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i)).filter((_, i) => i % 2 === 0)
  line(
    'message',
    powers(4, 20).map((size) => [size, { size }]),
    true,
  )
  line(
    'fragment, of 64 KiB',
    powers(0, 16).map((fragment) => [fragment, { fragment }]),
  )
  line(
    'read, messages of 64 KiB',
    powers(0, 16).map((read) => [read, { read }]),
  )
  line(
    'ring, messages of 64 KiB',
    powers(8, 16).map((ring) => [ring, { ring }]),
  )
  const ticks = [1, 16, 256, 4096, 65536, 1048576]
  writeFileSync(
    new URL('../docs/growth.svg', import.meta.url),
    svg({
      title: 'How cost grows: decoding a binary message in memory',
      subtitle: `Node ${process.versions.node}, ${process.platform} ${process.arch}; each line varies one size, the others are 64 KiB`,
      series,
      x: { label: 'size of', ticks: ticks.map((tick) => [tick, sizeName(tick)]) },
      y: { label: 'CPU µs per message (both axes logarithmic)' },
    }),
  )
}

const [option, job] = process.argv.slice(2)
if (option === '--cell') process.stdout.write(String(measure(JSON.parse(job))))
else if (option === '--growth') growth()
else compare(5)
