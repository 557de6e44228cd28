// `npm run bench -- hostile`: servers that mean harm, and what comes of it: how the connection ends, how many octets were
// read until then, the CPU time for them, and by how much the largest resident set has grown; beside ws.
//
//   npm run bench -- hostile            all of them
//   npm run bench -- hostile bomb       those whose name contains a text
//
// Each figure comes from a fresh process, whose first connection it is: some 30 ms of CPU and 1 MiB are that. `ws` has the
// same limit of 1 MiB for a message. A connection that breaks no rule is left after 16 MiB, and one
// that is still there after 9 s.

import os from 'node:os'
import process from 'node:process'
import { HOSTILE } from '../test/faults/hostile-servers.mjs'
import { meetServer, startHostileServers } from '../test/faults/hostile.mjs'
import { progress } from './support/run-cell.mjs'

const CLIENTS = { 'Ringlet, messages': 'whole', 'Ringlet, fragments': 'fragments', ws: 'ws' }
const LIMITS = { most: 16 << 20, limit: 9000 }
const AT_A_TIME = 2

const word = process.argv[2] || ''
const names = Object.keys(HOSTILE).filter((name) => name.includes(word))
const { ports, stop } = await startHostileServers()
const began = Date.now()
let done = 0

/** Such as `1.2 MiB`. */
function amountOf(bytes) {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1 << 20
    ? `${Math.round(bytes / 1024)} KiB`
    : `${(bytes / (1 << 20)).toFixed(1)} MiB`
}

function cellOf({ outcome, octets, cpu, peak }) {
  const each = octets > 1 << 20 ? `, ${((cpu * 1000) / octets).toFixed(1)} ns each` : ''
  return `${outcome}; ${amountOf(octets)}, ${Math.round(cpu / 1000)} ms${each}; +${amountOf(peak)}`
}

const cells = names.flatMap((name) => Object.values(CLIENTS).map((client) => ({ name, client })))
const waiting = [...cells]
const work = async () => {
  for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
    cell.text = cellOf(await meetServer(cell.client, cell.name, ports, LIMITS))
    progress(++done, cells.length, began)
  }
}
await Promise.all(Array.from({ length: AT_A_TIME }, work))
stop()
console.log(
  `\n| a server that means harm | ${Object.keys(CLIENTS).join(' | ')} |\n|---|---|---|---|`,
)
for (const name of names) {
  const texts = cells.filter((cell) => cell.name === name).map(({ text }) => text)
  console.log(`| ${[name, ...texts].join(' | ')} |`)
}
console.log(`
How it ends; octets read, CPU time; growth of the largest resident set. Node ${process.versions.node}, ${process.platform} ${process.arch}, ${os.cpus().length} cores.`)
