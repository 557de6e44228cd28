// Reconnecting, under a virtual clock, over sockets that the tests open and end; and over real Clients for the memory.

import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Client, type ClientOptions, type Handlers, type Socket } from '../src/client'
import { endpointOf } from '../src/endpoint'
import type { RingletError } from '../src/protocol/protocol-error'
import {
  type Ended,
  type ReconnectHandlers,
  type ReconnectOptions,
  type Reconnection,
  reconnect,
} from '../src/reconnect'
import { allocatedBy } from './support/allocated-by'
import { SAMPLE_NONCE, testPlatform } from './support/platform'
import { VirtualClock } from './support/virtual-clock'

const reconnecting = suite('reconnect')

/** A connection whose end the test is at: `readyState` and calls as a socket has them. */
class TestSocket {
  readyState = 0
  bufferedAmount = 0
  unsent: Uint8Array | undefined
  calls: string[] = []

  constructor(
    readonly url: string,
    readonly handlers: Handlers,
    readonly options: ClientOptions,
  ) {}

  open() {
    this.readyState = 1
    this.handlers.onOpen!(this as unknown as Socket)
  }

  end(code = 1006, error?: Partial<RingletError>) {
    this.readyState = 3
    if (error) this.handlers.onError!({ code: 1006, id: 'BAD_STATUS', ...error } as RingletError)
    this.handlers.onClose!(code, '', code !== 1006)
  }

  close(code?: number) {
    if (code === 99) throw new RangeError('BAD_CLOSE_CODE')
    this.calls.push('close ' + code)
  }

  abort() {
    this.calls.push('abort')
  }
}

type Test = {
  clock: VirtualClock
  sockets: TestSocket[]
  log: string[]
  ends: Ended[]
  connection: Reconnection
  last(): TestSocket
}

type Connect = (url: string, handlers: Handlers, options: ClientOptions) => Socket

function start(
  options: ClientOptions & ReconnectOptions<Connect> = {},
  handlers: ReconnectHandlers = {},
  refuse: (url: string) => void = () => undefined,
): Test {
  const clock = new VirtualClock()
  const sockets: TestSocket[] = []
  const log: string[] = []
  const ends: Ended[] = []
  const connect: Connect = (url, own, given) => {
    refuse(url)
    log.push(clock.now + ' connect ' + url)
    const socket = new TestSocket(url, own, given)
    sockets.push(socket)
    return socket as unknown as Socket
  }
  const connection = reconnect(
    connect,
    'ws://a',
    {
      onRetry(delay, ended) {
        ends.push(ended)
        log.push(clock.now + ' retry in ' + delay)
      },
      onError: (error) => log.push(clock.now + ' error ' + error.id),
      onClose(code, reason, wasClean, ended) {
        ends.push(ended)
        log.push(clock.now + ' close ' + [code, reason, wasClean].join(' ').trim())
      },
      ...handlers,
    },
    {
      jitter: () => 0.5,
      setTimer: clock.setTimer,
      clearTimer: clock.clearTimer,
      ...options,
    },
  )
  return { clock, sockets, log, ends, connection, last: () => sockets[sockets.length - 1] }
}

/** The delays of `count` failures in a row. */
function delays(test: Test, count: number, end = (socket: TestSocket) => socket.end()): number[] {
  return Array.from({ length: count }, () => {
    end(test.last())
    const delay = Number(/retry in (.*)/.exec(test.log[test.log.length - 1])![1])
    test.clock.pass(delay)
    return delay
  })
}

reconnecting('options are what the object has itself: a polluted prototype changes nothing', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  const evil = {
    baseDelay: 1,
    maxAttempts: 1,
    shouldRetry: () => false,
    prepare: () => ({ url: 'ws://evil' }),
    x: 'y',
  }
  Object.assign(prototype, evil)
  try {
    const test = start()
    test.last().end()
    assert.equal(test.log, ['0 connect ws://a', '0 retry in 1000'])
  } finally {
    for (const name of Object.keys(evil)) delete prototype[name]
  }
})

reconnecting('waits twice as long each time, up to the cap, and a random part of it', () => {
  assert.equal(
    delays(start({ baseDelay: 1000, maxDelay: 8000, jitter: () => 1 }), 6),
    [1000, 2000, 4000, 8000, 8000, 8000],
  )
  assert.equal(delays(start({ baseDelay: 1000, jitter: () => 0 }), 3), [0, 0, 0])
  const parts = [0.25, 0.5, 0.75]
  assert.equal(
    delays(start({ baseDelay: 1000, jitter: () => parts.shift()! }), 3),
    [250, 1000, 3000],
  )
})

reconnecting('after 10,000 failures the wait is the cap still', () => {
  assert.is(delays(start(), 10000).pop(), 30000)
  assert.is(delays(start({ baseDelay: 0 }), 10000).pop(), 0)
})

reconnecting('begins anew after a stable connection, and not after a short one', () => {
  const test = start({ baseDelay: 1000, stableTime: 500, jitter: () => 1 })
  const openFor = (time: number) => (socket: TestSocket) => {
    socket.open()
    test.clock.pass(time)
    socket.end()
  }
  assert.equal(delays(test, 3, openFor(499)), [1000, 2000, 4000])
  assert.equal(delays(test, 2, openFor(500)), [1000, 1000])
})

reconnecting('1012: after 5 to 30 seconds; 1013: after 5 seconds and up to the cap', () => {
  for (const [part, restart, later] of [
    [0, 5000, 5000],
    [1, 30000, 65000],
  ]) {
    assert.equal(
      delays(start({ jitter: () => part }), 1, (socket) => socket.end(1012)),
      [restart],
    )
    assert.equal(
      delays(start({ jitter: () => part }), 1, (socket) => socket.end(1013)),
      [later],
    )
  }
})

const refused =
  (headers: Record<string, string>, status = 503) =>
  (socket: TestSocket) =>
    socket.end(1006, { status, headers })

for (const [headers, least] of [
  [{ 'retry-after': '120' }, 120000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '-5' }, 0],
  [{ 'retry-after': 'soon' }, 0],
  [{ 'retry-after': '99999999' }, 86400000],
  [
    {
      'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT',
      date: 'Wed, 21 Oct 2015 07:28:00 GMT',
    },
    30000,
  ],
  [
    {
      'retry-after': 'Wed, 21 Oct 2015 07:27:00 GMT',
      date: 'Wed, 21 Oct 2015 07:28:00 GMT',
    },
    0,
  ],
  [{ 'retry-after': 'Wed, 21 Oct 2015 07:28:30 GMT' }, 0],
  [{ 'retry-after': new Date(8.64e15).toUTCString() }, 86400000],
] as [Record<string, string>, number][]) {
  reconnecting('Retry-After: ' + JSON.stringify(headers), () => {
    assert.equal(delays(start(), 1, refused(headers)), [least + 1000])
  })
}

reconnecting('a wait is never longer than timers take', () => {
  const test = start({ maxRetryAfter: Infinity, jitter: () => 1 })
  assert.equal(delays(test, 1, refused({ 'retry-after': '9999999' })), [2147483647])
})

for (const code of [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003]) {
  reconnecting('no retry after ' + code, () => {
    const test = start()
    test.last().open()
    test.last().end(code)
    assert.equal(test.log, ['0 connect ws://a', '0 close ' + code + '  true'])
    assert.is(test.clock.waiting, 0)
  })
}

for (const code of [1001, 1005, 1006, 1011, 1012, 1013, 1014, 3008, 4000, 4401]) {
  reconnecting('a retry after ' + code, () => {
    assert.is(delays(start(), 1, (socket) => socket.end(code)).length, 1)
  })
}

for (const [status, again] of [
  [301, true],
  [400, false],
  [401, false],
  [404, false],
  [408, true],
  [425, true],
  [429, true],
  [499, false],
  [500, true],
  [503, true],
] as const) {
  reconnecting((again ? 'a' : 'no') + ' retry after status ' + status, () => {
    const test = start()
    refused({}, status)(test.last())
    assert.is(test.clock.waiting, again ? 1 : 0)
    assert.is(test.ends[0].error!.status, status)
  })
}

reconnecting('shouldRetry has the last word, and hears the first', () => {
  const heard: string[] = []
  const test = start({
    shouldRetry(ended, byDefault) {
      heard.push(ended.code + ' ' + byDefault)
      return !byDefault
    },
  })
  test.last().end(1008)
  test.clock.pass(60000)
  test.last().end(1006)
  assert.equal(heard, ['1008 false', '1006 true'])
  assert.is(test.log.pop(), '1000 close 1006  false'.replace('1000', '60000'))
})

reconnecting('an exception in shouldRetry leaves the default, and goes on to the caller', () => {
  const test = start({
    shouldRetry() {
      throw new Error('mine')
    },
  })
  assert.throws(() => test.last().end(), 'mine')
  assert.is(test.log.pop(), '0 retry in 1000')
})

reconnecting('shouldRetry may close: onClose comes once', () => {
  const test = start({
    shouldRetry() {
      test.connection.close()
      return true
    },
  })
  test.last().end()
  test.clock.pass(1e6)
  assert.equal(test.log, ['0 connect ws://a', '0 close 1006  false'])
})

reconnecting('gives up after maxAttempts without a stable connection', () => {
  const test = start({ maxAttempts: 3, stableTime: 10 })
  test.last().open()
  test.clock.pass(10)
  delays(test, 2)
  test.last().end()
  assert.is(test.log.pop()!.slice(-17), 'close 1006  false')
  assert.is(test.ends[2].failures, 3)
  assert.is(test.clock.waiting, 0)
})

reconnecting('the URL and the options are computed at each try', () => {
  const test = start({
    receiveBuffer: 512,
    pingInterval: 7,
    headers: { a: 'b' },
    prepare: (failures) => ({
      url: 'ws://try' + failures,
      headers: { Authorization: 'token ' + failures },
      // Not of the type, and without effect.
      receiveBuffer: 1,
    }),
  })
  delays(test, 2)
  assert.equal(
    test.sockets.map(({ url, options }) => [
      url,
      options.headers,
      options.pingInterval,
      (options.receiveBuffer as Uint8Array).length,
    ]),
    [0, 1, 2].map((i) => ['ws://try' + i, { Authorization: 'token ' + i }, 7, 512]),
  )
})

const settle = () => new Promise((done) => setImmediate(done))

reconnecting('a promise of them is waited for, and a rejection is a failed try', async () => {
  let tries = 0
  const test = start({
    async prepare() {
      if (++tries < 3) throw new Error('no token')
      return { url: 'ws://token' }
    },
  })
  await settle()
  test.clock.pass(1000)
  await settle()
  test.clock.pass(2000)
  await settle()
  assert.equal(test.log, [
    '0 error PREPARE_FAILED',
    '0 retry in 1000',
    '1000 error PREPARE_FAILED',
    '1000 retry in 2000',
    '3000 connect ws://token',
  ])
  assert.is(test.ends[0].error!.message, 'PREPARE_FAILED: no token')
  assert.is((test.ends[0].error!.cause as Error).message, 'no token')
  assert.is(test.ends[0].reason, 'PREPARE_FAILED')
})

reconnecting('prepare may return nothing', () => {
  const test = start({ prepare: (() => undefined) as never })
  assert.equal(test.log, ['0 connect ws://a'])
})

const badUrl = (url: string) => {
  if (url === 'bad') throw Object.assign(new TypeError('BAD_URL: bad'), { id: 'BAD_URL' })
}

reconnecting('misuse throws at the first try, and ends a later one', () => {
  assert.throws(() => start({ prepare: () => ({ url: 'bad' }) }, {}, badUrl), /BAD_URL/)
  const test = start({ prepare: (n) => ({ url: n ? 'bad' : 'ws://a' }) }, {}, badUrl)
  test.last().end()
  test.clock.pass(1000)
  assert.equal(test.log.slice(2), ['1000 error BAD_URL', '1000 close 1006 BAD_URL false'])
})

reconnecting('misuse behind a promise ends it, too', async () => {
  const test = start({ prepare: async () => ({ url: 'bad' }) }, {}, badUrl)
  await settle()
  assert.equal(test.log, ['0 error BAD_URL', '0 close 1006 BAD_URL false'])
})

for (const [name, value] of [
  ['baseDelay', -1],
  ['maxDelay', Number.NaN],
  ['maxRetryAfter', 'x'],
  ['stableTime', null],
  ['maxAttempts', -1],
] as const) {
  reconnecting(name + ' ' + value + ' is refused', () => {
    assert.throws(
      () => start({ [name]: value as never }),
      (error: RingletError) => error.id === 'BAD_OPTION' && error instanceof RangeError,
    )
  })
}

for (const act of ['close', 'abort'] as const) {
  reconnecting(act + ' while open or connecting is that of the socket, and the end', () => {
    for (const isOpen of [true, false]) {
      const test = start()
      if (isOpen) test.last().open()
      test.connection[act](1000)
      assert.equal(test.last().calls, [act === 'close' ? 'close 1000' : 'abort'])
      test.last().end(1006)
      assert.is(test.log.pop(), '0 close 1006  false')
      assert.is(test.clock.waiting, 0)
      test.connection[act]()
      assert.is(test.clock.waiting, 0)
    }
  })

  reconnecting(act + ' during a wait: onClose, once, and not within the call', () => {
    const test = start()
    test.last().end(1001)
    test.connection[act]()
    test.connection[act]()
    assert.is(test.log[test.log.length - 1], '0 retry in 1000')
    test.clock.pass(1e6)
    assert.equal(test.log.slice(2), ['0 close 1001  true'])
    assert.is(test.sockets.length, 1)
  })

  reconnecting(act + ' while prepare is pending: nothing is connected', async () => {
    let resolve: (value: object) => void = () => undefined
    const pending = new Promise<object>((done) => {
      resolve = done
    })
    const test = start({ prepare: () => pending })
    assert.is(test.connection.socket, undefined)
    test.connection[act]()
    test.clock.pass(0)
    resolve({})
    await settle()
    assert.equal(test.log, ['0 close 1006  false'])
  })

  reconnecting(act + ' in onRetry and in onClose', () => {
    const test = start({}, { onRetry: () => test.connection[act]() })
    test.last().end()
    test.clock.pass(1e6)
    assert.equal(test.log, ['0 connect ws://a', '0 close 1006  false'])
    const other = start(
      {},
      {
        onClose() {
          other.log.push('close')
          other.connection[act]()
        },
      },
    )
    other.last().end(1000)
    other.clock.pass(1e6)
    assert.equal(other.log.slice(1), ['close'])
  })
}

reconnecting('a close that the socket refuses changes nothing', () => {
  const test = start()
  assert.throws(() => test.connection.close(99))
  assert.is(delays(test, 1).length, 1)
})

reconnecting('retry: at once during a wait, and with the waits anew', () => {
  const test = start()
  delays(test, 3)
  test.last().end()
  test.connection.retry()
  assert.is(test.log[test.log.length - 1], test.clock.now + ' connect ws://a')
  // While connecting or open it does nothing.
  test.connection.retry()
  test.last().open()
  test.connection.retry()
  assert.is(test.sockets.length, 5)
  assert.equal(delays(test, 1), [1000])
  test.connection.abort()
  test.last().end()
  test.connection.retry()
  assert.is(test.sockets.length, 6)
})

reconnecting('tells what a send has accepted and the network was not given', () => {
  const test = start()
  const large = new Uint8Array(9)
  Object.assign(test.last(), { bufferedAmount: 7, unsent: large })
  test.last().end()
  assert.is(test.ends[0].bufferedAmount, 7)
  assert.is(test.ends[0].unsent, large)
})

reconnecting('the callbacks of each connection come as they are, with their own this', () => {
  const heard: unknown[] = []
  class Mine {
    private readonly _name = 'mine'
    onText(text: string, socket: Socket) {
      heard.push([this._name, text, socket])
    }
  }
  const test = start({}, Object.assign(new Mine(), { onRetry: undefined }))
  // Methods of a class are not enumerable: they are not taken over by the spread in `start`.
  const direct = reconnect(
    (_url: string, own: Handlers, given: ClientOptions) =>
      new TestSocket('', own, given) as unknown as Socket,
    '',
    new Mine(),
    { setTimer: test.clock.setTimer, clearTimer: test.clock.clearTimer },
  )
  const { handlers } = direct.socket as unknown as TestSocket
  handlers.onText!('hello', direct.socket!)
  assert.equal(heard, [['mine', 'hello', direct.socket]])
  // In whole-message mode.
  assert.is(handlers.onFragment, undefined)
})

/** Real Clients over transports in memory. */
function clients(options: object) {
  const clock = new VirtualClock()
  const platform = testPlatform()
  platform.setTimer = clock.setTimer
  platform.clearTimer = clock.clearTimer
  const made: Client[] = []
  const connection = reconnect(
    (url: string, own: Handlers, given: ClientOptions) => {
      platform.randomWord = testPlatform(SAMPLE_NONCE).randomWord
      const client = new Client(endpointOf(new URL(url)), own, given, platform)
      client.start({
        write: (_, start, end) => client.onWritten(end - start),
        pause() {},
        resume() {},
        end() {},
        abort() {},
      })
      made.push(client)
      client.onConnected()
      return client as Socket
    },
    'ws://a/',
    {},
    {
      setTimer: clock.setTimer,
      clearTimer: clock.clearTimer,
      baseDelay: 2,
      jitter: () => 0.5,
      ...options,
    },
  )
  const receive = (bytes: Uint8Array) => {
    const client = made[made.length - 1]
    client.makeRoom()
    client.receiveRing.bytes.set(bytes, client.receiveRing.end)
    client.onReceived(bytes.length)
    platform.runDeferred()
  }
  return { clock, platform, made, connection, receive }
}

const HEAD = Buffer.from(
  'HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $\r\n\r\n'.replace(
    '$',
    's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  ),
)

for (const [name, memory, times] of [
  ['sizes', { receiveBuffer: 512, sendBuffer: 256 }, 10000],
  ['memory', { receiveBuffer: new Uint8Array(512), sendBuffer: new Uint8Array(256) }, 100],
  ['defaults', {}, 100],
] as [string, ClientOptions, number][]) {
  reconnecting(times + ' reconnects have the same two rings, and one timer: ' + name, () => {
    const { clock, platform, made, connection, receive } = clients(memory)
    const [{ receiveRing, sendRing }] = made
    const rings = [receiveRing.bytes, sendRing.bytes]
    const allocated = allocatedBy(() => {
      for (let i = 0; i <= times; i++) {
        // Every second one opens.
        if (i % 2) receive(HEAD)
        const [client] = made.splice(0)
        assert.is(client.receiveRing.bytes, rings[0])
        assert.is(client.sendRing.bytes, rings[1])
        client.onEnd()
        platform.runDeferred()
        assert.is(clock.waiting, 1)
        clock.pass(60000)
      }
    })
    // The requests alone.
    assert.equal([...new Set(allocated)], [140])
    if (memory.receiveBuffer instanceof Uint8Array) {
      assert.equal(
        [rings[0] === memory.receiveBuffer, rings[1] === memory.sendBuffer],
        [true, true],
      )
    }
    connection.abort()
    platform.runDeferred()
    clock.pass(0)
    assert.is(clock.waiting, 0)
  })
}

reconnecting('a receive ring that a large message has replaced is not kept', () => {
  const memory = new Uint8Array(256)
  const { clock, platform, made, receive } = clients({ receiveBuffer: memory })
  made[0].abort()
  platform.runDeferred()
  clock.pass(1)
  const client = made[1]
  receive(HEAD)
  assert.is(client.readyState, 1)
  receive(Buffer.from([0x82, 126, 4, 0]))
  for (let i = 0; i < 8; i++) receive(Buffer.alloc(100))
  assert.is.not(client.receiveRing.bytes, memory)
  client.onEnd()
  platform.runDeferred()
  clock.pass(2)
  assert.is(made[2].receiveRing.bytes, memory)
})

reconnecting('a stable time that no timer can wait for never begins the waits anew', () => {
  for (const stableTime of [2147483648, Infinity]) {
    const test = start({ stableTime })
    const opened = (socket: TestSocket) => {
      socket.open()
      // Node would fire such a timer after 1 ms.
      assert.is(test.clock.waiting, 0)
      socket.end()
    }
    assert.equal(delays(test, 3, opened), [1000, 2000, 4000])
  }
})

reconnecting('keepalive begins anew with each connection', () => {
  const { clock, platform, made, receive } = clients({ pingInterval: 50, pongTimeout: 20 })
  made[0].abort()
  platform.runDeferred()
  for (let i = 0; i < 3; i++) {
    clock.pass(4)
    const client = made[made.length - 1]
    const count = made.length
    receive(HEAD)
    // A ping at 50, and no pong; not before 70.
    clock.pass(69)
    platform.runDeferred()
    assert.is(client.readyState, 1)
    clock.pass(5000)
    platform.runDeferred()
    assert.is(client.closeReason, 'PONG_TIMEOUT')
    assert.is(made.length, count)
  }
})

reconnecting.run()
