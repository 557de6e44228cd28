// Reconnecting over real sockets, with the built bundles. Waits are recorded, and cut short.

import { createServer, type Server, type ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type WebSocket, WebSocketServer } from 'ws'
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

reconnecting('3,000 reconnects leave nothing behind', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', () => socket.resetAndDestroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  let count = 0
  const sizes: { heapUsed: number; arrayBuffers: number }[] = []
  await new Promise<void>((done) => {
    const connection = reconnect(
      connect,
      `ws://127.0.0.1:${port}/`,
      {
        onRetry() {
          if (++count === 3001) connection.close()
        },
        onClose: () => done(),
      },
      {
        baseDelay: 0,
        maxDelay: 0,
        async prepare() {
          if (count === 1500 || count === 3000) {
            // What ArrayBuffers held is given back after the collection, not by it.
            for (let i = 0; i < 3; i++) {
              gc()
              await new Promise((resolve) => setTimeout(resolve, 20))
            }
            sizes.push(process.memoryUsage())
          }
          return {}
        },
      },
    )
  })
  server.close()
  const [early, late] = sizes
  // A connection that is kept takes some 2 kB, and a buffer its size.
  assert.ok(late.heapUsed - early.heapUsed < 1500 * 200, `${late.heapUsed - early.heapUsed} bytes`)
  assert.ok(late.arrayBuffers - early.arrayBuffers < 65536, `${late.arrayBuffers} bytes of buffers`)
})

reconnecting.run()
