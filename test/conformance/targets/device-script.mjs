// Runs in XS or QuickJS: the cases of the job, one after the other. The classes come from `../../runtime/xs/host.js`.

import { deflate as extension } from '../../../dist/deflate.js'
import { withNatives } from '../../../dist/ecma419.js'
import { runCase } from '../echo.mjs'

const { job, Timer, TCP, host } = globalThis
const { url, agent, mode, cases, limit, deflate } = job

const connectNatively = withNatives({ Timer, random: host.random })

const connect = (where, handlers, options) =>
  connectNatively(where, handlers, { socket: { io: TCP }, ...options })

async function runAll() {
  for (const number of cases) {
    const outcome = await runCase(connect, url + '/runCase?case=' + number + '&agent=' + agent, {
      mode,
      limit,
      extensions: deflate ? [extension()] : [],
    })
    host.print(JSON.stringify({ case: number, ...outcome }))
    host.collect()
  }
}

host.run(runAll)
