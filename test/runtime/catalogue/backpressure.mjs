// What does not fit, pausing, and a peer that does not read.

import { Checksum, fillPattern, fromHex } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import {
  casesOf,
  sleep,
  connect,
  open,
  closeAndCompare,
  script,
  release,
  newKey,
  sendWhenRoom,
  ascii,
} from './cases.mjs'

const { cases, add } = casesOf('backpressure')

add('holds the peer back while paused, and delivers nothing', async (env) => {
  const key = newKey(env)
  let lines = 0
  const session = await open(
    env,
    '/flood?size=65536&key=' + key,
    {},
    {
      quiet: true,
      fragments: true,
      fragment(session) {
        if (++lines === 3) session.socket.pause()
        session.look()
      },
    },
  )
  const held = connect(env, '/held?key=' + key)
  await held.closed
  env.equal(held.log, ['open', 'text "held"', 'close 1000 "" clean'])
  env.equal(lines, 3)
  session.socket.resume()
  await session.when(() => lines > 100)
  session.socket.abort()
  await session.closed
  env.equal(session.log, ['open', 'close 1006 "" unclean'])
})

for (const [ring, when] of [
  [4096, 'onText'],
  [256, 'onText'],
  [256, 'onOpen'],
  [4096, 'before it is open'],
]) {
  add(
    'pauses in ' + when + ' with a ring of ' + ring + ': everything comes afterwards, in order',
    async (env) => {
      const pause = (session) => {
        session.socket.pause()
        session.say('paused')
      }
      const session = connect(
        env,
        '/messages?n=300',
        { receiveBuffer: ring },
        {
          open: when === 'onOpen' ? pause : undefined,
          text(session, text) {
            if (when === 'onText' && +text % 100 === 50) pause(session)
          },
        },
      )
      if (when === 'before it is open') pause(session)
      const expected = when === 'before it is open' ? ['paused', 'open'] : ['open']
      if (when === 'onOpen') expected.push('paused')
      for (let i = 0; i < 300; i++) {
        expected.push('text "' + i + '"')
        if (when === 'onText' && i % 100 === 50) expected.push('paused')
      }
      const marks = expected.filter((line) => line === 'paused').length
      for (let i = 1; i <= marks; i++) {
        await session.until('paused', i)
        await session.until('open')
        // Long enough for what must not come.
        await sleep(env, 30)
        const last = session.log[session.log.length - 1]
        env.equal(last, when === 'before it is open' ? 'open' : 'paused')
        session.socket.resume()
      }
      await session.closed
      env.equal(session.log, [...expected, 'close 1000 "sent" clean'])
    },
  )
}

add('pauses and resumes while connecting', async (env) => {
  const session = connect(env, '/echo')
  session.socket.pause()
  session.socket.resume()
  await session.until('open')
  session.socket.sendText('still')
  await session.until('text "still"')
  await closeAndCompare(session, ['open', 'text "still"'])
})

add('pauses in the middle of a message, resumes at once, many times', async (env) => {
  const sum = new Checksum()
  const session = connect(
    env,
    '/messages?n=4&size=50000',
    { receiveBuffer: 512 },
    {
      fragments: true,
      quiet: true,
      fragment(session, bytes, start, end) {
        sum.add(bytes, start, end)
        session.socket.pause()
        session.socket.resume()
        if (start & 1) session.socket.pause()
        env.setTimeout(() => session.socket.resume(), 0)
      },
    },
  )
  await session.closed
  env.equal('' + sum, '' + new Checksum().add(fillPattern(new Uint8Array(200000))))
  env.equal(session.log, ['open', 'close 1000 "sent" clean'])
})

add("closes while paused: reading goes on until the peer's Close frame", async (env) => {
  const session = await open(env, '/echo')
  session.socket.pause()
  session.socket.sendText('late')
  session.socket.close(1000)
  await session.closed
  env.equal(session.log, ['open', 'text "late"', 'close 1000 "" clean'])
})

add('aborts while paused', async (env) => {
  const session = await open(
    env,
    '/messages?n=100',
    {},
    { open: (session) => session.socket.pause() },
  )
  session.socket.abort()
  session.socket.resume()
  await session.closed
  env.equal(session.log, ['open', 'close 1006 "" unclean'])
})

add(
  'says no when full, and onWritable when there is room; all of it arrives in order',
  async (env) => {
    const key = newKey(env)
    const session = await open(env, '/slow?key=' + key)
    const { socket } = session
    const bytes = fillPattern(new Uint8Array(4000))
    let count = 0
    const send = () => {
      bytes[0] = count >> 24
      bytes[1] = count >> 16
      bytes[2] = count >> 8
      bytes[3] = count
      const isTaken = socket.sendBinary(bytes)
      if (isTaken) count++
      return isTaken
    }
    while (count < 30000 && send()) if (count % 100 === 0) await sleep(env, 0)
    env.ok(count < 30000, 'no room after ' + count + ' messages')
    env.ok(socket.bufferedAmount > 0, 'something waits')
    env.equal(session.log, ['open'])
    await release(env, key)
    await session.until('writable')
    const total = count + 500
    while (count < total) await sendWhenRoom(session, send)
    await sendWhenRoom(session, () => socket.sendText('done'))
    const expected = 'text "' + total + ' messages, in order"'
    await session.until(expected)
    env.equal(socket.bufferedAmount, 0)
    socket.close(1000)
    await session.closed
    env.equal(
      session.log.filter((line) => line !== 'writable'),
      ['open', expected, 'close 1000 "" clean'],
    )
  },
)

add('lets control frames pass between the fragments of a large message', async (env) => {
  // The peer stops reading at once: the message is stuck when the ping comes.
  const key = newKey(env)
  const peer = script(env, ['write', { head: GOOD_HEAD }], ['deaf'], ['released', key], ['listen'])
  const session = await open(env, peer.path, { sendBuffer: 1024 })
  const { socket } = session
  const bytes = fillPattern(new Uint8Array(1 << 24))
  env.equal(socket.sendBinary(bytes), true)
  env.equal(socket.sendText('after'), false)
  await sleep(env, 100)
  env.equal(socket.ping(fromHex('01')), true)
  await release(env, key)
  await session.until('writable')
  env.equal(socket.sendText('after'), true)
  socket.close(1000)
  await session.closed
  const { frames: sent } = await peer.report()
  const data = sent.filter((line) => /^(binary|continuation)/.test(line))
  const at = sent.indexOf('ping 01')
  env.ok(data.length > 1000, data.length + ' fragments')
  env.equal(data[0].slice(0, 6), 'binary')
  env.ok(
    data.slice(1).every((line) => line.indexOf('continuation') === 0),
    'continuations',
  )
  env.ok(
    data.every((line, i) => /more$/.test(line) === i < data.length - 1),
    'FIN on the last alone',
  )
  env.ok(at > 0 && at < data.length, 'the ping is number ' + at + ' of ' + sent.length)
  env.equal(sent.slice(-2), ['text "after"', 'close 1000 ""'])
  env.equal(session.log, ['open', 'writable', 'close 1000 "" clean'])
})

add('aborts during a write: the memory of the send ring is the caller’s again', async (env) => {
  // The peer stops reading, until the write is stuck, and reads on when the memory is used for something else.
  const key = newKey(env)
  const peer = script(env, ['write', { head: GOOD_HEAD }], ['deaf'], ['released', key], ['listen'])
  const sendBuffer = new Uint8Array(65536)
  const { socket, closed } = await open(env, peer.path, { sendBuffer })
  env.equal(socket.sendBinary(new Uint8Array(1 << 24).fill(1)), true)
  await sleep(env, 300)
  socket.abort()
  await closed
  env.ok(socket.bufferedAmount > 65536, 'it was stuck')
  sendBuffer.fill(2)
  await release(env, key)
  // What has come, if any, is fragments of the message, whole and each like the first.
  const { frames: sent } = await peer.report()
  const fragment = String(sent[0]).replace('binary', 'continuation')
  env.equal(
    sent.slice(1).filter((line) => line !== fragment),
    [],
  )
})

add('sends the Close frame after a large message', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path, { sendBuffer: 256 })
  session.socket.sendText(ascii(5000))
  session.socket.close(1000, 'after it')
  await session.closed
  const { frames: sent } = await peer.report()
  env.equal(sent[0].slice(0, 5), 'text ')
  env.ok(
    /^continuation [^,]*(, sum [0-9a-f]+)?$/.test(sent[sent.length - 2]),
    sent[sent.length - 2],
  )
  env.equal(sent[sent.length - 1], 'close 1000 "after it"')
})

export { cases as backpressure }
