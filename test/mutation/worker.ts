// Runs in the copy that run.ts has made: loads the tests once, finds out what each of them reaches, then turns on one mutant
// after the other and runs the tests that reach it, the quickest first, until one fails.

import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import type { Test } from './collector'
import type { Mutant } from './mutants'

interface Plan {
  mutants: Mutant[]
  tests: string[]
  /** Milliseconds of processor time that a mutant may take before it counts as survived. */
  patience: number
  results: string
  /** Tests that are left out. */
  slow: string
}

export type Verdict = 'killed' | 'endless' | 'survived' | 'not reached'

const plan: Plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const results: Record<number, [Verdict, string]> = JSON.parse(readFileSync(plan.results, 'utf8'))

let active = -1
let steps = 0
let mostSteps = Infinity
let reached = new Uint8Array(plan.mutants.length)
/** Computes the constant again that a mutant is in. */
const constants = new Map<number, () => void>()

;(globalThis as { $m?: unknown }).$m = {
  a(id: number): boolean {
    reached[id] = 1
    return id === active
  },
  s(ids: number[], compute: () => void): void {
    for (const id of ids) constants.set(id, compute)
  },
  step(): void {
    if (++steps > mostSteps) throw new Error('ENDLESS')
  },
}

// What tests print is not wanted.
const say = console.log
console.log = () => {}
process.on('unhandledRejection', () => {})
process.on('uncaughtException', () => {})

const beat = new Int32Array(new SharedArrayBuffer(4))
new Worker(
  `const { workerData: beat } = require('node:worker_threads')
  let last = -1
  let since = Date.now()
  setInterval(() => {
    if (beat[0] !== last) { last = beat[0]; since = Date.now() }
    else if (Date.now() - since > 300000) process.kill(process.pid, 'SIGKILL')
  }, 1000)`,
  { eval: true, workerData: beat },
).unref()

const { tests } = (await import('./collector')) as { tests: Test[] }
for (const path of plan.tests) await import(path)

interface Known extends Test {
  milliseconds: number
  steps: number
  reached: Uint8Array
}

/** In milliseconds. */
const processorTime = () => process.cpuUsage().user / 1000

/** Whether it passes. */
async function passes(test: Test): Promise<boolean> {
  steps = 0
  beat[0]++
  try {
    await test.run()
    return true
  } catch {
    return false
  }
}

const known: Known[] = []
const begin = Date.now()
const slow = new RegExp(plan.slow)
for (const test of tests.filter(({ name }) => !slow.test(name))) {
  reached = new Uint8Array(plan.mutants.length)
  const started = processorTime()
  if (!(await passes(test))) {
    say('fails without a mutant, and is left out: ' + test.name)
    continue
  }
  known.push({ ...test, milliseconds: processorTime() - started, steps, reached })
}
known.sort((a, b) => a.milliseconds - b.milliseconds)
for (const { name, milliseconds } of known.slice(-5)) say(`${Math.round(milliseconds)} ms: ${name}`)
const sum = known.reduce((total, test) => total + test.milliseconds, 0)
say(
  `${known.length} tests, ${Math.round(sum)} ms; ready after ${Math.round((Date.now() - begin) / 1000)} s`,
)

for (const { id } of plan.mutants) {
  if (results[id]) continue
  // A hang that the steps do not find ends the process: then this is what stays.
  results[id] = ['endless', 'killed by the watch']
  writeFileSync(plan.results, JSON.stringify(results))
  const constant = constants.get(id)
  const mine = constant ? known : known.filter((test) => test.reached[id])
  active = id
  if (constant) constant()
  let verdict: Verdict = mine.length ? 'survived' : 'not reached'
  let by = ''
  const started = processorTime()
  for (const test of mine) {
    mostSteps = 20 * test.steps + 200000
    if (!(await passes(test))) {
      verdict = steps > mostSteps ? 'endless' : 'killed'
      by = test.name
      break
    }
    if (processorTime() - started > plan.patience) {
      by = 'out of patience'
      break
    }
  }
  active = -1
  mostSteps = Infinity
  if (constant) constant()
  results[id] = [verdict, by]
}
writeFileSync(plan.results, JSON.stringify(results))
process.exit(0)
