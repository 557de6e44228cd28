import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isToken } from '../../src/protocol/characters'
import { Handshake, type RequestOptions } from '../../src/protocol/handshake'
import { expectLog } from '../support/log'
import { SAMPLE_NONCE, testPlatform } from '../support/platform'
import { type HandshakeVector, handshakeVectors } from '../vectors/handshake'

const handshakes = suite('Handshake')

const TARGET = { host: 'server.example.com', path: '/chat', userInfo: '' }
const OPTIONS: RequestOptions = {
  protocols: ['chat', 'superchat'],
  headers: { Origin: 'http://example.com' },
}
const NONE = { onOpen() {}, drop() {} }

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

/** Feeds `text` in pieces of `sizes`, the last of which repeats; returns the log and the handshake. */
function respond(vector: HandshakeVector, sizes: number[], offset: number) {
  const log: string[] = []
  const handshake = new Handshake(
    TARGET,
    { ...OPTIONS, protocols: vector.protocols || OPTIONS.protocols },
    testPlatform(SAMPLE_NONCE),
    vector.maxLength === undefined ? 16384 : vector.maxLength,
    {
      onOpen: (protocol, extensions) => log.push('open ' + protocol + ' ' + extensions),
      drop: (id, _detail, octet) => log.push('refused ' + id + ' @' + octet),
    },
  )
  const text = latin1(vector.in)
  let at = 0
  let piece = 0
  while (at < text.length && !handshake.isOver) {
    const count = Math.min(sizes[piece], text.length - at)
    if (piece < sizes.length - 1) piece++
    const bytes = new Uint8Array(offset + count + 3)
    bytes.set(text.subarray(at, at + count), offset)
    const next = handshake.read(bytes, offset, offset + count)
    assert.ok(handshake.isOver || next === offset + count, 'not all was read')
    at += next - offset
  }
  // What belongs to the head, and no more, has been taken.
  if (log.length && log[0].startsWith('open')) log[0] += ', ' + at + ' bytes'
  assert.is(handshake.length, at)
  return { log, handshake }
}

for (const vector of handshakeVectors) {
  handshakes(vector.name, () => {
    const { length } = vector.in
    const ways: [number[], number][] = [
      [[Infinity], 0],
      [[1], 0],
      [[1], 5],
      [[2], 1],
      [[3], 0],
      [[7], 2],
    ]
    for (let at = 1; at < Math.min(length, 600); at++) ways.push([[at, Infinity], at % 4])
    for (let offset = 1; offset < 256; offset++) ways.push([[Infinity], offset])
    for (const [sizes, offset] of ways) {
      const { log, handshake } = respond(vector, sizes, offset)
      const how = 'pieces of ' + sizes + ' at offset ' + offset
      expectLog(log, vector.log, how)
      assert.is(handshake.isOver, vector.log.length > 0)
      if (vector.status !== undefined) assert.is(handshake.status, vector.status)
      if (vector.retryAfter !== undefined) {
        assert.is(handshake.fields['retry-after'], vector.retryAfter)
      }
    }
  })
}

/** The lines of a request, or what it is refused with. */
function request(options: RequestOptions, userInfo = ''): string[] {
  try {
    const target = { ...TARGET, userInfo }
    return new Handshake(target, options, testPlatform(SAMPLE_NONCE), 16384, NONE).request.split(
      '\r\n',
    )
  } catch (error) {
    return [(error as Error).name, (error as Error & { id: string }).id]
  }
}

handshakes('a subprotocol is a token, and given once', () => {
  const refused = ['TypeError', 'BAD_SUBPROTOCOL']
  for (const protocols of ['a b', '', ['a', 'a'], ['a', 7 as never], 'ä', ['ok', 'a,b']]) {
    assert.equal(request({ protocols }), refused, JSON.stringify(protocols))
  }
  assert.is(request({ protocols: ['A', 'a'] })[6], 'Sec-WebSocket-Protocol: A, a')
})

handshakes('a header is a token with a value of printable ASCII, and none of the handshake', () => {
  for (const [name, value] of [
    ['a b', 'x'],
    ['', 'x'],
    ['Upgrade', 'x'],
    ['connection', 'x'],
    ['Sec-WebSocket-Key', 'x'],
    ['a', 'x\r\nb: y'],
    ['a', 'ä'],
    ['a', undefined],
    ['a', null],
  ] as [string, string][]) {
    assert.equal(request({ headers: { [name]: value } }), ['TypeError', 'BAD_HEADER'], name)
  }
  assert.equal(request({ headers: { 'X-Upgrade': 'a\tb', 'X-Empty': '' } }).slice(6), [
    'X-Upgrade: a\tb',
    'X-Empty: ',
    '',
    '',
  ])
})

handshakes("the caller's Host and Authorization stand in place of the URL's", () => {
  const named = (lines: string[]) => lines.filter((line) => /^(host|authorization):/i.test(line))
  assert.equal(named(request({}, 'a:b')), ['Host: server.example.com', 'Authorization: Basic YTpi'])
  assert.equal(named(request({ headers: { host: 'h', 'X-Authorization': 'x' } }, 'a:b')), [
    'Authorization: Basic YTpi',
    'host: h',
  ])
  assert.equal(named(request({ headers: { AUTHORIZATION: 'mine' } }, 'a:b')), [
    'Host: server.example.com',
    'AUTHORIZATION: mine',
  ])
})

handshakes('the request of section 1.3, to the octet', () => {
  const handshake = new Handshake(TARGET, OPTIONS, testPlatform(SAMPLE_NONCE), 16384, NONE)
  assert.equal(handshake.request.split('\r\n'), [
    'GET /chat HTTP/1.1',
    'Host: server.example.com',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: chat, superchat',
    'Origin: http://example.com',
    '',
    '',
  ])
})

handshakes('a request with nothing but what must be', () => {
  const target = { host: '', path: '/', userInfo: '' }
  const handshake = new Handshake(target, {}, testPlatform([0]), 16384, NONE)
  assert.equal(handshake.request.split('\r\n'), [
    'GET / HTTP/1.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    '',
    '',
  ])
})

handshakes('a request that offers extensions', () => {
  const accept = () => ({ rest: '' })
  const extensions = ['permessage-deflate', 'x; y=1'].map((offer) => ({ offer, accept }))
  const platform = testPlatform(SAMPLE_NONCE)
  const handshake = new Handshake(TARGET, { extensions }, platform, 16384, NONE)
  assert.equal(handshake.request.split('\r\n').slice(5), [
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Extensions: permessage-deflate, x; y=1',
    '',
    '',
  ])
})

handshakes('a request that offers one extension, not in a list', () => {
  const extensions = { offer: 'x', accept: () => ({ rest: '' }) }
  const handshake = new Handshake(TARGET, { extensions }, testPlatform(SAMPLE_NONCE), 16384, NONE)
  assert.is(handshake.request.split('\r\n')[6], 'Sec-WebSocket-Extensions: x')
  assert.equal(handshake.extensions, [extensions])
})

handshakes('every handshake draws a key of its own', () => {
  const platform = testPlatform([1, 2, 3, 4, 5, 6, 7, 8])
  const keys = [1, 2].map(
    () => new Handshake(TARGET, OPTIONS, platform, 1, NONE).request.split('\r\n')[5],
  )
  assert.equal(keys, [
    'Sec-WebSocket-Key: AQAAAAIAAAADAAAABAAAAA==',
    'Sec-WebSocket-Key: BQAAAAYAAAAHAAAACAAAAA==',
  ])
})

handshakes('tokens, RFC 9110 section 5.6.2', () => {
  const log: string[] = []
  for (let code = 0; code < 300; code++) {
    const text = String.fromCharCode(code)
    if (isToken(text)) log.push(text)
    assert.is(isToken('a' + text + 'b'), isToken(text))
  }
  assert.is(
    log.join(''),
    "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
  )
  assert.is(isToken(''), false)
})

handshakes.run()
