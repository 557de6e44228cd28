// The Worker that runs the cases of a job, one after the other; the response is a line of JSON for each.

import { deflate as extension } from '../../../dist/deflate.js'
import { connect } from '../../../dist/workers.js'
import { runCase } from '../echo.mjs'

async function runAll({ url, agent, mode, cases, limit, deflate }, say) {
  for (const number of cases) {
    const outcome = await runCase(connect, `${url}/runCase?case=${number}&agent=${agent}`, {
      mode,
      limit,
      extensions: deflate ? [extension()] : [],
    })
    await say(`${JSON.stringify({ case: number, ...outcome })}\n`)
  }
}

export default {
  async fetch(request) {
    const job = await request.json()
    const { readable, writable } = new TransformStream()
    const writer = writable.getWriter()
    const encoder = new TextEncoder()
    const say = (text) => writer.write(encoder.encode(text))
    runAll(job, say)
      .catch((error) => say(`${error.stack}\n`))
      .finally(() => writer.close())
    return new Response(readable)
  },
}
