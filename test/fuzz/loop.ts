// The loop over the targets: streams by the number of their seed, counts, and a watch that ends what does not end.

import { mkdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { randomFrom } from '../deflate/random'
import { fuzzClient } from './client'
import { fuzzDeflate } from './deflate'
import { fuzzFrames } from './frames'
import { Guide } from './guide'
import { fuzzHandshake } from './handshake'
import { fuzzMessages } from './messages'
import type { Target } from './target'

export const TARGETS: Record<string, Target> = {
  frames: fuzzFrames,
  messages: fuzzMessages,
  handshake: fuzzHandshake,
  deflate: fuzzDeflate,
  client: fuzzClient,
}

/** Of 16 rounds over the targets, in how many each is: what is cheap and central more often. */
const SHARES: Record<string, number> = {
  frames: 16,
  messages: 14,
  handshake: 5,
  deflate: 1,
  client: 2,
}

export interface FuzzOptions {
  targets: string[]
  /** Of the first stream; the next ones count up. Default: one of its own for every run. */
  seed?: number
  /** In all, and of each target about its share. */
  streams: number
  milliseconds: number
  /** Led by coverage: the counters of the branches taken, see counters.mjs. */
  counters?: Uint32Array
  say: (line: string) => void
}

/** Where the choices are written that made a case fail, to be run again. */
export const CHOICES = 'reports/fuzz-choices.json'

export interface FuzzResult {
  summary: string
  failure: string
}

/** A stream that takes longer does not end. */
const PATIENCE = 60000
/** How often something is said. */
const INTERVAL = 60000

/** Watches from another thread: this one cannot if it hangs. */
const WATCH = `
const { workerData, parentPort } = require('node:worker_threads')
const { beat, patience } = workerData
let last = -1
let since = Date.now()
setInterval(() => {
  if (beat[0] !== last) {
    last = beat[0]
    since = Date.now()
  } else if (Date.now() - since > patience) {
    require('node:fs').writeSync(1, 'HANGS: seed ' + (beat[1] >>> 0) + ' of target number ' + beat[2] + '\\n')
    process.kill(process.pid, 'SIGKILL')
  }
}, 1000)
`

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { targets, streams, milliseconds, counters, say } = options
  const first = (options.seed ?? Math.floor(Date.now() / 7) ^ (process.pid << 12)) >>> 0
  const order = targets.length > 1 ? shuffled(targets) : targets
  const counts = new Map(targets.map((name) => [name, { streams: 0, octets: 0, fed: 0 }]))
  const beat = new Int32Array(new SharedArrayBuffer(12))
  const watch = new Worker(WATCH, { eval: true, workerData: { beat, patience: PATIENCE } })
  const begin = Date.now()
  let failure = ''
  let told = begin
  let made = 0
  const total = () => {
    const all = [...counts.values()]
    const sum = (pick: (one: { streams: number; octets: number; fed: number }) => number) =>
      all.reduce((result, one) => result + pick(one), 0).toLocaleString('en')
    const seconds = ((Date.now() - begin) / 1000).toFixed(1)
    return `${sum((one) => one.streams)} streams, ${sum((one) => one.octets)} bytes, fed ${sum((one) => one.fed)}; ${seconds} s`
  }
  const guide = counters && new Guide(counters, randomFrom(first))
  const led = () => {
    if (!guide) return ''
    const { kept, branches } = guide.progress
    return `; ${branches} branches, ${kept} kept`
  }
  say('fuzz: seed ' + first)
  for (; made < streams && !failure; made++) {
    const name = order[made % order.length]
    const seed = (first + made) >>> 0
    beat[0] = made
    beat[1] = seed
    beat[2] = targets.indexOf(name)
    try {
      const { octets, fed } = TARGETS[name](guide ? guide.next(name) : randomFrom(seed))
      if (guide) guide.learn(name)
      const count = counts.get(name)!
      count.streams++
      count.octets += octets
      count.fed += fed
    } catch (error) {
      let again = `--seed ${seed} --streams 1`
      if (guide) {
        mkdirSync('reports', { recursive: true })
        writeFileSync(CHOICES, JSON.stringify(guide.choices))
        again = '--choices ' + CHOICES
      }
      failure = `${name}, seed ${seed} (npm run fuzz -- --target ${name} ${again}): ${(error as Error).stack}`
    }
    if ((made & 15) === 0) {
      const now = Date.now()
      if (now - begin > milliseconds) break
      if (now - told > INTERVAL) {
        told = now
        say(total() + led())
        // Lets go of what streams and errors have left.
        await new Promise((done) => setImmediate(done))
      }
    }
  }
  await watch.terminate()
  for (const [name, { streams: count, octets, fed }] of counts) {
    say(
      `${name.padEnd(10)} ${count.toLocaleString('en')} streams, ${octets.toLocaleString('en')} bytes, fed ${fed.toLocaleString('en')}`,
    )
  }
  if (failure) say('FAILED ' + failure)
  const memory = Math.round(process.memoryUsage().rss / 2 ** 20)
  return {
    summary: `fuzz: seed ${first}: ${total()}${led()}, rss ${memory} MiB, ${failure ? 1 : 0} failed`,
    failure,
  }
}

/** The targets in turn, each as often as its share. */
function shuffled(targets: string[]): string[] {
  const order: string[] = []
  for (let i = 0; i < 16; i++) {
    for (const name of targets) {
      // Spread evenly.
      const share = SHARES[name]
      if (Math.floor(((i + 1) * share) / 16) > Math.floor((i * share) / 16)) order.push(name)
    }
  }
  return order
}
