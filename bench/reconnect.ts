// A million devices lose one server at the same moment, and come back: why the defaults of `ringlet/reconnect` are what they
// are. Virtual time; nothing is measured. `npm run bench -- reconnect` prints the tables and draws docs/reconnect.svg;
// `-- --quick` takes 100,000 devices and a tenth of the server.
//
// The server is gone for `OUTAGE`, and every try fails at once. Then it accepts `CAPACITY` handshakes a second, and refuses
// the rest at once, which is the kindest an overloaded server can be. The first table is by the formula of the module,
// for every device; the second runs the module itself for a sample of them, before a server scaled down as much, and
// stands beside the formula for the same.

import { writeFileSync } from 'node:fs'
import process from 'node:process'
import type { ClientOptions, Handlers, Socket } from '../src/client'
import { reconnect } from '../src/reconnect'
import { svg } from './support/plot.mjs'

const isQuick = process.argv.includes('--quick')
const DEVICES = isQuick ? 100000 : 1000000
const CAPACITY = isQuick ? 500 : 5000
const SAMPLE = 10000
/** Seconds. */
const OUTAGE = 10
const LIMIT = 1800
/** Turns of the clock in a second. */
const TURNS = 20

interface Policy {
  name: string
  baseDelay: number
  maxDelay: number
  /** The least part of the wait that is not random: 0 is full jitter, 1 none. */
  fixed: number
}

const policy = (baseDelay: number, maxDelay: number, fixed = 0): Policy => ({
  name:
    (fixed === 1 ? 'no jitter' : fixed ? 'half jitter' : 'full jitter') +
    ', ' +
    baseDelay / 1000 +
    ' to ' +
    maxDelay / 1000 +
    ' s',
  baseDelay,
  maxDelay,
  fixed,
})

/** What the module does by default. */
const CHOSEN = policy(2000, 60000)

const POLICIES = [
  policy(2000, 60000, 1),
  policy(2000, 60000, 0.5),
  policy(1000, 60000),
  CHOSEN,
  policy(5000, 60000),
  policy(2000, 120000),
  policy(2000, 300000),
]

interface Result {
  /** Tries at the server by second. */
  arrivals: number[]
  /** Tries of all devices. */
  tries: number
  /** Seconds from the loss until 99 of 100 are back. */
  back: number
}

/** mulberry32: the same figures in each run. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 4294967296
  }
}

/** A server that counts, and accepts so many in a second after the outage. */
class Server {
  readonly result: Result = { arrivals: [], tries: 0, back: Number.NaN }
  private _second = -1
  private _accepted = 0
  private _open = 0

  constructor(
    private readonly _devices: number,
    private readonly _capacity: number,
  ) {}

  get isDone(): boolean {
    return this._open === this._devices
  }

  /** Whether a try at this turn succeeds. */
  admit(turn: number): boolean {
    const { result } = this
    const second = Math.floor(turn / TURNS)
    if (second !== this._second) {
      this._second = second
      this._accepted = 0
    }
    result.arrivals[second] = (result.arrivals[second] || 0) + 1
    result.tries++
    if (second < OUTAGE || this._accepted >= this._capacity) return false
    this._accepted++
    if (++this._open === Math.ceil(this._devices * 0.99)) result.back = turn / TURNS
    return true
  }
}

/** Calls `at(device)` at the turn that was asked for: a list of devices for each turn. */
class Calendar {
  turn = 0
  private readonly _first: Int32Array
  private readonly _next: Int32Array

  constructor(devices: number) {
    this._first = new Int32Array(LIMIT * TURNS).fill(-1)
    this._next = new Int32Array(devices)
  }

  set(device: number, delay: number): void {
    const turn = this.turn + Math.max(1, Math.round((delay / 1000) * TURNS))
    if (turn >= this._first.length) return
    this._next[device] = this._first[turn]
    this._first[turn] = device
  }

  run(at: (device: number) => void, isDone: () => boolean): void {
    for (; this.turn < this._first.length && !isDone(); this.turn++) {
      for (let device = this._first[this.turn]; device >= 0; ) {
        const next = this._next[device]
        at(device)
        device = next
      }
    }
  }
}

function byFormula(
  { baseDelay, maxDelay, fixed }: Policy,
  devices: number,
  capacity: number,
): Result {
  const random = randomFrom(1)
  const server = new Server(devices, capacity)
  const calendar = new Calendar(devices)
  const failures = new Uint8Array(devices)
  const wait = (device: number) => {
    const most = Math.min(maxDelay, baseDelay * 2 ** failures[device])
    if (failures[device] < 30) failures[device]++
    calendar.set(device, most * (fixed + (1 - fixed) * random()))
  }
  for (let device = 0; device < devices; device++) wait(device)
  calendar.run(
    (device) => {
      if (!server.admit(calendar.turn)) wait(device)
    },
    () => server.isDone,
  )
  return server.result
}

/** `ringlet/reconnect` itself, with a socket that is told its end by the simulation. */
function byModule({ baseDelay, maxDelay }: Policy, devices: number, capacity: number): Result {
  const random = randomFrom(2)
  const server = new Server(devices, capacity)
  const calendar = new Calendar(devices)
  const due: (() => void)[] = []
  const memory = { receiveBuffer: new Uint8Array(256), sendBuffer: new Uint8Array(256) }
  const lost: (() => void)[] = []
  for (let device = 0; device < devices; device++) {
    let isFirst = true
    const end = (handlers: Handlers) => handlers.onClose!(1006, '', false)
    reconnect(
      (_: string, handlers: Handlers, __: ClientOptions): Socket => {
        if (isFirst) lost.push(() => end(handlers))
        else if (!server.admit(calendar.turn)) pending.push(() => end(handlers))
        isFirst = false
        return SOCKET
      },
      '',
      {},
      {
        ...memory,
        baseDelay,
        maxDelay,
        jitter: random,
        setTimer(callback, delay) {
          due[device] = callback
          calendar.set(device, delay)
          return device
        },
        clearTimer() {},
      },
    )
  }
  const pending: (() => void)[] = []
  for (const end of lost) end()
  calendar.run(
    (device) => {
      due[device]()
      while (pending.length) pending.pop()!()
    },
    () => server.isDone,
  )
  return server.result
}

const SOCKET = { bufferedAmount: 0 } as Socket

const number = (value: number) => Math.round(value).toLocaleString('en-US')

function row(name: string, devices: number, { arrivals, tries, back }: Result): string[] {
  // Seconds without a try are holes.
  const bySecond = Array.from(arrivals, (count) => count || 0)
  return [
    name,
    number(Math.max(...bySecond)),
    number(Math.max(...bySecond.slice(OUTAGE))),
    Number.isNaN(back) ? `not in ${number(LIMIT)}` : number(back),
    (tries / devices).toFixed(1),
  ]
}

const HEAD = ['', 'most a second', 'after the outage', '99 % back, s', 'tries a device']

function print(rows: string[][]): void {
  const widths = HEAD.map((_, i) => Math.max(...[HEAD, ...rows].map((cells) => cells[i].length)))
  for (const cells of [HEAD, ...rows]) {
    console.log(
      cells.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  '),
    )
  }
}

console.log(
  `${number(DEVICES)} devices lose a server that is gone for ${OUTAGE} s, then accepts ${number(CAPACITY)} handshakes a second\n` +
    `(so the least for 99 % is ${number(OUTAGE + (DEVICES * 0.99) / CAPACITY)} s).\n`,
)
const results = new Map<Policy, Result>()
for (const one of POLICIES) results.set(one, byFormula(one, DEVICES, CAPACITY))
print([...results].map(([{ name }, result]) => row(name, DEVICES, result)))

const scaled = (CAPACITY * SAMPLE) / DEVICES
console.log(
  `\nThe module itself, ${number(SAMPLE)} devices, ${scaled} handshakes a second; the formula for the same.\n`,
)
print([
  row('the module', SAMPLE, byModule(CHOSEN, SAMPLE, scaled)),
  row('the formula', SAMPLE, byFormula(CHOSEN, SAMPLE, scaled)),
])

/** The most arrivals in a second, of spans that widen with time. */
function pointsOf({ arrivals }: Result): [number, number][] {
  const points: [number, number][] = []
  for (let from = 0; from < arrivals.length; ) {
    const to = Math.max(from + 1, Math.round((from + 1) * 1.12))
    let most = 0
    for (let second = from; second < to; second++) most = Math.max(most, arrivals[second] || 0)
    if (most) points.push([(from + to) / 2 + 0.5, most])
    from = to
  }
  return points
}

const SHOWN = [policy(2000, 60000, 1), policy(2000, 60000, 0.5), CHOSEN, policy(2000, 300000)]
const minute = [1, 3, 10, 30, 60, 120, 300, 600, 1200]
const series = SHOWN.map((one) => {
  const [, result] = [...results].find(([{ name }]) => name === one.name)!
  return { name: one.name, points: pointsOf(result), isMain: one === CHOSEN }
})
const last = Math.max(...series.flatMap(({ points }) => points.map(([x]) => x)))
writeFileSync(
  new URL('../docs/reconnect.svg', import.meta.url),
  svg({
    title: `${number(DEVICES)} devices come back`,
    subtitle: `The server is gone for ${OUTAGE} s, then accepts ${number(CAPACITY)} handshakes a second. npm run bench -- reconnect`,
    series,
    x: {
      label: 'seconds since the loss',
      ticks: minute.filter((second) => second < last).map((second) => [second, `${second}`]),
    },
    y: { label: 'the most tries in a second at the server, and what it accepts', line: CAPACITY },
  }),
)
console.log('\ndocs/reconnect.svg is drawn.')
