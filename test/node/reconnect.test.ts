// Reconnecting over real sockets, with the built bundles. Waits are recorded, and cut short.

import { createServer, type Server, type ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import process from 'node:process'
import * as v8 from 'node:v8'
import { runInNewContext } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Handlers, Options } from '../../targets/node'
import { built } from '../runtime/built'

const { connect } = await built()
const { reconnect }: typeof import('../../src/reconnect') = await import(
  new URL('../../dist/reconnect.js', import.meta.url).href
)
const reconnecting = suite('reconnect over sockets')

const timers = (waits: number[]) => ({
  setTimer(callback: () => void, delay: number) {
    waits.push(delay)
    return setTimeout(callback, Math.min(delay, 5))
  },
  clearTimer: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
  jitter: () => 0.5,
})

/** Answers each request by the next of `answers`: a refusal, or what to do with the peer. */
async function serve(
  answers: (((response: ServerResponse) => void) | { open(peer: WebSocket): void })[],
  heard: string[],
): Promise<Server> {
  const server = createServer()
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    heard.push(String(request.headers.authorization))
    const answer = answers.shift()!
    if (typeof answer === 'function') {
      answer({ end: (text: string) => socket.end(text) } as unknown as ServerResponse)
    } else {
      sockets.handleUpgrade(request, socket, head, answer.open)
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}

const urlOf = (server: Server) => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
const refusal = (text: string) => (response: ServerResponse) => {
  response.end(`HTTP/1.1 ${text}\r\nContent-Length: 0\r\n\r\n`)
}

reconnecting('1012, 503 with Retry-After, a reset, a new token each time, then 401', async () => {
  const tokens: string[] = []
  const waits: number[] = []
  const log: string[] = []
  const server = await serve(
    [
      { open: (peer) => peer.close(1012) },
      refusal('503 Service Unavailable\r\nRetry-After: 7'),
      refusal(
        '503 Service Unavailable\r\nRetry-After: Wed, 21 Oct 2015 07:28:09 GMT\r\nDate: Wed, 21 Oct 2015 07:28:00 GMT',
      ),
      { open: (peer) => peer.terminate() },
      refusal('401 Unauthorized'),
    ],
    tokens,
  )
  await new Promise<void>((done) =>
    reconnect(
      connect,
      urlOf(server),
      {
        onOpen: () => log.push('open'),
        onRetry: (delay, { code, error }) =>
          log.push([delay, code, error?.status].join(' ').trim()),
        onClose(code, reason, _, { error }) {
          log.push(`close ${code} ${reason} ${error!.status}`)
          done()
        },
      },
      {
        ...timers(waits),
        stableTime: 1e6,
        prepare: async (failures) => ({ headers: { Authorization: 'token ' + failures } }),
      },
    ),
  )
  server.close()
  assert.equal(log, [
    'open',
    '17500 1012',
    '9000 1006 503',
    '13000 1006 503',
    'open',
    '8000 1006',
    'close 1006 BAD_STATUS 401',
  ])
  assert.equal(tokens, ['token 0', 'token 1', 'token 2', 'token 3', 'token 4'])
})

reconnecting('a server goes away, and comes back at the same port', async () => {
  const waits: number[] = []
  const echo = { open: (peer: WebSocket) => peer.on('message', (text) => peer.send(String(text))) }
  const server = await serve([echo], [])
  const { port } = server.address() as AddressInfo
  const texts: string[] = []
  let retries = 0
  await new Promise<void>((done) => {
    const connection = reconnect(
      connect,
      urlOf(server),
      {
        onOpen: (socket) => void socket.sendText('hello'),
        onText(text, socket) {
          texts.push(text)
          if (texts.length === 2) return connection.close(1000)
          server.close()
          socket.abort()
        },
        async onRetry() {
          // The port is free while three tries fail.
          if (++retries !== 3) return
          const again = await serve([echo], [])
          const relay = net.createServer((from) => {
            const to = net.connect((again.address() as AddressInfo).port, '127.0.0.1')
            from.pipe(to).pipe(from)
          })
          relay.listen(port, '127.0.0.1')
          relay.unref()
          again.unref()
        },
        onClose: () => done(),
      },
      timers(waits),
    )
  })
  assert.equal(texts, ['hello', 'hello'])
  assert.ok(retries >= 3)
})

/** Objects of a kind: how many there were, and how many of them are still alive. It keeps no object for each. */
class Census {
  total = 0
  alive = 0
  private readonly _registry = new FinalizationRegistry(() => this.alive--)

  add<T extends object>(one: T): T {
    this._registry.register(one, undefined)
    this.total++
    this.alive++
    return one
  }
}

/** Of all kinds, in this process; 0 before Node 20.13. */
const objects = (): number => v8.queryObjects?.(Object, { format: 'count' }) || 0

reconnecting('3,000 reconnects leave nothing behind', async () => {
  v8.setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.resetAndDestroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  // Whatever a connection has of its own hangs on one of these.
  const kinds = {
    sockets: new Census(),
    options: new Census(),
    prepared: new Census(),
    ends: new Census(),
    errors: new Census(),
    timers: new Census(),
    callbacks: new Census(),
  }
  const rings = new Set<unknown>()
  let count = 0
  const states: {
    objects: number
    /** What the process waits for. */
    resources: number
    /** In octets. */
    arrayBuffers: number
    alive: Record<string, number>
  }[] = []
  const measure = async () => {
    // What is gone is told in a later turn, and what ArrayBuffers held is given back after the collection, not by it.
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      gc()
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
    states.push({
      objects: objects(),
      resources: process.getActiveResourcesInfo().length,
      arrayBuffers: process.memoryUsage().arrayBuffers,
      alive: Object.fromEntries(
        Object.entries(kinds).map(([name, { alive }]) => [name, alive] as const),
      ),
    })
  }
  await new Promise<void>((done) => {
    const connection = reconnect(
      (url: string, handlers: Handlers, options: Options) => {
        rings.add(options.receiveBuffer).add(options.sendBuffer)
        return kinds.sockets.add(connect(url, handlers, kinds.options.add(options)))
      },
      `ws://127.0.0.1:${port}/`,
      {
        onError: (error) => void kinds.errors.add(error),
        onRetry(_, ended) {
          kinds.ends.add(ended)
          if (++count === 3001) connection.close()
        },
        onClose: () => done(),
      },
      {
        baseDelay: 0,
        maxDelay: 0,
        setTimer(callback, delay) {
          return kinds.timers.add(setTimeout(kinds.callbacks.add(callback), delay))
        },
        clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
        async prepare() {
          if (count === 1500 || count === 3000) await measure()
          return kinds.prepared.add({})
        },
      },
    )
  })
  server.close()
  const [early, late] = states
  assert.is(rings.size, 2)
  for (const [name, { total }] of Object.entries(kinds)) {
    assert.ok(total >= 3000, `${total} ${name}`)
    // Those of the last try, and what the engine has not looked at yet.
    assert.ok(late.alive[name] < 20, `${late.alive[name]} ${name} of ${total} are alive`)
  }
  // One that is kept for each connection would be 1,500.
  assert.ok(late.objects - early.objects < 200, `${late.objects - early.objects} more objects`)
  assert.ok(late.resources - early.resources < 20, `${late.resources} resources`)
  // One buffer that is kept for each connection would be 6 MB.
  assert.ok(late.arrayBuffers - early.arrayBuffers < 65536, `${late.arrayBuffers} bytes of buffers`)
})

reconnecting.run()
