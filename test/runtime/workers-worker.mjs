// The Worker that runs the catalogue over `dist/workers.js`. It is asked by `workers.mjs`: the request's body says
// where the peers are and which cases to run; the response is a line of JSON per case, as it ends.

import { deflate } from '../../dist/deflate.js'
import { reconnect } from '../../dist/reconnect.js'
import { WebSocket } from '../../dist/websocket-workers.js'
import { connect } from '../../dist/workers.js'
import { catchUncaught, collect, equal, ok } from './assertions.mjs'
import { catalogue } from './catalogue.mjs'
import { hasNeeds, runCase, urlsOf } from './run-case.mjs'

addEventListener('error', (event) => {
  if (collect(event.error)) event.preventDefault()
})

let runs = 0

function envOf({ places, tellsResets }) {
  return {
    connect,
    ...urlsOf(places),
    options: {},
    // A Worker's connections share the authorities of its configuration.
    trust: {},
    equal,
    ok,
    setTimeout: (callback, delay) => setTimeout(callback, delay),
    deflate,
    reconnect,
    WebSocket,
    tellsResets,
    tag: `${crypto.randomUUID()}-${++runs}`,
    catchUncaught,
  }
}

async function runAll(job, say) {
  const { places, names } = job
  const env = envOf(job)
  for (const entry of catalogue) {
    const { name, needs } = entry
    if (!names.includes(name)) continue
    if (!hasNeeds({ places }, needs)) {
      await say({ name, result: 'left', detail: `this machine has no ${needs.join(', ')}` })
      continue
    }
    try {
      await runCase(entry, env)
      await say({ name, result: 'passed', detail: '' })
    } catch (error) {
      await say({ name, result: 'failed', detail: String(error?.stack || error) })
    }
  }
}

export default {
  async fetch(request) {
    const job = await request.json()
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    const encoder = new TextEncoder()
    runAll(job, (line) => writer.write(encoder.encode(`${JSON.stringify(line)}\n`)))
      .catch((error) => writer.write(encoder.encode(`${error.stack}\n`)))
      .finally(() => writer.close())
    return new Response(readable)
  },
}
