// The Worker that runs the catalogue over `dist/workers.js`. It is asked by `workers.mjs`: the request's body says
// where the peers are and which cases to run; the response is a line of JSON per case, as it ends.

import { deflate } from '../../dist/deflate.js'
import { connect } from '../../dist/workers.js'
import { catalogue } from './catalogue.mjs'
import { hasNeeds, runCase, urlsOf } from './run-case.mjs'

/** What reaches the platform's handler of uncaught exceptions, while somebody collects it. */
let uncaught

addEventListener('error', (event) => {
  if (!uncaught) return
  uncaught.push(event.error.message)
  event.preventDefault()
})

function equal(got, expected, message = 'not equal') {
  const [left, right] = [show(got), show(expected)]
  if (left !== right) throw new Error(`${message}\n  got      ${left}\n  expected ${right}`)
}

/** JSON, but for what that does not tell apart. */
function show(value) {
  return JSON.stringify(value, (_, part) =>
    part === undefined || typeof part === 'bigint' || Number.isNaN(part) ? `<${part}>` : part,
  )
}

function ok(value, message = 'not so') {
  if (!value) throw new Error(message)
}

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
    tellsResets,
    tag: `${crypto.randomUUID()}-${++runs}`,
    catchUncaught() {
      const messages = (uncaught = [])
      return {
        stop() {
          uncaught = undefined
          return messages
        },
      }
    },
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
