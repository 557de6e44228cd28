// What the groups of cases are made with.

import { GOOD_HEAD, Session } from '../session.mjs'

/** The cases of a group, and what adds one to them; all need `groupNeeds`. */
export function casesOf(group, ...groupNeeds) {
  const cases = []
  function add(name, run, needs = []) {
    cases.push({
      group,
      name,
      needs: [...groupNeeds, ...needs],
      async run(given) {
        const env = { ...given, sessions: [] }
        await run(env)
        for (const session of env.sessions) await session.closed
        // Whatever comes too late comes now.
        await sleep(env, 5)
        for (const session of env.sessions) session.check()
      },
    })
  }
  return { cases, add }
}

export function sleep(env, delay) {
  return new Promise((done) => env.setTimeout(done, delay))
}

export function connect(env, path, options, on) {
  return new Session(env, path, options, on)
}

/** Connects, and waits until it is open. */
export async function open(env, path, options, on) {
  const session = connect(env, path, options, on)
  await session.when(() => session.log.length > 0)
  env.equal(session.log[0].slice(0, 4), 'open')
  return session
}

/** Ends a session properly, and compares its whole log. */
export async function closeAndCompare(session, expected) {
  session.socket.close(1000)
  await session.closed
  session.env.equal(session.log, [...expected, 'close 1000 "" clean'])
}

let keys = 0

export function newKey(env) {
  return env.tag + '-' + ++keys
}

/** What a raw connection is to do, and afterwards what the client did on it. */
export function script(env, ...steps) {
  const key = newKey(env)
  return {
    path: '/raw?key=' + key + '&steps=' + encodeURIComponent(JSON.stringify(steps)),
    async report() {
      let text
      const session = connect(
        env,
        '/report?key=' + key,
        {},
        { quiet: true, text: (_, message) => (text = message) },
      )
      await session.closed
      return JSON.parse(text)
    },
  }
}

/** A script that answers the handshake, and writes `hex` in the same packet. */
export function frames(env, hex, ...steps) {
  return script(env, ['write', { head: GOOD_HEAD }, hex], ...steps)
}

/** Lets `/slow` and others of that key go on. */
export async function release(env, key) {
  await connect(env, '/release?key=' + key).closed
}

/** The class and id of what a call throws. */
export function thrown(call) {
  try {
    call()
  } catch (error) {
    return (
      error.name +
      ' ' +
      error.id +
      (error.message.indexOf(error.id + ': ') === 0 ? '' : ': not in the message')
    )
  }
  return 'nothing'
}

export function ascii(length) {
  return 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length)
}

/** Sends as soon as it fits. */
export async function sendWhenRoom(session, send) {
  while (!send()) {
    const before = session.log.filter((line) => line === 'writable').length
    await session.until('writable', before + 1)
  }
}

/** What may be called only while the connection is open. */
export const SENDS = [
  (socket) => socket.sendText('x'),
  (socket) => socket.sendBinary(new Uint8Array(1)),
  (socket) => socket.sendFragment(new Uint8Array(1), 0, 1, 2, true),
  (socket) => socket.ping(),
]
export const NOT_OPEN = SENDS.map(() => 'Error NOT_OPEN')

export function sendAll(socket) {
  return SENDS.map((send) => thrown(() => send(socket)))
}
