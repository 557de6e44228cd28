// The side of a soak that is measured, in Node, Bun or Deno: `client.mjs '{"url":…,"connections":…,"seconds":…}'`.
// Prints a line of JSON for each sample and one at the end, and then ends by itself: a timer or a socket that is left would
// keep it running.

import process from 'node:process'
import { deflate } from '../../dist/deflate.js'
import { connect } from '../../dist/node.js'
import { Traffic } from './traffic.mjs'

const job = JSON.parse(process.argv[2])
const encoder = new TextEncoder()
const traffic = new Traffic({
  ...job,
  connect,
  deflate,
  utf8: (text) => encoder.encode(text),
  setTimeout,
})

function collect() {
  if (globalThis.Bun) globalThis.Bun.gc(true)
  else globalThis.gc()
}

function sample(isLast = false) {
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const { counts, wrong, problems, open } = traffic
  console.log(
    JSON.stringify({
      isLast,
      memory: { heap: heapUsed, ArrayBuffers: arrayBuffers || 0 },
      counts,
      wrong,
      problems,
      open,
    }),
  )
}

traffic.start()
const timer = setInterval(sample, job.sample * 1000)
setTimeout(async () => {
  clearInterval(timer)
  await traffic.stop()
  sample(true)
}, job.seconds * 1000)
