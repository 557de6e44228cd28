// `npm run bench -- idle`: what open connections take in memory, beside ws and others.
//
//   npm run bench -- idle            2,000 idle connections, 10,000, and 1,000 busy ones; some five minutes
//   npm run bench -- idle --quick    500, 2,000 and 100
//
// Each figure comes from a fresh process. Bytes per idle connection are the difference between a few open connections
// and many, after garbage collection: of the resident set, of the JS heap, and of ArrayBuffers, where Ringlet's rings
// are. The raw socket reads into one buffer that all of them share.

import process from 'node:process'
import { install } from '../test/runtime/packages.mjs'
import { printTable, progress, runCell, startPeer } from './support/run-cell.mjs'

const flags = ['--expose-gc']
const RINGS = { receiveBuffer: 256, sendBuffer: 256 }

const CLIENTS = {
  'raw socket': { adapter: 'limit-null', flags },
  ringlet: { adapter: 'ringlet', flags },
  'ringlet, 256 B rings': { adapter: 'ringlet', flags, job: RINGS },
  ws: { adapter: 'ws', flags },
  undici: { adapter: 'undici', flags },
  websocket: { adapter: 'websocket', flags },
  'faye-websocket': { adapter: 'faye-websocket', flags },
  'Node 24, built in': { adapter: 'native', program: 'node24', flags },
  'Bun, native': { adapter: 'native', program: 'bun' },
}
const MANY = ['raw socket', 'ringlet', 'ringlet, 256 B rings', 'ws']

const isQuick = process.argv.includes('--quick')
const counts = isQuick ? [500, 2000, 100] : [2000, 10000, 1000]
const idle = (count) => ({ way: 'idle', kind: 'binary', size: 16, warmUp: 100, count })
const busy = {
  way: 'busy',
  kind: 'binary',
  size: 125,
  count: counts[2],
  cpu: isQuick ? 1000 : 4000,
}

await install('peers')
const peer = await startPeer()
const began = Date.now()
const all = Object.keys(CLIENTS).length + 2 * MANY.length
let done = 0

async function measure(names, job) {
  const results = new Map()
  for (const name of names) {
    const result = await runCell(CLIENTS[name], { ...job, url: peer.url })
    const expected = job.count + (job.warmUp || 0)
    if (result.count !== expected) throw new Error(`${name}: ${result.count} open, not ${expected}`)
    results.set(name, result)
    progress(++done, all, began)
  }
  return results
}

const few = await measure(Object.keys(CLIENTS), idle(counts[0]))
const many = await measure(MANY, idle(counts[1]))
const loud = await measure(MANY, busy)
peer.stop()

const number = (bytes) => Math.round(bytes).toLocaleString('en-US')
const mebibytes = (bytes) => `${(bytes / 1048576).toFixed(0)} MiB`
const raw = few.get('raw socket')
console.log(`\nBytes per idle connection, ${number(counts[0])} open\n`)
printTable([
  ['', 'RSS', 'JS heap', 'above the raw socket', 'ArrayBuffers'],
  ...[...few].map(([name, { rss, heap, buffers }]) => [
    name,
    number(rss),
    number(heap),
    // Bun's heap is another engine's.
    name === 'Bun, native' ? '' : number(heap - raw.heap),
    number(buffers),
  ]),
])
console.log(
  `\nRSS of the process, ${number(counts[1])} idle connections; ${number(counts[2])} that receive\n`,
)
printTable([
  ['', 'idle', 'busy', 'CPU µs per message of 125 B'],
  ...MANY.map((name) => [
    name,
    mebibytes(many.get(name).total),
    mebibytes(loud.get(name).total),
    loud.get(name).cpu.toFixed(3),
  ]),
])
console.log(`\nNode ${process.versions.node}, ${process.platform} ${process.arch}.`)
