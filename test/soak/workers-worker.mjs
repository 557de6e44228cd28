// The side of a soak that is measured, as a Worker: the request's body is the job; the response is a line of JSON for each
// sample, as `client.mjs` prints them. workerd runs with V8's `gc`.

import { deflate } from '../../dist/deflate.js'
import { connect } from '../../dist/workers.js'
import { Traffic } from './traffic.mjs'

const encoder = new TextEncoder()
const sleep = (delay) => new Promise((done) => setTimeout(done, delay))

async function soak(job, say) {
  const traffic = new Traffic({
    ...job,
    connect,
    deflate,
    utf8: (text) => encoder.encode(text),
    setTimeout: (callback, delay) => setTimeout(callback, delay),
  })
  const sample = (isLast) => {
    gc()
    gc()
    const { counts, wrong, problems, open } = traffic
    return say({ isLast, memory: {}, counts, wrong, problems, open })
  }
  traffic.start()
  for (let i = 0; i < job.seconds / job.sample; i++) {
    await sleep(job.sample * 1000)
    await sample(false)
  }
  await traffic.stop()
  await sample(true)
}

export default {
  async fetch(request) {
    const job = await request.json()
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    soak(job, (line) => writer.write(encoder.encode(`${JSON.stringify(line)}\n`)))
      .catch((error) => writer.write(encoder.encode(`${error.stack}\n`)))
      .finally(() => writer.close())
    return new Response(readable)
  },
}
