// The side of the faults that is tested, as a Worker: the request's body is the job; answers with lines as `client.mjs`
// prints them, but for the memory and the handles, which a Worker cannot see.

import { connect } from '../../dist/workers.js'
import { converseAll } from './conversation.mjs'

const encoder = new TextEncoder()

async function converse({ cases, ...limits }, say) {
  let passed = 0
  await converseAll(
    connect,
    cases,
    limits,
    (call, delay) => setTimeout(call, delay),
    (one, heard) => {
      if (one.expected.includes(heard)) passed++
      else say({ failed: one.name, heard, expected: one.expected })
    },
  )
  await say({ passed })
}

export default {
  async fetch(request) {
    const job = await request.json()
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    converse(job, (line) => writer.write(encoder.encode(`${JSON.stringify(line)}\n`)))
      .catch((error) => writer.write(encoder.encode(`${error.stack}\n`)))
      .finally(() => writer.close())
    return new Response(readable)
  },
}
