// `onread`: the kernel reads straight into the receive ring, and no 'data' event is needed.

import net from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConnectOptions } from '../../targets/node'
import { echoes, env, peers, start } from './harness'

const direct = suite('onread')

/** Connects with `receiveBuffer`; what `net.connect` was given to read into, and how much it read there. */
async function observe(receiveBuffer: Uint8Array, on: object) {
  let received = 0
  let isInside = true
  let socket: net.Socket | undefined
  const session = start(
    env.url('/echo'),
    {
      receiveBuffer,
      createConnection(options: ConnectOptions) {
        const { buffer, callback } = options.onread!
        assert.type(buffer, 'function')
        socket = net.connect({
          ...options,
          onread: {
            buffer: () => {
              const view = (buffer as () => Uint8Array)()
              const first = view.byteOffset - receiveBuffer.byteOffset
              const isOurs = view.buffer === receiveBuffer.buffer
              if (!isOurs || first < 0 || first + view.length > receiveBuffer.length)
                isInside = false
              return view
            },
            callback(count, view) {
              received += count
              return callback(count, view)
            },
          },
        })
        return socket
      },
    },
    on,
  )
  return { session, result: () => ({ received, isInside, socket: socket! }) }
}

direct('the kernel reads into the memory that the caller passes', async () => {
  const memory = new Uint8Array(2000)
  const receiveBuffer = memory.subarray(500, 1500)
  let at = -1
  const { session, result } = await observe(receiveBuffer, {
    text: () => {
      at = Buffer.from(memory.buffer).indexOf('hello')
    },
  })
  await echoes(session)
  const { received, isInside, socket } = result()
  assert.is(isInside, true)
  assert.is(received, socket.bytesRead)
  assert.ok(at >= 500 && at < 1500, 'the message was at ' + at)
})

direct('bytes given to callbacks are where the kernel put them', async () => {
  const memory = new Uint8Array(1024)
  const offsets: number[] = []
  const { session, result } = await observe(memory, {
    fragments: true,
    fragment: (_: unknown, bytes: Uint8Array, start: number, end: number) => {
      if (bytes.buffer === memory.buffer && end <= memory.length) offsets.push(start)
    },
  })
  await session.until('open')
  session.socket.sendBinary(new Uint8Array([1, 2, 3]))
  await session.until('fragment 2 010203 final')
  session.socket.close()
  await session.closed
  // Behind a header of two bytes, at the start of the ring.
  assert.equal(offsets, [2])
  assert.is(result().isInside, true)
})

direct('without createConnection, too', async () => {
  const { connect } = net
  const given: unknown[] = []
  net.connect = ((options: net.NetConnectOpts) => {
    given.push(options.onread)
    return connect(options)
  }) as typeof net.connect
  try {
    await echoes(start(env.url('/echo')))
  } finally {
    net.connect = connect
  }
  assert.is(given.length, 1)
  assert.type((given[0] as net.OnReadOpts).callback, 'function')
})

direct.after(() => peers.stop())
direct.run()
