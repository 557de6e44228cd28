// The WebSocket class without a peer: its shape by Web IDL, what it converts, and what it throws. Each call that throws is
// also made of Node's own WebSocket, where there is one: both throw the same.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket } from './harness'

const shape = suite('WebSocket interface')

/** Nobody listens there; each is dropped at once, and tells its end to nobody. */
const NOWHERE = 'ws://127.0.0.1:1'

/** For calls that the types refuse. */
type Loose = new (...values: unknown[]) => WebSocket
type Call = (...values: unknown[]) => void
const make = (...values: unknown[]) => new (WebSocket as unknown as Loose)(...values)

/** Name and legacy code of what a call throws. */
function thrown(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    const { name, code } = error as DOMException
    return error instanceof DOMException ? `DOMException ${name} ${code}` : name
  }
  return 'nothing'
}

const SYNTAX = 'DOMException SyntaxError 12'
const STATE = 'DOMException InvalidStateError 11'
const ACCESS = 'DOMException InvalidAccessError 15'

shape('constants on the class and on its prototype, neither changed nor removed', () => {
  const names = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const
  names.forEach((name, value) => {
    for (const object of [WebSocket, WebSocket.prototype]) {
      assert.equal(Object.getOwnPropertyDescriptor(object, name), {
        value,
        writable: false,
        enumerable: true,
        configurable: false,
      })
    }
    assert.is(make(NOWHERE)[name], value)
  })
})

shape('attributes and methods are those of the standard, and can be enumerated', () => {
  const { prototype } = WebSocket
  const names = Object.keys(prototype).filter((name) => !/^[A-Z]/.test(name))
  assert.equal(
    names.sort(),
    [
      ...['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType'],
      ...['onopen', 'onmessage', 'onerror', 'onclose', 'send', 'close'],
      // Beyond the standard.
      ...['onping', 'onpong', 'ping', 'pause', 'resume', 'terminate', 'addEventListener'],
    ].sort(),
  )
  assert.is(WebSocket.length, 1)
  assert.is(WebSocket.name, 'WebSocket')
  assert.is((prototype.send as (data: string) => void).length, 1)
  assert.is(prototype.close.length, 0)
  assert.is(String(prototype), '[object WebSocket]')
  assert.throws(() => prototype.url, TypeError)
})

shape('attributes have the names of Web IDL, and nothing else may call them', () => {
  const { prototype } = WebSocket
  const descriptor = (name: string) => Object.getOwnPropertyDescriptor(prototype, name)!
  for (const name of ['onopen', 'onmessage', 'onerror', 'onclose', 'binaryType']) {
    const { get, set } = descriptor(name)
    assert.equal([get!.name, set!.name], ['get ' + name, 'set ' + name])
    assert.throws(() => get!.call({}), TypeError)
    assert.throws(() => set!.call({}, () => {}), TypeError)
  }
  // Before anything is said of the arguments.
  assert.throws(() => prototype.close.call({} as WebSocket, 7), TypeError)
  assert.throws(() => prototype.send.call({} as WebSocket, ''), TypeError)
})

shape('an instance is an EventTarget, and has no property of its own', () => {
  const socket = make(NOWHERE)
  assert.ok(socket instanceof EventTarget)
  assert.ok(socket instanceof WebSocket)
  assert.equal(Object.keys(socket), [])
  assert.equal(
    [socket.readyState, socket.bufferedAmount, socket.protocol, socket.extensions],
    [0, 0, '', ''],
  )
  assert.is(socket.binaryType, 'blob')
})

shape('attributes that cannot be set stay, and a subclass can be made', () => {
  class Named extends WebSocket {
    t = 1
    e = 2
  }
  const socket = new Named(NOWHERE)
  assert.throws(() => {
    ;(socket as { url: string }).url = 'x'
  }, TypeError)
  assert.equal([socket.url, socket.t, socket.e], [NOWHERE + '/', 1, 2])
})

shape('url is parsed, serialized, and has ws: or wss:', () => {
  const urls: [string | URL, string][] = [
    ['ws://127.0.0.1:1', 'ws://127.0.0.1:1/'],
    ['WS://LOCALHOST:1/a b?c d', 'ws://localhost:1/a%20b?c%20d'],
    ['ws:localhost:1', 'ws://localhost:1/'],
    ['http://localhost:1/x', 'ws://localhost:1/x'],
    ['https://localhost:1/', 'wss://localhost:1/'],
    [new URL('ws://localhost:1/path'), 'ws://localhost:1/path'],
    ['ws://localhost:1/?', 'ws://localhost:1/?'],
    ['  ws://localhost:1/  ', 'ws://localhost:1/'],
    ['ws://user:pass@localhost:1/', 'ws://user:pass@localhost:1/'],
    ['ws://[::1]:1/', 'ws://[::1]:1/'],
  ]
  for (const [url, expected] of urls) assert.is(make(url).url, expected)
})

shape('the constructor throws', () => {
  const bad: [unknown[], string][] = [
    [[], 'TypeError'],
    [[Symbol('url')], 'TypeError'],
    [['ws://a b/'], SYNTAX],
    [['/path'], SYNTAX],
    [[undefined], SYNTAX],
    [['ftp://127.0.0.1/'], SYNTAX],
    [['about:blank'], SYNTAX],
    [[NOWHERE + '/#'], SYNTAX],
    [[NOWHERE + '/#fragment'], SYNTAX],
    [['ws://'], SYNTAX],
    [[NOWHERE, ''], SYNTAX],
    [[NOWHERE, 'a b'], SYNTAX],
    [[NOWHERE, 'a,b'], SYNTAX],
    [[NOWHERE, '\u0080'], SYNTAX],
    [[NOWHERE, 'a\u0000b'], SYNTAX],
    [[NOWHERE, ['chat', 'chat']], SYNTAX],
    [[NOWHERE, ['chat', 'Chat']], SYNTAX],
    [[NOWHERE, [undefined, '']], SYNTAX],
  ]
  const own = (globalThis as unknown as { WebSocket?: Loose }).WebSocket
  for (const [values, expected] of bad) {
    assert.is(
      thrown(() => make(...values)),
      expected,
      String(values[0]),
    )
    if (own)
      assert.is(
        thrown(() => new own(...values)),
        expected,
        'Node: ' + values,
      )
  }
  assert.throws(() => (WebSocket as unknown as (url: string) => void)(NOWHERE), /without 'new'/)
})

shape('subprotocols may be left out, a string, or anything that can be gone through', () => {
  for (const protocols of [undefined, [], 'chat', ['a', 'B'], new Set(['a']), null, 5]) {
    assert.is(
      thrown(() => make(NOWHERE, protocols)),
      'nothing',
    )
  }
  assert.is(
    thrown(() => make(NOWHERE, [], 'a stray argument')),
    'nothing',
  )
  assert.is(
    thrown(() => make(NOWHERE, undefined, null)),
    'nothing',
  )
})

shape('options of connect are checked as connect does', () => {
  const id = (call: () => void) => {
    try {
      call()
    } catch (error) {
      return (error as { id: string }).id
    }
    return ''
  }
  assert.is(
    id(() => make(NOWHERE, [], { sendBuffer: 1 })),
    'BAD_OPTION',
  )
  assert.is(
    id(() => make(NOWHERE, { headers: { Upgrade: 'x' } })),
    'BAD_HEADER',
  )
  for (const maxBufferedAmount of [-1, Number.NaN, '5', null]) {
    assert.is(
      id(() => make(NOWHERE, [], { maxBufferedAmount })),
      'BAD_OPTION',
    )
  }
})

shape('close checks its arguments in every state, and changes nothing when it throws', () => {
  const calls: [unknown[], string][] = [
    [[0], ACCESS],
    [[999], ACCESS],
    [[1001], ACCESS],
    [[1005], ACCESS],
    [[2999], ACCESS],
    [[5000], ACCESS],
    [[0x10000 + 1000], ACCESS],
    [[Number.NaN], ACCESS],
    [[null], ACCESS],
    [['string'], ACCESS],
    [[1000, 'x'.repeat(124)], SYNTAX],
    [[1000, '€'.repeat(42)], SYNTAX],
    [[undefined, 'x'.repeat(124)], SYNTAX],
    [[1000, Symbol('reason')], 'TypeError'],
  ]
  const socket = make(NOWHERE)
  const close = (...values: unknown[]) => (socket.close as Call).apply(socket, values)
  for (const [values, expected] of calls) {
    assert.is(
      thrown(() => close(...values)),
      expected,
      String(values[0]),
    )
    assert.is(socket.readyState, 0)
  }
  for (const code of [1000, 3000, 4999, '3000', 2999.5, 4999.4, undefined]) {
    const other = make(NOWHERE)
    assert.is(
      thrown(() => (other.close as Call).call(other, code, 'x'.repeat(123))),
      'nothing',
      String(code),
    )
    assert.is(other.readyState, 2)
  }
})

shape('send, ping and the like while connecting', () => {
  const socket = make(NOWHERE)
  assert.is(
    thrown(() => socket.send('x')),
    STATE,
  )
  assert.is(
    thrown(() => (socket.send as () => void)()),
    'TypeError',
  )
  assert.is(
    thrown(() => socket.send(Symbol('x') as unknown as string)),
    'TypeError',
  )
  assert.is(
    thrown(() => socket.ping()),
    STATE,
  )
  assert.is(
    thrown(() => socket.ping('x' as unknown as ArrayBuffer)),
    'TypeError',
  )
  assert.is(socket.bufferedAmount, 0)
})

shape('a handler is a function, or an object that is never called; else null', () => {
  const socket = make(NOWHERE)
  const object = {
    handleEvent() {
      throw new Error('called')
    },
  }
  for (const type of ['open', 'message', 'error', 'close'] as const) {
    const on = socket as unknown as Record<string, unknown>
    assert.is(on['on' + type], null)
    const handler = () => {}
    on['on' + type] = handler
    assert.is(on['on' + type], handler)
    on['on' + type] = 2
    assert.is(on['on' + type], null)
    on['on' + type] = object
    assert.is(on['on' + type], object)
    socket.dispatchEvent(new Event(type))
    on['on' + type] = undefined
    assert.is(on['on' + type], null)
  }
})

shape('a handler is called in its place among the listeners', () => {
  const socket = make(NOWHERE)
  const log: string[] = []
  const fire = () => {
    log.length = 0
    socket.dispatchEvent(new Event('open'))
    return log.join(' ')
  }
  socket.addEventListener('open', () => log.push('first'))
  socket.onopen = () => log.push('handler')
  socket.addEventListener('open', () => log.push('last'))
  assert.is(fire(), 'first handler last')
  // Another one takes over the place.
  socket.onopen = function (this: unknown, event: { type: string }) {
    log.push(this === socket ? event.type : 'wrong this')
  }
  assert.is(fire(), 'first open last')
  // Null gives it up.
  socket.onopen = null
  assert.is(fire(), 'first last')
  socket.onopen = () => log.push('handler')
  assert.is(fire(), 'first last handler')
})

shape('listeners: once, signal, objects, the same one twice', () => {
  const socket = make(NOWHERE)
  const log: string[] = []
  const controller = new AbortController()
  const twice = () => log.push('twice')
  socket.addEventListener('message', () => log.push('once'), { once: true })
  socket.addEventListener('message', () => log.push('signal'), { signal: controller.signal })
  socket.addEventListener('message', { handleEvent: () => log.push('object') })
  socket.addEventListener('message', twice)
  socket.addEventListener('message', twice)
  socket.dispatchEvent(new Event('message'))
  controller.abort()
  socket.removeEventListener('message', twice)
  socket.dispatchEvent(new Event('message'))
  assert.is(log.join(' '), 'once signal object twice object')
})

shape.run()
