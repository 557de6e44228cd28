// `npm run soak`: mixed traffic over many connections that end in every way and connect again, for as long as is said.
//
//   npm run soak                      Node, 1,000 connections, 3 minutes
//   npm run soak -- --hours 8         or --minutes
//   npm run soak -- bun xs            of node, bun, deno, workerd and xs; `all`
//   npm run soak -- --quick           10 s with 100 connections
//   npm run soak -- --pace 6000       ms between the bursts of a connection; 1,000 by default
//   npm run soak -- --plot            also draws docs/soak.svg, of the first runtime
//
// The server is `ws`, in a process of its own. What counts: every message is the one that must come, in its place; every
// connection ends with the callbacks that its end must have; after the first third, neither the memory in use after a
// collection nor the resident set of the process grows; and at the end nothing is left that keeps the process running.

import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { svg } from '../../bench/support/plot.mjs'
import { start } from '../conformance/processes.mjs'
import { programOf, root } from '../runtime/packages.mjs'
import { startWorkerd } from '../runtime/workers.mjs'
import { runInXs } from '../runtime/xs.mjs'

const MIB = 1048576
/** What may be added between the second third of the samples and the last: a part of it, and so many bytes. */
const MOST_GROWTH = { part: 0.03, bytes: MIB }
/** The resident set, which V8 gives back when it likes, and which a busy machine makes larger. */
const MOST_RESIDENT_GROWTH = { part: 0.05, bytes: 8 * MIB }
/** From the end of the traffic to the end of the process. */
const EXIT_LIMIT = 60000

const { values, positionals } = parseArgs({
  options: {
    hours: { type: 'string' },
    minutes: { type: 'string' },
    quick: { type: 'boolean', default: false },
    plot: { type: 'boolean', default: false },
    connections: { type: 'string' },
    pace: { type: 'string' },
    seed: { type: 'string' },
  },
  allowPositionals: true,
})

/** What runs `client.mjs`; `onLine` gets what it prints, `onProcess` its pid. */
function nodeLike(name, args) {
  return async (job, onLine, onProcess) => {
    const child = start(
      await programOf(name),
      [...args, join(root, 'test/soak/client.mjs'), JSON.stringify(job)],
      { cwd: root, onLine },
    )
    onProcess(child.pid)
    // A timer or a socket that is left would keep it running.
    const timer = setTimeout(child.kill, job.seconds * 1000 + 2 * EXIT_LIMIT)
    const code = await child.ended
    clearTimeout(timer)
    if (code !== 0) {
      const rest = child.output.replace(/^\{.*\n/gm, '').trim()
      throw new Error(`ended with ${code} ${rest}`)
    }
  }
}

const RUNTIMES = {
  node: { connections: 1000, run: nodeLike('node20', ['--expose-gc']) },
  bun: { connections: 200, run: nodeLike('bun', []) },
  deno: {
    // It does not serve much more at a time: busy-sockets.mjs.
    connections: 50,
    run: nodeLike('deno', [
      'run',
      '--allow-all',
      '--no-lock',
      '--node-modules-dir=manual',
      '--v8-flags=--expose-gc',
    ]),
  },
  workerd: {
    connections: 50,
    async run(job, onLine, onProcess) {
      const workerd = await startWorkerd({
        entry: 'test/soak/workers-worker.mjs',
        v8Flags: ['--expose-gc'],
      })
      onProcess(workerd.pid)
      const signal = AbortSignal.timeout(job.seconds * 1000 + 2 * EXIT_LIMIT)
      try {
        await workerd.run(job, onLine, signal)
      } finally {
        await workerd.stop()
      }
    },
  },
  xs: {
    connections: 10,
    largest: 4096,
    async run(job, onLine, onProcess) {
      const limit = job.seconds * 1000 + 2 * EXIT_LIMIT
      const { code, output } = await runInXs(
        'test/soak/xs-script.mjs',
        job,
        onLine,
        limit,
        onProcess,
      )
      if (code !== 0) throw new Error(`ended with ${code}: ${output.replace(/^\{.*\n/gm, '')}`)
    },
  },
}

function startServer() {
  const child = spawn(process.execPath, [join(root, 'test/soak/server.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    child.stdout.once('data', (text) =>
      resolve({ url: `ws://127.0.0.1:${Number(text)}`, stop: () => child.stdin.end() }),
    )
  })
}

/** The resident set of a process in bytes; undefined where the system does not tell. */
function residentSetOf(pid) {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return Number(kibibytes) * 1024
  } catch {
    return undefined
  }
}

const number = (count) => Math.round(count).toLocaleString('en-US')
const mebibytes = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`
const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length

/** Checks that hold, by name: '' or what is wrong. */
const checks = []

/** The growth of a meter from the second third of a run to the last. */
function growthOf(samples, name) {
  const values = samples.map(({ memory }) => memory[name])
  const third = Math.floor(values.length / 3)
  const from = mean(values.slice(third, 2 * third))
  const to = mean(values.slice(2 * third))
  const most = name === 'RSS' ? MOST_RESIDENT_GROWTH : MOST_GROWTH
  return { from, to, isFlat: to - from <= from * most.part + most.bytes }
}

async function soak(name, seconds, url) {
  const { connections, largest = 65536, run } = RUNTIMES[name]
  const job = {
    url,
    seconds,
    largest,
    connections: Number(values.connections || (values.quick ? connections / 10 : connections)),
    sample: values.quick ? 1 : Math.max(5, seconds / 360),
    pace: Number(values.pace || (values.quick ? 100 : 1000)),
    seed: Number(values.seed || Date.now() % 1e6),
  }
  console.log(`${name}: ${number(job.connections)} connections, ${seconds} s, seed ${job.seed}`)
  const samples = []
  const began = Date.now()
  let pid
  let last
  let problem = ''
  try {
    await run(
      job,
      (line) => {
        if (!line.startsWith('{"isLast"')) return
        const one = JSON.parse(line)
        for (const text of one.problems.slice(last?.problems.length)) console.log(`  ${text}`)
        last = one
        if (one.isLast) return
        const resident = residentSetOf(pid)
        if (resident !== undefined) one.memory.RSS = resident
        samples.push({ minutes: (Date.now() - began) / 60000, memory: one.memory })
        if (samples.length % 10 === 0) tell(one)
      },
      (started) => {
        pid = started
      },
    )
  } catch (error) {
    problem = error.message
  }
  if (last) tell(last)
  const check = (what, wrong) => {
    checks.push(!wrong)
    console.log(`${wrong ? 'FAILED' : 'ok    '} ${name}: ${what}${wrong && `: ${wrong}`}`)
  }
  const isOver = last !== undefined && last.isLast && !problem
  check('runs to its end, and nothing is left', isOver ? '' : problem || 'it has said no end')
  check(
    'every message and every end',
    !last || last.wrong ? (last?.problems || []).join('\n') || 'none' : '',
  )
  for (const meter of Object.keys(samples[0]?.memory || {})) {
    // In seconds a resident set says more of the compiler than of what leaks.
    if (meter === 'RSS' && values.quick) continue
    const { from, to, isFlat } = growthOf(samples, meter)
    const text = `${meter} ${mebibytes(from)}, then ${mebibytes(to)}`
    check(`${text}: flat`, isFlat ? '' : 'it grows')
  }
  return { name, job, samples, last }

  function tell({ counts, wrong, open, memory }) {
    const ends = Object.values(counts.ends).reduce((sum, one) => sum + one, 0)
    const meters = Object.entries(memory).map(([meter, bytes]) => `${meter} ${mebibytes(bytes)}`)
    console.log(
      `  ${((Date.now() - began) / 60000).toFixed(1)} min: ${number(counts.connects)} connections made, ${number(open)} open, ` +
        `${number(ends)} ended as they must, ${number(counts.messages)} messages and ${number(counts.pongs)} pongs compared, ` +
        `${mebibytes(counts.octets)}, ${wrong} wrong; ${meters.join(', ')}`,
    )
  }
}

/** Memory over time: a line per meter. */
function plot({ name, job, samples, last }) {
  const minutes = samples[samples.length - 1].minutes
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 240].find((one) => minutes / one <= 8)
  const ticks = []
  for (let at = 0; at <= minutes; at += step) ticks.push([at, `${at}`])
  const text = svg({
    title: `Soak: memory of ${number(job.connections)} connections in ${name}, over ${Math.round(minutes)} minutes`,
    subtitle: `${number(last.counts.connects)} connections made, ${number(last.counts.messages)} messages compared, ${last.wrong} wrong. Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    isLinear: true,
    x: { label: 'minutes', ticks },
    y: { label: 'MiB; heap and ArrayBuffers after a collection' },
    series: Object.keys(samples[0].memory).map((meter) => ({
      name: meter,
      isMain: meter === 'RSS',
      points: samples.map(({ minutes, memory }) => [minutes, memory[meter] / MIB]),
    })),
  })
  writeFileSync(join(root, 'docs/soak.svg'), text)
  console.log('docs/soak.svg is written')
}

const names = positionals.includes('all')
  ? Object.keys(RUNTIMES)
  : positionals.length
    ? positionals
    : ['node']
const unknown = names.filter((name) => !RUNTIMES[name])
if (unknown.length) {
  console.error(`soak: ${unknown.join(', ')}, expected of ${Object.keys(RUNTIMES).join(', ')}, all`)
  process.exit(2)
}
const minutes = values.hours ? 60 * Number(values.hours) : Number(values.minutes || 3)
const server = await startServer()
let first
for (const name of names) {
  const result = await soak(name, values.quick ? 10 : Math.round(minutes * 60), server.url)
  first ??= result
}
server.stop()
if (values.plot && first.samples.length > 1) plot(first)
const failed = checks.filter((isGood) => !isGood).length
console.log(`\n${checks.length - failed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
