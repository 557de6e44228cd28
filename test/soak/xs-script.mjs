// The side of a soak that is measured, in XS: `globalThis.job` is the job; prints lines as `client.mjs` does. The classes
// come from `test/runtime/xs/host.js`.

import { deflate } from '../../dist/deflate.js'
import { withNatives } from '../../dist/ecma419.js'
import { utf8 } from '../runtime/bytes.mjs'
import { Traffic } from './traffic.mjs'

const { job, Timer, TCP, host } = globalThis
const connect = withNatives({ Timer, random: host.random })
const traffic = new Traffic({
  ...job,
  connect,
  deflate,
  utf8,
  setTimeout,
  options: { socket: { io: TCP } },
})

function sample(isLast) {
  host.collect()
  const { counts, wrong, problems, open } = traffic
  // What is alive: slots of 32 bytes, and chunks.
  const memory = { slots: host.meter(0) * 32, chunks: host.meter(1) }
  host.print(JSON.stringify({ isLast, memory, counts, wrong, problems, open }))
}

traffic.start()
const timer = Timer.repeat(() => sample(false), job.sample * 1000)
Timer.set(() => {
  Timer.clear(timer)
  host.run(async () => {
    await traffic.stop()
    sample(true)
  })
}, job.seconds * 1000)
