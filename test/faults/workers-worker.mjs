// The side of the faults that is tested, as a Worker: the request's body is the job; answers with lines as `client.mjs`
// prints them, but for the memory and the handles, which a Worker cannot see: in their place, the sockets that something
// still refers to when all are over. workerd runs with V8's `gc`.

import { connect } from '../../dist/workers.js'
import { converseAll } from './conversation.mjs'

const encoder = new TextEncoder()
const sleep = (delay) => new Promise((done) => setTimeout(done, delay))

async function converse({ cases, ...limits }, say) {
  const sockets = []
  const open = (url, handlers, options) => {
    const socket = connect(url, handlers, options)
    sockets.push({ url, reference: new WeakRef(socket) })
    return socket
  }
  const later = (call, delay) => setTimeout(call, delay)
  const passed = await converseAll(open, cases, limits, later, say)
  let left = []
  for (let turn = 0; turn < 20 && (turn === 0 || left.length); turn++) {
    // A reference that was looked at holds until the turn is over.
    await sleep(50)
    gc()
    left = sockets
      .filter(({ reference }) => reference.deref())
      .map(({ url }) => cases.find((one) => one.url === url).name)
  }
  // workerd keeps what the promises of a socket refer to, until the request ends, if a reset comes while a write is under way.
  const others = left.filter((name) => !/^RST /.test(name))
  await say({ passed, left: others, kept: left.length - others.length })
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
