// The side of the faults that is tested, in XS: `globalThis.job` is the job; prints lines as `client.mjs` does, and for memory
// what is alive after a collection, in bytes. The classes come from `test/runtime/xs/host.js`.

import { withNatives } from '../../dist/ecma419.js'
import { converseInHalves } from './conversation.mjs'

const { job, Timer, TCP, host } = globalThis
const { cases, ...limits } = job
const connect = withNatives({ Timer, random: host.random })
const say = (line) => host.print(JSON.stringify(line))
/** The default is the size of the ring, which some of what comes is larger than. */
const MAX_MESSAGE_SIZE = 1 << 20
/** Of a slot, on a machine of 64 bits. */
const SLOT_SIZE = 32

function open(url, handlers, options) {
  return connect(url, handlers, {
    maxMessageSize: MAX_MESSAGE_SIZE,
    ...options,
    socket: { io: TCP },
  })
}

function memory() {
  host.collect()
  return { slots: host.meter(0), chunks: host.meter(1) }
}

host.run(async () => {
  const {
    passed,
    samples: [first, second],
  } = await converseInHalves(open, cases, limits, setTimeout, say, memory)
  const slots = second.slots - first.slots
  const chunks = second.chunks - first.chunks
  const left = host.active()
  // One timer stays, and serves all that is deferred.
  const own = left.indexOf('Timer')
  if (own >= 0) left.splice(own, 1)
  say({
    passed,
    growth: slots * SLOT_SIZE + chunks,
    meters: `${slots} slots, ${chunks} B of chunks`,
    left,
  })
})
