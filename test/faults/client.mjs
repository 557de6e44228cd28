// The side of the faults that is tested, in Node, Bun or Deno: `client.mjs FILE`, a file with the job as JSON. Prints a line
// of JSON for each case that heard what it must not, and one at the end: how many were right, by how many bytes memory
// has grown, what is left. Then it ends by itself: a timer or a socket that is left would keep it running.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { connect } from '../../dist/node.js'
import { converseInHalves } from './conversation.mjs'

const { cases, ca, ...limits } = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const say = (line) => console.log(JSON.stringify(line))
const sleep = (delay) => new Promise((done) => setTimeout(done, delay))

async function memory() {
  for (let i = 0; i < 3; i++) {
    if (globalThis.Bun) globalThis.Bun.gc(true)
    else globalThis.gc()
    await sleep(20)
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + (arrayBuffers || 0)
}

/** What the runtime itself says is under way, but for the pipes to whoever started this. */
function handles() {
  const list = process.getActiveResourcesInfo ? process.getActiveResourcesInfo() : []
  return list.filter((name) => /TCP|TLS|Timeout|GetAddr|Query/.test(name))
}

const secure = { tls: { ca } }
const open = (url, handlers, options) => connect(url, handlers, { ...options, ...secure })
const { passed, samples } = await converseInHalves(open, cases, limits, setTimeout, say, memory)
// Sockets are closed one turn after their last event, which on a busy machine is not soon.
for (let turn = 0; turn < 100 && handles().length; turn++) await sleep(50)
say({ passed, growth: samples[1] - samples[0], left: handles() })
