// Ends without a Close frame.

import { casesOf, connect, script, frames } from './cases.mjs'

const { cases, add } = casesOf('ends')

add('is refused', async (env) => {
  const session = connect(env, env.refusedUrl('/'))
  await session.closed
  env.equal(session.log, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
})

for (const [name, steps, expected] of [
  ['a reset before the response', [['reset']], 'CONNECT_FAILED'],
  [
    'a reset in the middle of the response',
    [['write', { head: 'HTTP/1.1 101 ' }], ['wait', 30], ['reset']],
    'CONNECT_FAILED',
  ],
  ['FIN before the response', [['fin']], 'CONNECTION_ENDED'],
  [
    'FIN in the middle of the response',
    [['write', { head: 'HTTP/1.1 101 ' }], ['fin']],
    'CONNECTION_ENDED',
  ],
]) {
  add(name, async (env) => {
    const session = connect(env, script(env, ...steps).path)
    await session.closed
    const id = env.tellsResets ? expected : 'CONNECTION_ENDED'
    env.equal(session.log, ['error ' + id + ' 1006', 'close 1006 "' + id + '" unclean'])
  })
}

for (const [name, hex, step, expected] of [
  ['a reset', '', 'reset', 'CONNECTION_LOST'],
  ['a reset in the middle of a frame', '81 05 6865', 'reset', 'CONNECTION_LOST'],
  ['FIN without a Close frame', '', 'fin', 'CONNECTION_ENDED'],
  ['FIN in the middle of a frame', '81 05 6865', 'fin', 'CONNECTION_ENDED'],
  ['FIN in the middle of a Close frame', '88 05 03e8', 'fin', 'CONNECTION_ENDED'],
]) {
  add(name, async (env) => {
    const peer = frames(env, '81 01 61' + hex, ['frames', 1], ['wait', 30], [step])
    const session = connect(
      env,
      peer.path,
      {},
      { text: (session) => session.socket.sendText('seen') },
    )
    await session.closed
    const id = env.tellsResets ? expected : 'CONNECTION_ENDED'
    env.equal(session.log, [
      'open',
      'text "a"',
      'error ' + id + ' 1006',
      'close 1006 "' + id + '" unclean',
    ])
  })
}

add('the peer vanishes', async (env) => {
  const session = connect(
    env,
    '/terminate?late=1',
    {},
    { open: (session) => session.socket.sendText('go') },
  )
  await session.closed
  const id = session.log[1].split(' ')[1]
  env.ok(id === 'CONNECTION_ENDED' || id === 'CONNECTION_LOST', id)
  env.equal(session.log, ['open', 'error ' + id + ' 1006', 'close 1006 "' + id + '" unclean'])
})

add('everything that came before FIN is delivered, though paused', async (env) => {
  const session = connect(
    env,
    frames(env, '81 01 61 81 01 62 81 01 63', ['fin']).path,
    {},
    {
      text(session) {
        session.socket.pause()
        env.setTimeout(() => session.socket.resume(), 20)
      },
    },
  )
  await session.closed
  env.equal(session.log, [
    'open',
    'text "a"',
    'text "b"',
    'text "c"',
    'error CONNECTION_ENDED 1006',
    'close 1006 "CONNECTION_ENDED" unclean',
  ])
})

export { cases as ends }
