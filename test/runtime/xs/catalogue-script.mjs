// Runs the catalogue in XS, over `dist/ecma419.js`. `globalThis.job` says where the peers are and which cases to run, by index;
// a line of JSON is printed per case, as it ends. The classes come from `host.js`.

import { deflate } from '../../../dist/deflate.js'
import { withNatives } from '../../../dist/ecma419.js'
import { reconnect } from '../../../dist/reconnect.js'
import { webSocketOver } from '../../../dist/websocket.js'
import { catchUncaught, collect, equal, ok } from '../assertions.mjs'
import { catalogue } from '../catalogue.mjs'
import { hasNeeds, runCase, urlsOf } from '../run-case.mjs'

const { job, Timer, TCP, TLSSocket, Resolver, host } = globalThis

const connect = withNatives({
  Timer,
  random: host.random,
  reportException(error) {
    if (!collect(error)) host.print('uncaught: ' + (error.stack || error))
  },
})

/** As `device.network.ws` and `device.network.wss` of a Moddable program. */
const ws = { socket: { io: TCP } }
const wss = (trusts) => ({
  socket: { io: TLSSocket, TCP: { io: TCP }, secure: { bridge: job.bridge, trusts } },
})

const connectOver = (url, handlers, { trusts, ...options } = {}) =>
  connect(url, handlers, {
    ...(/^wss/.test(url) ? wss(trusts) : ws),
    dns: { io: Resolver },
    // The cases are written for the default of the larger targets; in fragment mode there is no limit.
    ...(handlers && handlers.onFragment ? {} : { maxMessageSize: 1 << 20 }),
    ...options,
  })

const env = {
  connect: connectOver,
  // As those that are ready-made, with a limit that is higher than that of `connect`.
  WebSocket: webSocketOver((url, handlers, options) =>
    connectOver(url, handlers, { maxMessageSize: 1 << 21, ...options }),
  ),
  ...urlsOf(job.places),
  options: {},
  trust: { trusts: true },
  equal,
  ok,
  setTimeout,
  deflate,
  reconnect,
  tellsResets: false,
  tag: job.tag,
  catchUncaught,
}

async function runAll() {
  for (const index of job.cases) {
    const entry = catalogue[index]
    if (!hasNeeds(job, entry.needs)) {
      host.print(JSON.stringify({ index, result: 'left', detail: job.lack }))
      continue
    }
    try {
      await runCase(entry, env, job.limit)
      host.print(JSON.stringify({ index, result: 'passed', detail: '' }))
    } catch (error) {
      host.print(
        JSON.stringify({ index, result: 'failed', detail: error.message + '\n' + error.stack }),
      )
    }
    host.collect()
  }
}

host.run(runAll)
