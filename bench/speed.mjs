// `npm run bench`: what a message costs, beside other clients and the limits, as ratios to ws.
//
//   npm run bench                        all tables; about half an hour
//   npm run bench -- --quick             Ringlet, ws and the limits; about two minutes
//   npm run bench -- --only receive      the tables whose name begins so
//   npm run bench -- --clients ringlet   these clients beside ws
//   npm run bench -- --rounds 9          more rounds
//   npm run bench -- --readme            also writes the table of the README and docs/speed.svg
//
// What counts is CPU time of the client's process, user and system, of all its threads, per message: on a machine that
// does other things as well, elapsed time says little. Every cell runs in a fresh process; a round runs every client
// once, and each begins with another one; a ratio is that of two cells of one round, and the median of the rounds is
// shown, with the lowest and the highest. Other clients are installed in `.runtimes/`, once.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { install } from '../test/runtime/packages.mjs'
import { svg } from './support/plot.mjs'
import { median, printTable, progress, runCell, startPeer } from './support/run-cell.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))

const KIB = 1024
/** Rings as large as what the other clients read at once; the send ring takes a message of 64 KiB whole. */
const LARGE = { receiveBuffer: 64 * KIB, sendBuffer: 128 * KIB }

/** What a row is: an adapter, with settings, run by a program. */
const CLIENTS = {
  'limit: nothing parsed': { adapter: 'limit-null' },
  'limit: headers parsed': { adapter: 'limit-parse' },
  'limit: checked in JS': { adapter: 'limit-utf8' },
  'limit: a string each': { adapter: 'limit-string' },
  'raw socket': { adapter: 'limit-null' },
  'ringlet, fragments': { adapter: 'ringlet-fragments', job: LARGE },
  'ringlet, fragments, 4 KiB rings': { adapter: 'ringlet-fragments' },
  'ringlet, messages': { adapter: 'ringlet', job: LARGE },
  ringlet: { adapter: 'ringlet', job: LARGE },
  'ringlet, 4 KiB rings': { adapter: 'ringlet' },
  ws: { adapter: 'ws' },
  'ws, bufferutil': { adapter: 'ws-bufferutil' },
  undici: { adapter: 'undici' },
  'Node 24, built in': { adapter: 'native', program: 'node24' },
  websocket: { adapter: 'websocket' },
  'faye-websocket': { adapter: 'faye-websocket' },
  'Bun, native': { adapter: 'native', program: 'bun' },
}

const OTHERS = ['undici', 'Node 24, built in', 'websocket', 'faye-websocket', 'Bun, native']
const RECEIVED = [16, 125, KIB, 16 * KIB, KIB * KIB]
const SENT = [16, KIB, 64 * KIB]

/** The goals are ratios to ws, or to another client, in the order of `sizes`. */
const TABLES = {
  'receive binary': {
    sizes: RECEIVED,
    job: { way: 'receive', kind: 'binary' },
    clients: [
      'limit: nothing parsed',
      'limit: headers parsed',
      'ringlet, fragments',
      'ringlet, messages',
      'ringlet, fragments, 4 KiB rings',
      'ws',
      ...OTHERS,
    ],
    goals: {
      'ringlet, fragments': [0.12, 0.18, 0.28, 0.55, 0.4],
      'ringlet, messages': [0.12, 0.18, 0.28, 0.55, 0.4],
    },
  },
  'receive text, checked bytes': {
    sizes: RECEIVED,
    job: { way: 'receive', kind: 'text' },
    clients: [
      'limit: checked in JS',
      'ringlet, fragments',
      'ringlet, fragments, 4 KiB rings',
      'ws',
    ],
    goals: { 'ringlet, fragments': [0.25, 0.38, 0.45, 0.6, 0.6] },
  },
  'receive text, strings': {
    sizes: RECEIVED,
    job: { way: 'receive', kind: 'string' },
    clients: ['limit: a string each', 'ringlet', 'ringlet, 4 KiB rings', 'ws', ...OTHERS],
    goals: { ringlet: [0.7, 0.7, 0.55, 0.55, 0.75] },
  },
  'send, batched in a turn': {
    sizes: SENT,
    // What fits the ring at once, 64 at most.
    job: (size) => ({
      way: 'send',
      kind: 'binary',
      batch: Math.min(64, Math.floor(LARGE.sendBuffer / (size + 14))),
    }),
    clients: ['raw socket', 'ringlet', 'ws', 'ws, bufferutil', ...OTHERS],
    goals: { ringlet: [0.05, 0.2, 0.25] },
  },
  'send, one in a turn': {
    sizes: SENT,
    job: { way: 'send', kind: 'binary', batch: 1 },
    clients: ['raw socket', 'ringlet', 'ringlet, 4 KiB rings', 'ws', 'ws, bufferutil', ...OTHERS],
    base: 'raw socket',
    goals: { ringlet: [1.1, 1.1, 1.1] },
  },
  'echo, 20 B text': {
    sizes: [20],
    job: { way: 'echo', kind: 'text', warmUp: 3000, count: 10000 },
    clients: ['raw socket', 'ringlet', 'ws', ...OTHERS],
    base: 'raw socket',
    value: 'p50',
    unit: 'µs, the median of the round trips',
    goals: { ringlet: [1.05] },
  },
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    clients: { type: 'string', default: '' },
    rounds: { type: 'string', default: '' },
    readme: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds) || (values.quick ? 3 : 7)
const cpu = values.quick ? 100 : 400
const names = Object.keys(TABLES).filter((name) => name.startsWith(values.only))
if (!names.length) {
  console.error(`no table begins with ${values.only}: ${Object.keys(TABLES).join(', ')}`)
  process.exit(2)
}

const isChosen = (client) =>
  values.clients
    ? client === 'ws' || client === 'raw socket' || client.startsWith(values.clients)
    : !values.quick || !OTHERS.includes(client)

await install('peers')
const peer = await startPeer()

/** Table → client → size → the value of each round. */
const results = {}
const cells = names.flatMap((name) =>
  TABLES[name].sizes.flatMap((size) =>
    TABLES[name].clients.filter(isChosen).map((client) => ({ name, size, client })),
  ),
)
let done = 0
const began = Date.now()
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    const { sizes, job, clients, value = 'cpu' } = TABLES[name]
    for (const size of sizes) {
      const chosen = clients.filter(isChosen)
      for (let i = 0; i < chosen.length; i++) {
        const client = chosen[(i + round) % chosen.length]
        const one = typeof job === 'function' ? job(size) : job
        const result = await runCell(CLIENTS[client], { ...one, size, cpu, url: peer.url })
        const row = ((results[name] ??= {})[client] ??= {})
        ;(row[size] ??= []).push(result[value])
        progress(++done, cells.length * rounds, began)
      }
    }
  }
}
peer.stop()

/** The ratios of a cell to the base of its table, of each round. */
function ratios(name, client, size) {
  const base = results[name][TABLES[name].base || 'ws'][size]
  return results[name][client][size].map((one, round) => one / base[round])
}

const sizeName = (size) =>
  size >= KIB * KIB ? `${size / KIB / KIB} MiB` : size >= KIB ? `${size / KIB} KiB` : `${size} B`
const stamp = {
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  cpu: os.cpus()[0].model.trim(),
  cores: os.cpus().length,
  date: new Date().toISOString().slice(0, 10),
  rounds,
}
const report = { stamp, tables: [] }

for (const name of names) {
  const { sizes, clients, base = 'ws', unit = 'CPU µs per message', goals = {} } = TABLES[name]
  const rows = clients.filter(isChosen).map((client) => ({
    client,
    cells: sizes.map((size, i) => {
      const all = ratios(name, client, size)
      return {
        value: median(results[name][client][size]),
        ratio: median(all),
        least: Math.min(...all),
        most: Math.max(...all),
        goal: goals[client]?.[i],
      }
    }),
  }))
  report.tables.push({ name, base, unit, sizes: sizes.map(sizeName), rows })
}

const number = (value) => (value < 10 ? value.toFixed(3) : value.toFixed(1))
for (const { name, base, unit, sizes, rows } of report.tables) {
  console.log(`\n${name}: ${unit}; ratio to ${base} (lowest–highest of ${rounds} rounds)\n`)
  printTable([
    ['', ...sizes],
    ...rows.flatMap(({ client, cells }) => [
      [
        client,
        ...cells.map(
          ({ value, ratio, least, most }) =>
            `${number(value)} ${ratio.toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`,
        ),
      ],
      ...(cells[0].goal
        ? [
            [
              '  goal',
              ...cells.map(({ ratio, goal }) => `${goal} ${ratio <= goal ? 'met' : 'MISSED'}`),
            ],
          ]
        : []),
    ]),
  ])
}
console.log(`\n${stampOf()}`)
mkdirSync(`${root}reports`, { recursive: true })
writeFileSync(`${root}reports/speed.json`, `${JSON.stringify(report, null, 1)}\n`)
if (values.readme) {
  const text = readFileSync(`${root}README.md`, 'utf8')
  const block = /(<!-- speed -->\n)[\s\S]*?(?=<!-- \/speed -->)/
  writeFileSync(
    `${root}README.md`,
    text.replace(block, (_, head) => head + markdown()),
  )
  writeFileSync(`${root}docs/speed.svg`, picture())
}

/** The tables for the README: ratios alone. */
function markdown() {
  const lines = report.tables.flatMap(({ name, base, sizes, rows }) => [
    `| ${name} | ${sizes.join(' | ')} |`,
    `|---|${sizes.map(() => '--:').join('|')}|`,
    ...rows
      .filter(({ client }) => client !== base)
      .map(
        ({ client, cells }) =>
          `| ${client} | ${cells.map(({ ratio }) => ratio.toFixed(2)).join(' | ')} |`,
      ),
    '',
    ...(base === 'ws' ? [] : [`(Ratio to ${base}.)`, '']),
  ])
  return `${lines.join('\n')}\n${stampOf()}\n`
}

/** What a binary message costs to receive, by client and size. */
function picture() {
  const { rows } = report.tables.find(({ name }) => name === 'receive binary')
  return svg({
    title: 'Receiving binary messages: CPU per message, as a ratio to ws',
    subtitle: stampOf(),
    series: rows.map(({ client, cells }) => ({
      name: client,
      isMain: client === 'ringlet, fragments',
      isLimit: client.startsWith('limit'),
      points: cells.map(({ ratio }, i) => [RECEIVED[i], ratio]),
    })),
    x: { label: 'size of a message', ticks: RECEIVED.map((size) => [size, sizeName(size)]) },
    y: { label: 'ratio to ws, lower is better (both axes logarithmic)', line: 1 },
  })
}

function stampOf() {
  return (
    `Node ${stamp.node}, ${stamp.platform}, ${stamp.cores} cores, ${stamp.cpu}, ` +
    `${stamp.date}, median of ${stamp.rounds} rounds.`
  )
}
