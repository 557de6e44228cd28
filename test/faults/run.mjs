// `npm run faults`: what networks and servers do to a connection, and what the client must make of it.
//
//   npm run faults                  all of it
//   npm run faults -- --quick       a part of each, in Node
//   npm run faults -- bun link      only those: node, bun, deno, workerd, xs, dns, clock, link, hostile
//
// For each fault: the callbacks that must come, once and in order, `onClose` last; where a deadline ends it, that one;
// memory that does not grow, and no timer or socket left. What cannot be tried on a machine is said, with its reason.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { start } from '../conformance/processes.mjs'
import { programOf, root } from '../runtime/packages.mjs'
import { startWorkerd } from '../runtime/workers.mjs'
import { runInXs } from '../runtime/xs.mjs'
import { plainCases, secureCases } from './cases.mjs'
import { meetClocks } from './clock.mjs'
import { DOWN, UP } from './conversation.mjs'
import { meetDns } from './dns.mjs'
import { startFaultPeers } from './fault-peers.mjs'
import { meetHostileServers } from './hostile.mjs'
import { meetLinks } from './link.mjs'

/** What memory may grow by from the first half of the cases to the second: for each case, and for all. */
const MOST_GROWTH = { each: 100, all: 524288 }
/** For one case. */
const CASE_LIMIT = 60000
/** How often what failed is tried again. */
const MOST_ROUNDS = 2

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const { quick } = values
/** For all of a job: a timer or a socket that is left would keep it running. */
const JOB_LIMIT = quick ? 100000 : 1800000
const counts = { passed: 0, failed: 0 }
const left = []

function check(name, problem) {
  counts[problem ? 'failed' : 'passed']++
  if (problem) console.log(`FAILED ${name}: ${problem}`)
}

/** Runs `client.mjs` in a runtime with Node's modules. */
function nodeLike(name, args) {
  return async (job, onLine) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringlet-faults-'))
    const file = join(folder, 'job.json')
    writeFileSync(file, JSON.stringify(job))
    const child = start(
      await programOf(name),
      [...args, join(root, 'test/faults/client.mjs'), file],
      { cwd: root, onLine },
    )
    const timer = setTimeout(child.kill, JOB_LIMIT)
    const code = await child.ended
    clearTimeout(timer)
    rmSync(folder, { recursive: true })
    if (code !== 0) throw new Error(`ended with ${code}: ${child.output}`)
  }
}

const RUNTIMES = {
  node: nodeLike('node20', ['--expose-gc']),
  bun: nodeLike('bun', []),
  deno: nodeLike('deno', [
    'run',
    '--allow-all',
    '--no-lock',
    '--node-modules-dir=manual',
    '--v8-flags=--expose-gc',
  ]),
  async workerd(job, onLine) {
    const workerd = await startWorkerd({
      entry: 'test/faults/workers-worker.mjs',
      // What V8 compiles beside the program refers to a callback, and so to its socket, for as long as it likes.
      v8Flags: ['--expose-gc', '--no-concurrent-recompilation'],
    })
    try {
      await workerd.run(job, onLine, AbortSignal.timeout(JOB_LIMIT))
    } finally {
      await workerd.stop()
    }
  },
  async xs(job, onLine) {
    const { code, output } = await runInXs('test/faults/xs-script.mjs', job, onLine, JOB_LIMIT)
    if (code !== 0) throw new Error(`ended with ${code}: ${output}`)
  },
}

/** Runs `cases` in a runtime, each behind a proxy of its own; resolves to what failed, by name, and to its last line. */
async function runIn(name, cases, peers, scheme, atATime) {
  const ports = await peers.open(cases.map(({ fault }) => fault))
  const job = {
    atATime,
    limit: CASE_LIMIT,
    ca: peers.ca,
    cases: cases.map(({ fault, group, ...one }, i) => ({
      ...one,
      url: `${scheme}://127.0.0.1:${ports[i]}/`,
    })),
  }
  const failed = new Map()
  let end
  let problem = ''
  try {
    await RUNTIMES[name](job, (line) => {
      if (!line.startsWith('{')) return
      const told = JSON.parse(line)
      if (told.failed) failed.set(told.failed, told)
      else end = told
    })
  } catch (error) {
    problem = error.message
  }
  const passed = await peers.finish()
  return { failed, end, passed, problem: problem || (end ? '' : 'it has said no end') }
}

/** Has a runtime meet `cases`; counts them, and tells them by group. */
async function meet(name, cases, peers, { scheme = 'ws', atATime = 50 } = {}) {
  const began = Date.now()
  const { failed, end, problem } = await runIn(name, cases, peers, scheme, atATime)
  check(`${name}: ${cases.length} faults, run to their end`, problem)
  if (problem) return
  // A busy machine may let a deadline come before what is awaited: what failed is tried again, a few at a time.
  let again = 0
  for (let round = 0; round < MOST_ROUNDS && failed.size; round++) {
    const some = cases.filter((one) => failed.has(one.name))
    again += some.length
    const repeated = await runIn(name, some, peers, scheme, 8)
    if (repeated.problem) break
    for (const one of some) if (!repeated.failed.has(one.name)) failed.delete(one.name)
  }
  for (const one of cases) {
    const told = failed.get(one.name)
    const expected = one.expected.join('\n        or ')
    check(`${name}: ${one.name}`, told && `\n  heard    ${told.heard}\n  expected ${expected}`)
  }
  for (const group of new Set(cases.map((one) => one.group))) {
    const all = cases.filter((one) => one.group === group)
    const right = all.filter((one) => !failed.has(one.name)).length
    console.log(`${name}: ${group}: ${right} of ${all.length}`)
  }
  const { growth, meters, left, kept } = end
  check(`${name}: what is left`, left.length && left.join(', '))
  let rest = `${left.length} sockets left, but for ${kept} that were reset during a write; memory is not told there`
  if (growth !== undefined) {
    const most = MOST_GROWTH.each * cases.length + MOST_GROWTH.all
    check(`${name}: memory`, growth > most && `it has grown by ${growth} bytes, ${most} at most`)
    const detail = meters ? ` (${meters})` : ''
    rest = `memory grown by ${growth} bytes${detail}, ${left.length} handles left`
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1)
  console.log(`${name}: ${cases.length} faults, ${again} tried again; ${rest}; ${seconds} s`)
}

const sum = (list) => list.reduce((total, one) => total + one, 0)

/** The octets of a conversation that nothing happens to. */
async function measure(peers, to) {
  const one = { name: 'measured', fault: { to }, script: 'lockstep', options: {}, expected: [] }
  const scheme = to === 'plain' ? 'ws' : 'wss'
  const { passed, problem } = await runIn('node', [one], peers, scheme, 1)
  if (!passed[0]) throw new Error(`a conversation without a fault did not end: ${problem}`)
  return { up: sum(passed[0].up), down: sum(passed[0].down) }
}

/** What TCP can do, in one runtime. */
async function meetPlain(name, peers, step, tellsResets = true) {
  const { up, down } = await measure(peers, 'plain')
  const lengths = { request: up - sum(UP), head: down - sum(DOWN) }
  const cases = plainCases({ ...lengths, step, tellsResets })
  const isSlow = ({ group }) => group === 'a slow network'
  await meet(
    name,
    cases.filter((one) => !isSlow(one)),
    peers,
  )
  await meet(name, cases.filter(isSlow), peers, { atATime: 4 })
}

/** Has `run` count what it checks, and tells how many there were. */
async function tell(name, run) {
  const began = Date.now()
  let all = 0
  let right = 0
  await run((what, problem) => {
    all++
    if (!problem) right++
    check(what, problem)
  })
  console.log(`${name}: ${right} of ${all}; ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

async function withPeers(run) {
  const peers = await startFaultPeers()
  await run(peers)
  peers.stop()
}

const PARTS = {
  node: () =>
    withPeers(async (peers) => {
      await meetPlain('node', peers, quick ? 41 : 1)
      const lengths = await measure(peers, 'secure')
      const cases = secureCases({ ...lengths, step: quick ? 211 : 1 })
      await meet('node', cases, peers, { scheme: 'wss', atATime: 200 })
    }),
  bun: () => withPeers((peers) => meetPlain('bun', peers, 1)),
  deno: () => withPeers((peers) => meetPlain('deno', peers, 1)),
  workerd: () => withPeers((peers) => meetPlain('workerd', peers, 1, false)),
  // Its sockets tell a failure and an end alike.
  xs: () => withPeers((peers) => meetPlain('xs', peers, 1, false)),
  dns: () => withPeers((peers) => tell('dns', (check) => meetDns(check, peers.ports))),
  clock: () => tell('clock', meetClocks),
  link: () =>
    tell('link', async (check) => {
      const lack = await meetLinks(check)
      if (lack) left.push(`link, because ${lack}`)
    }),
  hostile: () => tell('hostile', (check) => meetHostileServers(check, quick ? 9 : 1)),
}

const QUICK = ['node', 'dns', 'clock', 'hostile']
const names = positionals.length
  ? positionals
  : quick
    ? QUICK.filter((name) => PARTS[name])
    : Object.keys(PARTS)
const unknown = names.filter((name) => !PARTS[name])
if (unknown.length) {
  console.error(`faults: ${unknown.join(', ')}, expected of ${Object.keys(PARTS).join(', ')}`)
  process.exit(2)
}
// The short form is mostly waiting.
if (quick) await Promise.all(names.map((name) => PARTS[name]()))
else for (const name of names) await PARTS[name]()
for (const reason of left) console.log(`left out: ${reason}`)
console.log(`\n${counts.passed} passed, ${counts.failed} failed`)
process.exit(counts.failed ? 1 : 0)
