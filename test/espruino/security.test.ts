// What a caller passes on from others, over `dist/espruino.js`: options and headers are what the caller has written itself,
// nothing gets out of its place in the request, and no error tells a password.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { RingletError } from '../../src/protocol/protocol-error'
import { BUNDLE } from '../runtime/espruino/environment.mjs'
import { Espruino } from '../runtime/espruino/stand-in.mjs'
import { MemoryEngine } from './memory-engine'

const security = suite('security of the bundle for Espruino')
const engine = new MemoryEngine()

const EVIL: Record<string, unknown> = {
  random: () => {
    throw new Error('asked for random bytes')
  },
  headers: { 'X-Injected': '1' },
  protocols: ['injected'],
  tls: { key: 'injected', host: 'elsewhere' },
  maxMessageSize: -1,
  receiveBuffer: 'x',
  sendBuffer: 'x',
  handshakeTimeout: NaN,
  'X-Header': '1',
}

security('nothing inherited is an option or a header', () => {
  const own = { headers: { 'X-Mine': '1' }, random: (bytes: Uint8Array) => bytes.fill(7) }
  const inherits = (from: object, to: object) => Object.assign(Object.create(from), to)
  engine.connect('wss://h/', {}, own)
  const clean = engine.last
  assert.match(clean.written, 'X-Mine: 1')
  for (const [name, value] of Object.entries(EVIL)) {
    engine.connect('wss://h/', {}, inherits({ [name]: value }, own))
    assert.is(engine.last.written, clean.written, name)
    const headers = inherits({ [name]: String(value) }, own.headers)
    engine.connect('wss://h/', {}, { ...own, headers })
    assert.is(engine.last.written, clean.written, name)
    engine.connect('wss://h/', {}, { ...own, tls: inherits({ host: 'elsewhere' }, {}) })
    assert.is(engine.last.options.host, 'h')
  }
})

security('a prototype that somebody has changed changes nothing', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  engine.connect('ws://h/', {}, { random: (bytes: Uint8Array) => bytes.fill(7) })
  const clean = engine.last.written
  for (const [name, value] of Object.entries(EVIL)) {
    prototype[name] = value
    try {
      engine.connect('ws://h/', {}, { random: (bytes: Uint8Array) => bytes.fill(7) })
      assert.is(engine.last.written, clean, name)
    } finally {
      delete prototype[name]
    }
  }
})

security('nothing in a header, a subprotocol or a URL ends a line of the request', () => {
  const ids: string[] = []
  for (const [url, options] of [
    ['ws://h/', { headers: { X: 'a\r\nY: b' } }],
    ['ws://h/', { headers: { 'X\r\nY': 'b' } }],
    ['ws://h/', { headers: { X: '\xff' } }],
    ['ws://h/', { headers: { 'Sec-WebSocket-Key': 'x' } }],
    ['ws://h/', { protocols: ['a\r\nb'] }],
    ['ws://h/', { protocols: ['a', 'a'] }],
    ['ws://h\r\nX: y/', {}],
    ['ws://h:80\r\n/', {}],
    ['ws://user\r\n@h/', {}],
    ['ws://h/\r\nX: y', {}],
  ] as [string, Record<string, unknown>][]) {
    try {
      engine.connect(url, {}, options)
      ids.push('taken')
      assert.not.match(engine.last.written, /\r\nX: y|\r\nY|\r\n@/)
    } catch (error) {
      ids.push((error as RingletError).id)
    }
  }
  assert.equal(ids, [
    ...[
      'BAD_HEADER',
      'BAD_HEADER',
      'BAD_HEADER',
      'BAD_HEADER',
      'BAD_SUBPROTOCOL',
      'BAD_SUBPROTOCOL',
    ],
    ...['BAD_URL', 'BAD_URL', 'taken', 'taken'],
  ])
})

security('an error does not show a subprotocol, nor the value of a header', () => {
  for (const options of [
    { protocols: ['bearer', 'secret/='] },
    { protocols: ['secret', 'secret'] },
    { headers: { Cookie: 'secret\n' } },
  ]) {
    assert.throws(
      () => engine.connect('ws://h/', {}, options),
      (error: RingletError) => /^BAD_/.test(error.id) && !/secret/.test(error.message),
    )
  }
})

security('an error does not show the password', () => {
  for (const url of [
    'ws://u:secret@h/#x',
    'ws://u:secret@h:0/',
    'http://u:secret@h/',
    'ws://u:secret@[/',
  ]) {
    assert.throws(
      () => engine.connect(url),
      (error: RingletError) => error.id === 'BAD_URL' && !/secret/.test(error.message),
    )
  }
})

security('a board without a source of randomness needs the option', () => {
  for (const [board, hasSource] of [
    ['PICO_R1_3', true],
    ['BANGLEJS2', true],
    ['ESP32', false],
    ['ESP8266_4MB', false],
    ['LINUX', false],
  ] as const) {
    const { connect } = new Espruino({ board, refuses: [80] }).load(BUNDLE) as {
      connect(url: string): void
    }
    let id = ''
    try {
      connect('ws://127.0.0.1/')
    } catch (error) {
      id = (error as RingletError).id
    }
    assert.is(id, hasSource ? '' : 'BAD_OPTION', board)
  }
})

security.run()
