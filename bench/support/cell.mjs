// One measurement of one client, in a process of its own, in whatever runtime:
//
//   cell.mjs CLIENT '{"way":"receive","kind":"binary","size":16,"cpu":500,"url":"ws://127.0.0.1:4000"}'
//
// Prints one line of JSON. An adapter in `clients/` exports `open(url, job, heard)`, which resolves to the connection:
// `heard(length)` is called for each message received, and the connection has `send(payload, count, done)`, which sends
// `count` messages at once and calls `done` when the client takes more. CPU is user and system time of all threads.

import process from 'node:process'
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises'
import { payload } from './payload.mjs'

const [name, text] = process.argv.slice(2)
const job = JSON.parse(text)
const { open } = await import(`../clients/${name}.mjs`)

/** CPU time so far, in microseconds. */
function cpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** CPU time before it counts, in microseconds: compiling, growing buffers. */
const WARM_UP = 200000

/**
 * Counts messages until the measured ones have cost `job.cpu` milliseconds; `step(count)` tells of further ones and
 * says whether it is over.
 */
function meter(finish) {
  // Reading the clock costs something itself.
  const interval = Math.min(4096, Math.max(1, Math.ceil((1 << 18) / job.size)))
  const begin = cpu()
  let began = 0
  let beganAt = 0
  let count = 0
  let next = interval
  return (more) => {
    count += more
    if (count < next) return
    next = count + interval
    const now = cpu()
    if (!began) {
      if (now - begin < WARM_UP) return
      began = now
      beganAt = count
    } else if (now - began >= job.cpu * 1000) {
      finish({ cpu: (now - began) / (count - beganAt), messages: count - beganAt })
    }
  }
}

const WAYS = {
  async receive() {
    return new Promise((resolve, reject) => {
      const step = meter(resolve)
      open(
        `${job.url}/receive/${job.kind === 'binary' ? 'binary' : 'text'}/${job.size}`,
        job,
        (length) => {
          if (length !== job.size) reject(new Error(`${length} bytes, expected ${job.size}`))
          step(1)
        },
      ).catch(reject)
    })
  },

  /** `batch` messages in each turn of the event loop. */
  async send() {
    const connection = await open(`${job.url}/sink`, job, () => {})
    const bytes = payload(job.kind, job.size)
    const message = job.kind === 'binary' ? bytes : bytes.toString()
    return new Promise((resolve) => {
      let result
      const step = meter((one) => {
        result = one
      })
      const turn = () => {
        if (result) return resolve(result)
        connection.send(message, job.batch, () => {
          step(job.batch)
          setImmediate(turn)
        })
      }
      turn()
    })
  },

  /** Round trips, one at a time. */
  async echo() {
    const times = []
    const message =
      job.kind === 'binary' ? payload('binary', job.size) : payload('text', job.size).toString()
    return new Promise((resolve, reject) => {
      let connection
      let sent = 0n
      const next = () => {
        sent = process.hrtime.bigint()
        connection.send(message, 1, () => {})
      }
      open(`${job.url}/echo`, job, () => {
        times.push(Number(process.hrtime.bigint() - sent))
        if (times.length < job.warmUp + job.count) return next()
        const measured = times.slice(job.warmUp).sort((a, b) => a - b)
        resolve({ p50: measured[measured.length >> 1] / 1000 })
      }).then((one) => {
        connection = one
        next()
      }, reject)
    })
  },

  /** What an open connection that nothing comes over takes. */
  async idle() {
    const kept = []
    await openAll(kept, job.warmUp)
    const before = await memory()
    await openAll(kept, job.count)
    const after = await memory()
    const each = (part) => (after[part] - before[part]) / job.count
    return {
      rss: each('rss'),
      heap: each('heap'),
      buffers: each('buffers'),
      total: after.rss,
      count: kept.length,
    }
  },

  /** Connections that all receive as fast as they can. */
  async busy() {
    const kept = []
    let messages = 0
    await openAll(kept, job.count, `/wait/${job.kind}/${job.size}`, () => messages++)
    for (const connection of kept) connection.send(payload('text', 1).toString(), 1, () => {})
    const begin = cpu()
    const first = messages
    while (cpu() - begin < job.cpu * 1000) await sleep(50)
    const { rss } = process.memoryUsage()
    return { total: rss, cpu: (cpu() - begin) / (messages - first), count: kept.length }
  },
}

/** Opens `count` connections, 50 at a time. */
async function openAll(kept, count, path = '/idle', heard = () => {}) {
  for (let i = 0; i < count; i += 50) {
    const some = Array.from({ length: Math.min(50, count - i) }, () =>
      open(job.url + path, job, heard),
    )
    kept.push(...(await Promise.all(some)))
    await immediate()
  }
}

/** What is in use, after everything else has been collected. */
async function memory() {
  for (let i = 0; i < 3; i++) {
    if (globalThis.Bun) Bun.gc(true)
    else globalThis.gc()
    await sleep(20)
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  return { rss, heap: heapUsed, buffers: arrayBuffers }
}

const result = await WAYS[job.way]()
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
