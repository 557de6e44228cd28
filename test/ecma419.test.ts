// The target for ECMA-419 hosts, with a host that is not there: what it takes from options and from the engine.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Client } from '../src/client'
import { type Options, withNatives } from '../targets/ecma419'

const hosts = suite('ECMA-419')

const connect = withNatives({ random: (bytes) => bytes.fill(7) })

/** A socket that never connects. */
class TCP {
  read() {
    return undefined
  }
  write() {
    return undefined
  }
  close() {}
}

const socket = { io: TCP }

hosts('maxMessageSize is the size of the receive ring, where the user says no other', () => {
  for (const [options, size] of [
    [{}, 4096],
    [{ receiveBuffer: 512 }, 512],
    [{ receiveBuffer: new Uint8Array(300) }, 300],
    [{ receiveBuffer: 512, maxMessageSize: undefined }, 512],
    [{ receiveBuffer: 512, maxMessageSize: 100 }, 100],
  ] as [Partial<Options>, number][]) {
    const client = connect('ws://192.0.2.1/', {}, { socket, ...options }) as Client
    client.abort()
    assert.is(client.limits.maxMessageSize, size)
  }
})

hosts('timers of the engine are called as functions, which is all that some allow', async () => {
  const { setTimeout, clearTimeout } = globalThis
  const wrong: unknown[] = []
  const strictly = (call: (...values: never[]) => unknown) =>
    function (this: unknown, ...values: never[]) {
      if (this !== undefined && this !== globalThis) wrong.push(this)
      return call(...values)
    }
  Object.assign(globalThis, {
    setTimeout: strictly(setTimeout as never),
    clearTimeout: strictly(clearTimeout as never),
  })
  try {
    await new Promise<void>((resolve) => {
      const client = withNatives({ random: (bytes) => bytes.fill(7) })(
        'ws://192.0.2.1/',
        { onClose: () => resolve() },
        { socket },
      )
      client.abort()
    })
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout })
  }
  assert.equal(wrong, [])
})

// Such as that of a source of randomness.
hosts(
  'an exception in what was deferred is reported, and what else was deferred comes',
  async () => {
    const reported: unknown[] = []
    const lasting = withNatives({
      random: (bytes) => bytes.fill(7),
      reportException: (error) => reported.push(error),
    })
    for (const turn of ['the same', 'a later']) {
      await new Promise<void>((resolve) => {
        const client = lasting(
          'ws://192.0.2.1/',
          { onClose: () => resolve() },
          { socket },
        ) as Client
        client.platform.defer(() => {
          throw turn
        })
        client.abort()
      })
    }
    assert.equal(reported, ['the same', 'a later'])
  },
)

hosts.run()
