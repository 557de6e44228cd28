// Messages in fragments, both ways.

import { fillPattern, fromHex, showBytes, toHex, utf8 } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, connect, open, closeAndCompare, script, frames } from './cases.mjs'

const { cases, add } = casesOf('fragments')

add('hands out fragments as they come', async (env) => {
  const peer = frames(env, '01 02 6865 00 03 6c6c6f 80 00 82 00 02 01 01 80 01 02 88 00')
  const session = connect(env, peer.path, {}, { fragments: true })
  await session.closed
  env.equal(session.log, [
    'open',
    'fragment 1 "he"',
    'fragment 1 "llo"',
    'fragment 1 "" final',
    'fragment 2 empty final',
    'fragment 2 01',
    'fragment 2 02 final',
    'close 1005 "" clean',
  ])
})

add('puts fragments together, with control frames between them', async (env) => {
  const peer = frames(env, '01 02 6865 89 01 70 00 00 8a 00 80 03 6c6c6f 88 02 03e8')
  const session = connect(env, peer.path)
  await session.closed
  env.equal(session.log, ['open', 'ping 70', 'pong empty', 'text "hello"', 'close 1000 "" clean'])
  env.equal((await peer.report()).frames, ['pong 70', 'close 1000 ""'])
})

add('puts together a message of fragments that are larger than the ring', async (env) => {
  const session = await open(env, '/fragments?n=20&size=1000&pings=5', {
    receiveBuffer: 256,
    maxMessageSize: 20000,
  })
  const expected = 'binary ' + showBytes(fillPattern(new Uint8Array(20000)))
  await session.until(expected)
  const pings = ['0', '5', '10', '15'].map((payload) => 'ping ' + toHex(utf8(payload)))
  await closeAndCompare(session, ['open', ...pings, expected])
})

add('sends fragments, with a ping between them', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path)
  const { socket } = session
  const bytes = utf8('ab€cd')
  socket.sendFragment(bytes, 0, 3, 1, false)
  socket.ping(fromHex('00'))
  socket.sendFragment(bytes, 3, 3, 1, false)
  socket.sendFragment(bytes, 3, 7, 1, true)
  socket.sendFragment(bytes, 0, 2, 2, true)
  socket.close(1000)
  await session.closed
  env.equal((await peer.report()).frames, [
    'text 6162e2, more',
    'ping 00',
    'continuation empty, more',
    'continuation 82ac6364',
    'binary 6162',
    'close 1000 ""',
  ])
})

for (const [limit, name] of [
  [1000, 'maxMessageSize'],
  [1 << 16, 'a larger maxMessageSize'],
]) {
  add('accepts a message of ' + name + ', fails with 1009 one byte above it', async (env) => {
    const session = await open(env, '/echo', { maxMessageSize: limit, receiveBuffer: 256 })
    const bytes = fillPattern(new Uint8Array(limit + 1))
    const whole = 'binary ' + showBytes(bytes, 0, limit)
    session.socket.sendBinary(bytes, 0, limit)
    await session.until(whole)
    session.socket.sendBinary(bytes)
    await session.closed
    // The first frame had the same header, and no more came before it.
    const offset = limit < 65536 ? 4 + limit + 3 : 10 + limit + 9
    env.equal(
      session.log.filter((line) => line !== 'writable'),
      [
        'open',
        whole,
        'error MESSAGE_TOO_BIG 1009 @' + offset,
        'close 1009 "MESSAGE_TOO_BIG" unclean',
      ],
    )
  })
}

export { cases as fragments }
