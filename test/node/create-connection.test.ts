// `createConnection`: the stream is the caller's, over whatever it likes.

import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConnectOptions } from '../../targets/node'
import { connect, echoes, ends, env, peers, portOf, start } from './harness'

const custom = suite('createConnection')

/** Two streams that are each other's other end; `writes` has the length of each write to the first. */
function pair(): { near: Duplex; far: Duplex; writes: number[] } {
  const writes: number[] = []
  const half = (other: () => Duplex, lengths?: number[]) => {
    let resume: (() => void) | undefined
    const stream = new Duplex({
      read() {
        const call = resume
        resume = undefined
        if (call) call()
      },
      write(chunk, _, callback) {
        if (lengths) lengths.push(chunk.length)
        // The other end is to have bytes of its own: ours may change after the callback.
        if (other().push(Buffer.from(chunk))) setImmediate(callback)
        else ready.set(other(), callback)
      },
      final(callback) {
        other().push(null)
        callback()
      },
    })
    Object.defineProperty(stream, 'whenRead', {
      value: (call: () => void) => {
        resume = call
      },
    })
    return stream
  }
  const ready = {
    set(stream: Duplex, call: () => void) {
      ;(stream as unknown as { whenRead(call: () => void): void }).whenRead(call)
    },
  }
  const near: Duplex = half(() => far, writes)
  const far: Duplex = half(() => near)
  return { near, far, writes }
}

/** Carries `far` to the plain server. */
function carry(far: Duplex, place = peers.places.plain): net.Socket {
  const server = net.connect(portOf(place), new URL(place).hostname)
  far.on('error', () => server.destroy())
  server.on('error', () => far.destroy())
  far.pipe(server).pipe(far)
  return server
}

custom('is given what net.connect takes, and whether TLS is wanted', async () => {
  let given: ConnectOptions | undefined
  const session = start(env.url('/echo'), {
    createConnection(options: ConnectOptions) {
      given = options
      return net.connect(options)
    },
  })
  await echoes(session)
  assert.equal(Object.keys(given!).sort(), ['host', 'isSecure', 'onread', 'port'])
  assert.equal(
    [given!.isSecure, given!.host, given!.port],
    [false, '127.0.0.1', portOf(peers.places.plain)],
  )
})

custom('a Unix socket', async () => {
  if (process.platform === 'win32') return
  const directory = mkdtempSync(join(tmpdir(), 'ringlet-'))
  const path = join(directory, 'socket')
  const server = net.createServer((far) => void carry(far)).listen(path)
  await once(server, 'listening')
  try {
    const session = start('ws://unix.invalid/echo', { createConnection: () => net.connect(path) })
    await echoes(session)
  } finally {
    server.close()
    rmSync(directory, { recursive: true })
  }
})

/** A proxy for CONNECT, which lets through what `decide` has no refusal for. */
async function proxy(refusal = '') {
  const asked: string[] = []
  const server = net.createServer((near) => {
    near.once('data', (head) => {
      const [, target] = head.toString().split(' ')
      asked.push(target)
      if (refusal) return near.end(refusal)
      near.write('HTTP/1.1 200 OK\r\n\r\n')
      const [, host, port] = /^(.*):(\d+)$/.exec(target)!
      const far = net.connect(+port, host)
      far.on('error', () => near.destroy())
      near.on('error', () => far.destroy())
      near.pipe(far).pipe(near)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const createConnection = async (options: ConnectOptions) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.write('CONNECT ' + options.host + ':' + options.port + ' HTTP/1.1\r\n\r\n')
    const [head] = (await once(socket, 'data')) as [Buffer]
    if (head.toString().indexOf(' 200 ') < 0) {
      socket.destroy()
      throw new Error('the proxy says ' + head)
    }
    return socket
  }
  return { asked, createConnection, close: () => server.close() }
}

custom('a proxy, by a promise', async () => {
  const { asked, createConnection, close } = await proxy()
  await echoes(start(env.url('/echo'), { createConnection }))
  assert.equal(asked, ['127.0.0.1:' + portOf(peers.places.plain)])
  close()
})

custom('a proxy, with TLS on top', async () => {
  const { asked, createConnection, close } = await proxy()
  await echoes(start(env.secureUrl('/echo'), { createConnection, ...env.trust }))
  assert.equal(asked, ['localhost:' + portOf(peers.places.secure)])
  await ends(start(env.secureUrl('/echo'), { createConnection }), [
    'error CONNECT_FAILED 1006',
    'close 1006 "CONNECT_FAILED" unclean',
  ])
  close()
})

custom('a proxy that refuses', async () => {
  const { createConnection, close } = await proxy('HTTP/1.1 407 No\r\n\r\n')
  let cause: unknown
  const session = start(
    env.url('/echo'),
    { createConnection },
    {
      error: (_, error) => {
        cause = error.cause
      },
    },
  )
  await ends(session, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
  assert.match((cause as Error).message, 'the proxy says HTTP/1.1 407 No')
  close()
})

custom('a pair of streams; the sends of one turn are one write', async () => {
  const { near, far, writes } = pair()
  carry(far)
  const session = start('ws://any.invalid/echo', { createConnection: () => near })
  await session.until('open')
  assert.equal(writes.length, 1, 'the request is one write')
  for (let i = 0; i < 20; i++) session.socket.sendText('' + i)
  session.socket.ping()
  await session.until('text "19"')
  assert.equal(writes.length, 2)
  session.socket.close(1000)
  await session.closed
  assert.equal(writes.length, 3)
})

custom('a pair of streams, a large message each way through small rings', async () => {
  const { near, far } = pair()
  carry(far)
  const session = start('ws://any.invalid/echo', {
    createConnection: () => near,
    receiveBuffer: 256,
    sendBuffer: 256,
  })
  await session.until('open')
  const text = 'large '.repeat(20000)
  assert.is(session.socket.sendText(text), true)
  const expected = session.log
  await new Promise<void>((done) => {
    const look = () =>
      expected.some((line) => line.startsWith('text')) ? done() : setTimeout(look, 5)
    look()
  })
  session.socket.close(1000)
  await session.closed
  assert.match(
    session.log.filter((line) => line !== 'writable')[1],
    /^text 120000 units, 120000 bytes/,
  )
})

custom('TLS on top of a pair of streams', async () => {
  const { near, far } = pair()
  carry(far, peers.places.secure)
  const session = start('wss://localhost/echo', { createConnection: () => near, ...env.trust })
  await echoes(session)
})

for (const [name, isReady] of [
  ['that is connecting', false],
  ['that is connected', true],
] as const) {
  custom('a TLS socket ' + name + ' is used as it is', async () => {
    const made: tls.TLSSocket[] = []
    const session = start(env.secureUrl('/echo'), {
      // Not for us to check: this stream has done so.
      tls: { ca: 'nonsense' },
      async createConnection({ host, port }: ConnectOptions) {
        const socket = tls.connect({ host, port, ca: peers.ca, servername: host })
        made.push(socket)
        if (isReady) await once(socket, 'secureConnect')
        return socket
      },
    })
    await echoes(session)
    assert.is(made.length, 1)
    assert.is(made[0].destroyed, true)
  })
}

custom('what it throws goes to the caller of connect', () => {
  const createConnection = () => {
    throw new Error('no network today')
  }
  assert.throws(() => connect(env.url('/echo'), {}, { createConnection }), 'no network today')
})

custom('a stream that fails at once', async () => {
  const session = start(env.url('/echo'), {
    createConnection: () => net.connect(portOf(peers.places.refused), '127.0.0.1'),
  })
  await ends(session, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
})

custom('a stream that comes after abort is destroyed', async () => {
  const { near } = pair()
  const arrival = new EventEmitter()
  const session = start(env.url('/echo'), {
    createConnection: () => once(arrival, 'stream').then(() => near),
  })
  session.socket.abort()
  await session.closed
  arrival.emit('stream')
  await once(near, 'close')
  await ends(session, ['close 1006 "" unclean'])
})

custom('a stream that was destroyed before it comes', async () => {
  const reasons: string[] = []
  for (const cause of [undefined, new Error('lost on the way')]) {
    const { near } = pair()
    near.on('error', () => {})
    near.destroy(cause)
    await new Promise((resolve) => near.on('close', resolve))
    for (const url of ['ws://any.invalid/', 'wss://any.invalid/']) {
      const socket = connect(
        url,
        { onError: (error) => reasons.push(error.message) },
        { createConnection: async () => near, handshakeTimeout: 300 },
      )
      while (socket.readyState !== 3) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  assert.equal(reasons, [
    'CONNECT_FAILED: destroyed',
    'CONNECT_FAILED: destroyed',
    'CONNECT_FAILED: lost on the way',
    'CONNECT_FAILED: lost on the way',
  ])
})

custom('a stream that never comes', async () => {
  const session = start(env.url('/echo'), {
    createConnection: () => new Promise(() => {}),
    handshakeTimeout: 30,
  })
  await ends(session, ['error HANDSHAKE_TIMEOUT 1006', 'close 1006 "HANDSHAKE_TIMEOUT" unclean'])
})

custom('paused and resumed before the stream comes', async () => {
  const session = start(env.url('/echo'), {
    createConnection: async ({ host, port }: ConnectOptions) => {
      await new Promise((done) => setTimeout(done, 20))
      return net.connect(port, host)
    },
  })
  session.socket.pause()
  session.socket.resume()
  await echoes(session)
})

custom('a stream that is destroyed by its owner', async () => {
  const { near, far } = pair()
  carry(far)
  const session = start('ws://any.invalid/echo', { createConnection: () => near })
  await session.until('open')
  near.destroy()
  await ends(session, [
    'open',
    'error CONNECTION_ENDED 1006',
    'close 1006 "CONNECTION_ENDED" unclean',
  ])
})

custom('a stream that fails later', async () => {
  const { near, far } = pair()
  carry(far)
  let cause: unknown
  const session = start(
    'ws://any.invalid/echo',
    { createConnection: () => near },
    {
      error: (_, error) => {
        cause = error.cause
      },
    },
  )
  await session.until('open')
  near.destroy(new Error('cable cut'))
  await ends(session, [
    'open',
    'error CONNECTION_LOST 1006',
    'close 1006 "CONNECTION_LOST" unclean',
  ])
  assert.is((cause as Error).message, 'cable cut')
})

custom.after(() => peers.stop())
custom(
  'an error of Node that has no message, as of several addresses, is told by its code',
  async () => {
    const unused = net.createServer().listen(0, '127.0.0.1')
    await once(unused, 'listening')
    const { port } = unused.address() as net.AddressInfo
    unused.close()
    await once(unused, 'close')
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
    const message = await new Promise((resolve) => {
      connect(
        `ws://several.example:${port}/`,
        { onError: (error: Error) => resolve(error.message) },
        {
          createConnection: (options: ConnectOptions) =>
            net.connect({
              ...options,
              autoSelectFamily: true,
              lookup: (_host, _options, found) => found(null, addresses as never, 4),
            }),
        },
      )
    })
    assert.is(message, 'CONNECT_FAILED: ECONNREFUSED')
  },
)

for (const way of ['end', 'destroy'] as const) {
  custom(
    `what is sent to a stream after its ${way}() is refused when the ring is full, and counted`,
    async () => {
      let stream: net.Socket | undefined
      let taken = 0
      const session = start(env.url('/echo'), {
        createConnection: ({ host, port }: ConnectOptions) =>
          (stream = net.connect({ host, port: port as number })),
      })
      await session.until('open')
      stream![way]()
      while (taken < 1000 && session.socket.sendBinary(new Uint8Array(100))) taken++
      // A frame has a header of 6 bytes.
      assert.is(taken, Math.floor(4096 / 106))
      assert.is(session.socket.bufferedAmount, taken * 106)
      await session.closed
      assert.is(session.socket.bufferedAmount, taken * 106)
    },
  )
}

custom.run()
