// Callbacks that call, and callbacks that throw.

import {
  casesOf,
  sleep,
  connect,
  open,
  closeAndCompare,
  frames,
  NOT_OPEN,
  SENDS,
  sendAll,
} from './cases.mjs'

const { cases, add } = casesOf('callbacks')

/** One packet that makes every callback come that a peer can cause, and the log of it. */
const PACKET = '89 01 70 8a 01 71 81 01 61 82 01 62 81 01 63 88 02 03e9'
const WHOLE_LOG = [
  'open',
  'ping 70',
  'pong 71',
  'text "a"',
  'binary 62',
  'text "c"',
  'close 1001 "" clean',
]
const FRAGMENT_LOG = [
  'open',
  'ping 70',
  'pong 71',
  'fragment 1 "a" final',
  'fragment 2 62 final',
  'fragment 1 "c" final',
  'close 1001 "" clean',
]

/** Callback, the place of its line, whether in fragment mode. */
const CALLBACKS = [
  ['open', 0, false],
  ['ping', 1, false],
  ['pong', 2, false],
  ['text', 3, false],
  ['binary', 4, false],
  ['fragment', 3, true],
  ['close', 6, false],
]

function called(name) {
  return 'on' + name.charAt(0).toUpperCase() + name.slice(1)
}

/** `act` runs once, in the named callback. */
function acting(name, inFragments, act) {
  let isDone = false
  const on = { fragments: inFragments }
  on[name] = (session) => {
    if (!isDone) {
      isDone = true
      act(session)
    }
  }
  return on
}

for (const [name, index, inFragments] of CALLBACKS) {
  const log = inFragments ? FRAGMENT_LOG : WHOLE_LOG
  const isEnd = name === 'close'

  add('send in ' + called(name), async (env) => {
    const peer = frames(env, PACKET)
    let results
    const session = connect(
      env,
      peer.path,
      {},
      acting(name, inFragments, (session) => {
        results = sendAll(session.socket)
      }),
    )
    await session.closed
    env.equal(session.log, log)
    env.equal(results, isEnd ? NOT_OPEN : SENDS.map(() => 'nothing'))
    const sent = ['text "x"', 'binary 00', 'binary 00', 'ping empty']
    const pong = ['pong 70']
    const order = isEnd ? pong : index === 0 ? [...sent, ...pong] : [...pong, ...sent]
    env.equal((await peer.report()).frames, [...order, 'close 1001 ""'])
  })

  add('close in ' + called(name), async (env) => {
    const peer = frames(env, PACKET)
    const session = connect(
      env,
      peer.path,
      {},
      acting(name, inFragments, (session) => session.socket.close(3000, 'mine')),
    )
    await session.closed
    env.equal(session.log, log)
    const sent = (await peer.report()).frames
    env.equal(
      sent.filter((line) => line.indexOf('close') === 0),
      [isEnd ? 'close 1001 ""' : 'close 3000 "mine"'],
    )
    env.equal(sent[sent.length - 1].slice(0, 5), 'close')
  })

  add('abort in ' + called(name), async (env) => {
    const session = connect(
      env,
      frames(env, PACKET).path,
      {},
      acting(name, inFragments, (session) => session.socket.abort()),
    )
    await session.closed
    env.equal(session.log, isEnd ? log : [...log.slice(0, index + 1), 'close 1006 "" unclean'])
  })

  add('pause in ' + called(name) + ', resume later', async (env) => {
    const session = connect(
      env,
      frames(env, PACKET).path,
      {},
      acting(name, inFragments, (session) => {
        session.socket.pause()
        session.say('paused')
        env.setTimeout(() => {
          if (!isEnd) session.say('resumed')
          session.socket.resume()
        }, 20)
      }),
    )
    await session.closed
    if (isEnd) {
      session.log.splice(session.log.indexOf('paused'), 1)
      env.equal(session.log, log)
    } else {
      env.equal(session.log, [
        ...log.slice(0, index + 1),
        'paused',
        'resumed',
        ...log.slice(index + 1),
      ])
    }
  })

  add(
    'an exception in ' + called(name) + ' goes to the platform; the connection goes on',
    async (env) => {
      const caught = env.catchUncaught()
      const session = connect(
        env,
        frames(env, PACKET).path,
        {},
        acting(name, inFragments, () => {
          throw new Error('thrown in ' + called(name))
        }),
      )
      if (isEnd) {
        await session.when(() => session.log.length === log.length)
        // The wrapper's own work comes after the exception.
        session.end()
      }
      await session.closed
      await sleep(env, 10)
      env.equal(caught.stop(), ['thrown in ' + called(name)])
      env.equal(session.log, log)
    },
    ['uncaught'],
  )
}

for (const [name, act] of [
  ['close', (session) => session.socket.close(3000)],
  ['abort', (session) => session.socket.abort()],
  ['pause', (session) => session.socket.pause()],
  ['send', (session) => session.say(sendAll(session.socket).join(', '))],
]) {
  add(name + ' in onError, of a violation', async (env) => {
    const peer = frames(env, '81 01 61 83 00 81 01 62')
    const session = connect(env, peer.path, {}, { error: act })
    await session.closed
    const end =
      name === 'abort'
        ? session.log[session.log.length - 1]
        : 'close 1002 "RESERVED_OPCODE" unclean'
    env.equal(session.log, [
      'open',
      'text "a"',
      'error RESERVED_OPCODE 1002 @3',
      ...(name === 'send' ? [NOT_OPEN.join(', ')] : []),
      end,
    ])
    if (name !== 'abort') env.equal((await peer.report()).frames, ['close 1002 ""'])
  })

  add(name + ' in onError, of a refusal', async (env) => {
    const session = connect(env, env.refusedUrl('/'), {}, { error: act })
    await session.closed
    env.equal(session.log, [
      'error CONNECT_FAILED 1006',
      ...(name === 'send' ? [NOT_OPEN.join(', ')] : []),
      'close 1006 "CONNECT_FAILED" unclean',
    ])
  })
}

add(
  'an exception in onError goes to the platform; onClose follows',
  async (env) => {
    const caught = env.catchUncaught()
    const session = connect(
      env,
      env.refusedUrl('/'),
      {},
      {
        error() {
          throw new Error('thrown in onError')
        },
      },
    )
    await session.closed
    await sleep(env, 10)
    env.equal(caught.stop(), ['thrown in onError'])
  },
  ['uncaught'],
)

for (const [name, act, end] of [
  ['send', (session) => session.socket.sendText('in onWritable'), 'close 1000 "" clean'],
  ['close', (session) => session.socket.close(1000), 'close 1000 "" clean'],
  ['abort', (session) => session.socket.abort(), 'close 1006 "" unclean'],
  [
    'pause',
    (session) => {
      session.socket.pause()
      session.env.setTimeout(() => session.socket.resume(), 10)
    },
    'close 1000 "" clean',
  ],
]) {
  add(name + ' in onWritable', async (env) => {
    const session = await open(env, '/echo', { sendBuffer: 256 }, { quiet: true, writable: act })
    env.equal(session.socket.sendBinary(new Uint8Array(10000)), true)
    await session.until('writable')
    await sleep(env, 20)
    session.socket.close(1000)
    await session.closed
    env.equal(session.log[session.log.length - 1], end)
  })
}

add(
  'an exception in onWritable goes to the platform; the connection goes on',
  async (env) => {
    const caught = env.catchUncaught()
    const session = await open(
      env,
      '/echo',
      { sendBuffer: 256 },
      {
        quiet: true,
        writable() {
          throw new Error('thrown in onWritable')
        },
      },
    )
    session.socket.sendBinary(new Uint8Array(10000))
    await session.until('writable')
    await sleep(env, 10)
    env.equal(caught.stop(), ['thrown in onWritable'])
    await closeAndCompare(session, ['open', 'writable'])
  },
  ['uncaught'],
)

add('several connections at once keep apart', async (env) => {
  const sessions = []
  for (let i = 0; i < 8; i++)
    sessions.push(connect(env, '/echo', { receiveBuffer: 256, sendBuffer: 256 }))
  for (const session of sessions) await session.until('open')
  sessions.forEach((session, i) => {
    for (let j = 0; j < 10; j++) session.socket.sendText(i + '/' + j)
  })
  for (let i = 0; i < 8; i++) {
    await sessions[i].until('text "' + i + '/9"')
    const expected = ['open']
    for (let j = 0; j < 10; j++) expected.push('text "' + i + '/' + j + '"')
    await closeAndCompare(sessions[i], expected)
  }
})

export { cases as callbacks }
