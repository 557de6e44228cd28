// The examples for Workers, each by its own `wrangler.json`, in workerd through miniflare. A part of
// `npm run runtimes`.

import { ok, strictEqual, deepStrictEqual as equal } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket, WebSocketServer } from 'ws'
import { root } from './packages.mjs'
import { startMiniflare } from './workers.mjs'

/** Starts an example as wrangler would, with other variables. */
function startExample(name, vars) {
  const folder = join(root, 'examples', name)
  const wrangler = JSON.parse(readFileSync(join(folder, 'wrangler.json'), 'utf8'))
  const objects = wrangler.durable_objects?.bindings || []
  return startMiniflare({
    entry: join(folder, wrangler.main),
    config: {
      compatibilityDate: wrangler.compatibility_date,
      bindings: { ...wrangler.vars, ...vars },
      durableObjects: Object.fromEntries(
        objects.map((object) => [object.name, { className: object.class_name, useSQLite: true }]),
      ),
    },
  })
}

/** A server of `ws`, its URL, and every connection that it gets. */
async function startServer(onConnection) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.on('listening', resolve))
  server.on('connection', (peer, request) => {
    peer.on('error', () => {})
    onConnection(peer, request)
  })
  return {
    url: `ws://127.0.0.1:${server.address().port}`,
    stop() {
      for (const peer of server.clients) peer.terminate()
      server.close()
    },
  }
}

function once(emitter, event) {
  return new Promise((resolve, reject) => {
    emitter.once(event, (...values) => resolve(values))
    emitter.once('error', reject)
  })
}

/** Runs `check` with a server and an example; ends both, whatever comes of it. */
async function withExample(name, onConnection, varsOf, check) {
  const server = await startServer(onConnection)
  const worker = await startExample(name, varsOf(server)).catch((error) => {
    server.stop()
    throw error
  })
  try {
    await check(worker)
  } finally {
    await worker.stop()
    server.stop()
  }
}

const proxyVars = (server) => ({ UPSTREAM: server.url, TOKEN: 'secret', PING_INTERVAL: '20' })

export const cases = [
  {
    name: 'worker-proxy passes messages both ways, adds a header, and pings the server',
    async run() {
      const requests = []
      let pinged
      const pings = new Promise((resolve) => {
        pinged = resolve
      })
      const onConnection = (peer, request) => {
        requests.push([request.url, request.headers.authorization])
        peer.on('ping', pinged)
        peer.on('message', (message, isBinary) => peer.send(message, { binary: isBinary }))
      }
      await withExample('worker-proxy', onConnection, proxyVars, async ({ url }) => {
        const browser = new WebSocket(`${url.replace('http', 'ws')}room?a=1`)
        await once(browser, 'open')
        const large = Buffer.alloc(200000, 'abc')
        for (const message of ['Grüße', '', Buffer.from([0, 255]), large]) {
          browser.send(message)
          const [answer, isBinary] = await once(browser, 'message')
          strictEqual(isBinary, typeof message !== 'string')
          ok(answer.equals(Buffer.from(message)), `${answer.length} bytes come back`)
        }
        await pings
        browser.close(3001, 'done')
        await once(browser, 'close')
        equal(requests, [['/room?a=1', 'Bearer secret']])
      })
    },
  },
  {
    name: "worker-proxy hands on the server's close code, and tells of a server that is lost",
    async run() {
      const onConnection = (peer, request) => {
        if (request.url === '/closes') peer.close(4001, 'enough')
        else peer.terminate()
      }
      await withExample('worker-proxy', onConnection, proxyVars, async ({ url }) => {
        const ends = []
        for (const path of ['closes', 'terminates']) {
          const browser = new WebSocket(url.replace('http', 'ws') + path)
          const [code, reason] = await once(browser, 'close')
          ends.push(`${code} ${reason}`)
        }
        equal(ends[0], '4001 enough')
        ok(/^1011 CONNECTION_(ENDED|LOST)$/.test(ends[1]), ends[1])
        strictEqual((await fetch(url)).status, 426)
      })
    },
  },
  {
    name: 'worker-durable-object answers requests from one connection, and opens it again when it is lost',
    async run() {
      let connections = 0
      const onConnection = (peer) => {
        const number = ++connections
        peer.on('message', (message) => {
          if (`${message}` === 'die') peer.terminate()
          else peer.send(`${number}: ${message}`)
        })
      }
      const vars = (server) => ({ UPSTREAM: `${server.url}/questions` })
      await withExample('worker-durable-object', onConnection, vars, async ({ url }) => {
        const ask = async (body) => {
          const response = await fetch(url, { method: 'POST', body })
          return `${response.status} ${await response.text()}`
        }
        const questions = ['one', 'two', 'three', 'four', 'five']
        equal(
          await Promise.all(questions.map(ask)),
          questions.map((question) => `200 1: ${question}`),
        )
        equal(await ask('again'), '200 1: again')
        const lost = await ask('die')
        ok(/^502 .*CONNECTION_(ENDED|LOST)/.test(lost), lost)
        equal(await ask('later'), '200 2: later')
        strictEqual(connections, 2)
      })
    },
  },
]
