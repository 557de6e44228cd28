// The closing handshake, RFC 6455 section 7.

import { fillPattern, toHex } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, sleep, connect, open, script, frames, release, newKey, ascii } from './cases.mjs'

const { cases, add } = casesOf('closing')

for (const [name, arguments_, expected] of [
  ['with a code and a reason', [3001, 'done'], 'close 3001 "done" clean'],
  ['with a code', [1000], 'close 1000 "" clean'],
  ['without a code', [], 'close 1005 "" clean'],
  [
    'with a reason of 123 bytes',
    [4999, ascii(120) + '環'],
    'close 4999 "' + ascii(120) + '環" clean',
  ],
]) {
  add('closes ' + name, async (env) => {
    const session = await open(env, '/echo')
    session.socket.close(...arguments_)
    await session.closed
    env.equal(session.log, ['open', expected])
  })
}

for (const [query, expected] of [
  ['code=4000&reason=enough', 'close 4000 "enough" clean'],
  ['code=1001', 'close 1001 "" clean'],
  ['', 'close 1005 "" clean'],
]) {
  add('is closed by the peer: ' + expected, async (env) => {
    const session = connect(env, '/close?' + query)
    await session.closed
    env.equal(session.log, ['open', expected])
  })
}

for (const code of [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999,
]) {
  add('accepts a Close frame with ' + code + ', and echoes the code', async (env) => {
    const peer = frames(env, '88 03' + toHex([code >> 8, code & 255]) + '72')
    const session = connect(env, peer.path)
    await session.closed
    env.equal(session.log, ['open', 'close ' + code + ' "r" clean'])
    env.equal((await peer.report()).frames, ['close ' + code + ' ""'])
  })
}

add("both close at once: one Close frame each, the peer's code is told", async (env) => {
  const peer = frames(env, '88 08 03e9 746865697273')
  const session = connect(
    env,
    peer.path,
    {},
    { open: (session) => session.socket.close(3000, 'ours') },
  )
  await session.closed
  env.equal(session.log, ['open', 'close 1001 "theirs" clean'])
  env.equal((await peer.report()).frames, ['close 3000 "ours"'])
})

add("closes in onText: what comes before the peer's Close frame is delivered", async (env) => {
  const peer = frames(env, '81 01 61 81 01 62 89 00 88 02 03e8')
  const session = connect(env, peer.path, {}, { text: (session) => session.socket.close(3000) })
  await session.closed
  env.equal(session.log, ['open', 'text "a"', 'text "b"', 'ping empty', 'close 1000 "" clean'])
  // Nothing follows our Close frame, a pong neither. If it was not sent yet, the pong comes before it.
  const sent = (await peer.report()).frames
  env.equal(sent[sent.length - 1], 'close 3000 ""')
})

add("ignores what follows the peer's Close frame", async (env) => {
  const peer = frames(env, '88 02 03e8 81 01 61 89 00 ff ff')
  const session = connect(env, peer.path)
  await session.closed
  env.equal(session.log, ['open', 'close 1000 "" clean'])
  env.equal((await peer.report()).frames, ['close 1000 ""'])
})

add('closes while connecting', async (env) => {
  const session = connect(env, '/echo')
  session.socket.close(1000, 'never mind')
  env.equal(session.socket.readyState, 3)
  await session.closed
  env.equal(session.log, ['close 1006 "" unclean'])
})

add('closes while the handshake is under way', async (env) => {
  const session = connect(env, script(env, ['hold']).path)
  await sleep(env, 30)
  session.socket.close()
  await session.closed
  env.equal(session.log, ['close 1006 "" unclean'])
})

for (const [name, delay] of [
  ['at once', -1],
  ['in the next turn', 0],
  ['during the handshake', 30],
]) {
  add('aborts while connecting, ' + name, async (env) => {
    const session = connect(env, script(env, ['wait', 60], ['write', { head: GOOD_HEAD }]).path)
    if (delay >= 0) await sleep(env, delay)
    session.socket.abort()
    session.socket.abort()
    env.equal(session.socket.readyState, 3)
    await session.closed
    env.equal(session.log, ['close 1006 "" unclean'])
  })
}

add('closes twice: the second call does nothing', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path)
  session.socket.close(3000, 'first')
  session.socket.close(3001, 'second')
  await session.closed
  session.socket.close()
  session.socket.abort()
  env.equal(session.log, ['open', 'close 3000 "" clean'])
  env.equal((await peer.report()).frames, ['close 3000 "first"'])
})

add('closes, then aborts', async (env) => {
  const session = await open(env, '/echo')
  session.socket.close(1000)
  session.socket.abort()
  await session.closed
  env.equal(session.log, ['open', 'close 1006 "" unclean'])
})

add('the peer closes in the middle of our large message, which is given up', async (env) => {
  // It reads again when its Close frame has been read: what it listens to before would be sent whole.
  const key = newKey(env)
  const peer = script(
    env,
    ['write', { head: GOOD_HEAD }],
    ['deaf'],
    ['wait', 100],
    ['write', '88 02 03e9'],
    ['released', key],
    ['listen'],
  )
  const session = await open(env, peer.path, { sendBuffer: 1024 })
  session.socket.sendBinary(fillPattern(new Uint8Array(1 << 24)))
  while (session.socket.readyState === 1) await sleep(env, 10)
  await release(env, key)
  await session.closed
  env.equal(session.log, ['open', 'close 1001 "" clean'])
  const { frames: sent } = await peer.report()
  env.equal(sent[sent.length - 1], 'close 1001 ""')
  env.ok(/more$/.test(sent[sent.length - 2]), 'the message was not ended')
})

export { cases as closing }
