// Deadlines and keepalive.

import { casesOf, connect, open, script, frames } from './cases.mjs'

const { cases, add } = casesOf('deadlines')

add('handshakeTimeout: a peer that accepts and never answers', async (env) => {
  const session = connect(env, script(env, ['hold']).path, { handshakeTimeout: 50 })
  await session.closed
  env.equal(session.log, ['error HANDSHAKE_TIMEOUT 1006', 'close 1006 "HANDSHAKE_TIMEOUT" unclean'])
})

add('handshakeTimeout: a response that comes by drops', async (env) => {
  const drops = []
  for (let i = 0; i < 100; i++)
    drops.push(['write', { head: i ? 'X: y\r\n' : 'HTTP/1.1 101\r\n' }], ['wait', 20])
  const session = connect(env, script(env, ...drops).path, { handshakeTimeout: 200 })
  await session.closed
  env.equal(session.log, ['error HANDSHAKE_TIMEOUT 1006', 'close 1006 "HANDSHAKE_TIMEOUT" unclean'])
})

add('closeTimeout: a peer that does not answer the Close frame', async (env) => {
  const peer = frames(env, '', ['hold'])
  const session = await open(env, peer.path, { closeTimeout: 50 })
  session.socket.close(1000)
  await session.closed
  env.equal(session.log, ['open', 'error CLOSE_TIMEOUT 1006', 'close 1006 "CLOSE_TIMEOUT" unclean'])
  env.equal((await peer.report()).frames, ['close 1000 ""'])
})

add('closeTimeout: a peer that goes on sending instead', async (env) => {
  const chatter = []
  for (let i = 0; i < 60; i++) chatter.push(['write', '89 00'], ['wait', 20])
  const session = await open(env, frames(env, '', ['hold'], ...chatter).path, { closeTimeout: 100 })
  session.socket.close(1000)
  await session.closed
  env.equal(
    session.log.filter((line) => line !== 'ping empty'),
    ['open', 'error CLOSE_TIMEOUT 1006', 'close 1006 "CLOSE_TIMEOUT" unclean'],
  )
})

add('closeTimeout: a pong that comes meanwhile changes nothing of it', async (env) => {
  const peer = frames(
    env,
    '',
    ['hold'],
    // The ping; then, at the text, the Close frame.
    ['frames', 1],
    ['write', '81 01 61'],
    ['frames', 2],
    ['write', '8a 00'],
    ['wait', 300],
    ['write', '88 02 03e8'],
    ['fin'],
  )
  const session = await open(env, peer.path, { pingInterval: 20 })
  await session.until('text "a"')
  session.socket.close(1000)
  await session.closed
  env.equal(session.log, ['open', 'text "a"', 'pong empty', 'close 1000 "" clean'])
})

add('a peer that never ends TCP after the closing handshake', async (env) => {
  const session = await open(
    env,
    frames(env, '', ['hold'], ['frames', 1], ['write', '88 02 03e8']).path,
    { closeTimeout: 100 },
  )
  session.socket.close(1000)
  await session.closed
  env.equal(session.log, ['open', 'close 1000 "" clean'])
})

add('a peer that never ends TCP after its own Close frame', async (env) => {
  const session = connect(env, frames(env, '88 02 03e9', ['hold']).path, { closeTimeout: 100 })
  await session.closed
  env.equal(session.log, ['open', 'close 1001 "" clean'])
})

add('a peer that never ends TCP after a violation', async (env) => {
  const session = connect(env, frames(env, '8f 00', ['hold']).path, { closeTimeout: 100 })
  await session.closed
  env.equal(session.log, [
    'open',
    'error RESERVED_OPCODE 1002 @0',
    'close 1002 "RESERVED_OPCODE" unclean',
  ])
})

add('pongTimeout: a peer that answers no ping', async (env) => {
  const peer = frames(env, '', ['deaf'], ['hold'])
  const session = await open(env, peer.path, { pingInterval: 30, pongTimeout: 60 })
  await session.closed
  env.equal(session.log, ['open', 'error PONG_TIMEOUT 1006', 'close 1006 "PONG_TIMEOUT" unclean'])
})

add('pingInterval: a peer that answers is kept', async (env) => {
  const session = await open(env, '/ping', { pingInterval: 10, pongTimeout: 2000 })
  await session.until('pong empty', 4)
  session.socket.close(1000)
  await session.closed
  env.equal(
    session.log.filter((line) => line.indexOf('error') === 0),
    [],
  )
  env.ok(session.log.indexOf('text "got ping "') > 0, 'the server saw a ping')
})

add('idleTimeout: a peer that is silent', async (env) => {
  const session = await open(env, '/echo', { idleTimeout: 50 })
  await session.closed
  env.equal(session.log, ['open', 'error IDLE_TIMEOUT 1006', 'close 1006 "IDLE_TIMEOUT" unclean'])
})

add('idleTimeout: a peer that says something is kept', async (env) => {
  const chatter = []
  for (let i = 0; i < 8; i++) chatter.push(['wait', 50], ['write', '8a 00'])
  const session = connect(env, frames(env, '', ...chatter, ['write', '88 00']).path, {
    idleTimeout: 400,
  })
  await session.closed
  env.equal(
    session.log.filter((line) => line !== 'pong empty'),
    ['open', 'close 1005 "" clean'],
  )
})

export { cases as deadlines }
