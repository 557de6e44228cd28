// What a client must do on every runtime, against real peers over real sockets (`server.mjs`).
//
// Plain JavaScript without imports of any runtime, so that the same catalogue runs in each of them. A runner
// gives each case an `env` and a time limit:
//
//   connect               the target's
//   url(path)             the plain server's URL; secureUrl, strangerUrl, refusedUrl, ipv6Url, ipv6SecureUrl
//   options               options that every connection gets
//   trust                 options that make the target trust the private authority
//   equal(got, expected, message)
//   setTimeout
//   catchUncaught()       starts to collect what reaches the platform's handler of uncaught exceptions;
//                         `stop()` of what it returns gives the messages
//   deflate               makes the extension of `ringlet/deflate`
//   reconnect             of `ringlet/reconnect`
//   WebSocket             the class of `ringlet/websocket`
//   tellsResets           whether the runtime tells a reset from an end
//   tag                   a text of its own for each run against the same server
//
// A case is `{ group, name, needs, run(env) }`; `needs` names what not every target has: `trust`, `ipv6`,
// `ipv6Secure`, `uncaught`, `deflate`, `certificates`, `webSocketClass`, `reconnect`. No case asserts a time.

import { Checksum, fillPattern, fromHex, showBytes, showText, toHex, utf8 } from './bytes.mjs'
import { addReconnectCases } from './reconnect-cases.mjs'
import { GOOD_HEAD, headLength, Session } from './session.mjs'
import { addWebSocketCases } from './websocket-cases.mjs'

const cases = []

/** What the cases that follow are about: a column of the table over all runtimes. */
let group = ''

function add(name, run, needs = []) {
  cases.push({
    group,
    name,
    needs,
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

function sleep(env, delay) {
  return new Promise((done) => env.setTimeout(done, delay))
}

function connect(env, path, options, on) {
  return new Session(env, path, options, on)
}

/** Connects, and waits until it is open. */
async function open(env, path, options, on) {
  const session = connect(env, path, options, on)
  await session.when(() => session.log.length > 0)
  env.equal(session.log[0].slice(0, 4), 'open')
  return session
}

/** Ends a session properly, and compares its whole log. */
async function closeAndCompare(session, expected) {
  session.socket.close(1000)
  await session.closed
  session.env.equal(session.log, [...expected, 'close 1000 "" clean'])
}

let keys = 0

function newKey(env) {
  return env.tag + '-' + ++keys
}

/** What a raw connection is to do, and afterwards what the client did on it. */
function script(env, ...steps) {
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
function frames(env, hex, ...steps) {
  return script(env, ['write', { head: GOOD_HEAD }, hex], ...steps)
}

/** Lets `/slow` and others of that key go on. */
async function release(env, key) {
  await connect(env, '/release?key=' + key).closed
}

/** The class and id of what a call throws. */
function thrown(call) {
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

function ascii(length) {
  return 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length)
}

// Connecting, and messages
group = 'messages'

add('connects, echoes a text, closes', async (env) => {
  const session = connect(env, '/echo')
  env.equal(session.socket.readyState, 0)
  await session.until('open')
  env.equal(session.socket.readyState, 1)
  env.equal(session.socket.protocol, '')
  env.equal(session.socket.extensions, '')
  env.equal(session.socket.sendText('hello'), true)
  await session.until('text "hello"')
  session.socket.close(1000, 'bye')
  env.equal(session.socket.readyState, 2)
  await session.closed
  env.equal(session.log, ['open', 'text "hello"', 'close 1000 "bye" clean'])
})

add('calls nothing before connect has returned', async (env) => {
  let hasReturned = false
  let early = 'none'
  const on = {}
  for (const name of ['open', 'error', 'close']) {
    on[name] = () => {
      if (!hasReturned) early = name
    }
  }
  const session = connect(env, env.refusedUrl('/'), {}, on)
  hasReturned = true
  await session.closed
  env.equal(early, 'none')
})

for (const text of ['', 'ü', 'Ringlet – 環', '😀', 'a😀b', '\u0000', '\ufeffx', 'e\u0301']) {
  add('echoes the text ' + JSON.stringify(text), async (env) => {
    const session = await open(env, '/echo')
    env.equal(session.socket.sendText(text), true)
    await session.until('text "' + text + '"')
    await closeAndCompare(session, ['open', 'text "' + text + '"'])
  })
}

const SIZES = [0, 1, 125, 126, 127, 4095, 4096, 4097, 65535, 65536]

for (const size of SIZES) {
  for (const ring of size > 4097 ? [4096] : [4096, 256]) {
    add('echoes ' + size + ' bytes whole through rings of ' + ring, async (env) => {
      const session = await open(env, '/echo', {
        receiveBuffer: ring,
        sendBuffer: ring,
        maxMessageSize: 65536,
      })
      const bytes = fillPattern(new Uint8Array(size))
      env.equal(session.socket.sendBinary(bytes), true)
      await session.until('binary ' + showBytes(bytes))
      const text = ascii(size)
      await sendWhenRoom(session, () => session.socket.sendText(text))
      await session.until('text ' + showText(text))
      session.socket.close(1000)
      await session.closed
      env.equal(
        session.log.filter((line) => line !== 'writable'),
        ['open', 'binary ' + showBytes(bytes), 'text ' + showText(text), 'close 1000 "" clean'],
      )
    })
  }
}

/** Sends as soon as it fits. */
async function sendWhenRoom(session, send) {
  while (!send()) {
    const before = session.log.filter((line) => line === 'writable').length
    await session.until('writable', before + 1)
  }
}

add('echoes 1 MiB whole', async (env) => {
  const session = await open(env, '/echo', { maxMessageSize: 1 << 20 })
  const bytes = fillPattern(new Uint8Array(1 << 20))
  env.equal(session.socket.sendBinary(bytes), true)
  await session.until('binary ' + showBytes(bytes))
  env.equal(session.socket.bufferedAmount, 0)
  session.socket.close(1000)
  await session.closed
})

add('sends a large text whose characters take 1 to 4 bytes', async (env) => {
  const session = await open(env, '/checksum', { sendBuffer: 256 })
  let text = ''
  while (text.length < 5000) text += 'aé€😀b'.slice(0, 1 + (text.length % 7) === 5 ? 3 : 6)
  env.equal(session.socket.sendText(text), true)
  const expected = 'text "text ' + new Checksum().add(utf8(text)) + '"'
  await session.until(expected)
  session.socket.close(1000)
  await session.closed
  env.equal(
    session.log.filter((line) => line !== 'writable'),
    ['open', expected, 'close 1000 "" clean'],
  )
})

/** Sends `total` bytes of the pattern as one message in pieces; gives up when the connection ends. */
async function sendPieces(session, total, size) {
  const piece = new Uint8Array(size)
  for (let sent = 0; sent < total && !session.isOver; sent += size) {
    fillPattern(piece, sent)
    await sendWhenRoom(session, () =>
      session.socket.sendFragment(piece, 0, size, 2, sent + size === total),
    )
    // What is larger than the ring stays the caller's until `onWritable`.
    if (session.socket.bufferedAmount > 4096) {
      await session.until('writable', session.log.filter((line) => line === 'writable').length + 1)
    }
  }
}

for (const [size, total, ring] of [
  [4000, 16000000, 4096],
  [65536, 1 << 24, 4096],
  [100, 200000, 256],
]) {
  add(
    'passes ' + total + ' bytes both ways in fragments of ' + size + ' through rings of ' + ring,
    async (env) => {
      const received = new Checksum()
      let isFinal = false
      let largest = 0
      const session = await open(
        env,
        '/echo',
        { receiveBuffer: ring, sendBuffer: ring },
        {
          fragments: true,
          quiet: true,
          fragment(session, bytes, start, end, kind, final) {
            received.add(bytes, start, end)
            largest = Math.max(largest, end - start)
            if (kind !== 2 || isFinal) session.say('unexpected fragment of kind ' + kind)
            isFinal = final
            if (final) session.look()
          },
        },
      )
      await sendPieces(session, total, size)
      await session.when(() => isFinal || session.isOver)
      const sent = new Checksum()
      const piece = new Uint8Array(65536)
      for (let at = 0; at < total; at += piece.length) {
        sent.add(fillPattern(piece, at), 0, Math.min(piece.length, total - at))
      }
      env.equal('' + received, '' + sent)
      env.ok(largest <= ring, 'a span of ' + largest + ' bytes')
      session.socket.close(1000)
      await session.closed
      env.equal(
        session.log.filter((line) => line !== 'writable'),
        ['open', 'close 1000 "" clean'],
      )
    },
  )
}

add("sends 16 MiB of the caller's memory in one call through a ring of 4096", async (env) => {
  const session = await open(env, '/checksum', { sendBuffer: 4096 })
  const bytes = fillPattern(new Uint8Array(1 << 24))
  env.equal(session.socket.sendBinary(bytes), true)
  const expected = 'text "binary ' + new Checksum().add(bytes) + '"'
  await session.until(expected)
  session.socket.close(1000)
  await session.closed
  env.equal(session.log, ['open', 'writable', expected, 'close 1000 "" clean'])
})

add("sends a part of the caller's bytes", async (env) => {
  const session = await open(env, '/echo')
  const { socket } = session
  const bytes = fromHex('0102030405')
  socket.sendBinary(bytes, 1, 3)
  socket.sendBinary(bytes, 4)
  socket.sendBinary(bytes, 5)
  // Copied: what becomes of it now does not matter.
  bytes.fill(9)
  await session.until('binary empty')
  await closeAndCompare(session, ['open', 'binary 0203', 'binary 05', 'binary empty'])
})

add('uses the memory that the caller passes in', async (env) => {
  const memory = new Uint8Array(1024)
  const received = memory.subarray(100, 500)
  let isInside = false
  const session = await open(
    env,
    '/echo',
    { receiveBuffer: received, sendBuffer: memory.subarray(512) },
    {
      binary(_, bytes, start, end) {
        isInside =
          bytes.buffer === memory.buffer &&
          bytes.byteOffset + start >= 100 &&
          bytes.byteOffset + end <= 500
      },
    },
  )
  session.socket.sendBinary(fromHex('0a0b0c'))
  await session.until('binary 0a0b0c')
  env.ok(isInside, 'the bytes lie where the caller wanted them')
  await closeAndCompare(session, ['open', 'binary 0a0b0c'])
})

add("takes keys and masks from the caller's source", async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  let drawn = 0
  const random = (bytes) => {
    drawn += bytes.length
    for (let i = 0; i < bytes.length; i++) bytes[i] = 7
  }
  const session = await open(env, peer.path, { random })
  session.socket.sendText('masked')
  session.socket.close()
  await session.closed
  env.ok(drawn >= 24, drawn + ' bytes were drawn')
  env.equal((await peer.report()).frames, ['text "masked"', 'close empty'])
})

group = 'fragments'

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

group = 'ping and pong'

for (const payload of ['', '00', '00ff0d0a8081', toHex(fillPattern(new Uint8Array(125)))]) {
  add(
    'answers a ping of ' +
      payload.length / 2 +
      ' bytes (' +
      payload.slice(0, 12) +
      ') with the same bytes',
    async (env) => {
      const session = await open(env, '/ping?payload=' + payload)
      await session.until('text ' + showText('got pong ' + payload))
      await closeAndCompare(session, [
        'open',
        'ping ' + showBytes(fromHex(payload)),
        'text ' + showText('got pong ' + payload),
      ])
    },
  )
}

add('sends pings, and tells of the pongs', async (env) => {
  const session = await open(env, '/ping')
  session.socket.ping()
  session.socket.ping(fromHex('00ff'))
  await session.until('text "got ping 00ff"')
  await session.until('pong 00ff')
  session.socket.close(1000)
  await session.closed
  const sorted = (kind) => session.log.filter((line) => line.indexOf(kind) === 0)
  env.equal(sorted('pong'), ['pong empty', 'pong 00ff'])
  env.equal(sorted('text'), ['text "got ping "', 'text "got ping 00ff"'])
})

add('tells of a pong that nobody asked for', async (env) => {
  const session = connect(env, frames(env, '8a 01 00 88 00').path)
  await session.closed
  env.equal(session.log, ['open', 'pong 00', 'close 1005 "" clean'])
})

add('answers each of 5000 pings in one packet, through rings of 256', async (env) => {
  const peer = script(
    env,
    ['write', { head: GOOD_HEAD }, { times: 5000, hex: '890170' }],
    ['frames', 5000],
    ['write', '8800'],
  )
  const session = connect(env, peer.path, { receiveBuffer: 256, sendBuffer: 256 })
  await session.closed
  env.equal(session.log.filter((line) => line === 'ping 70').length, 5000)
  const { frames: sent } = await peer.report()
  env.equal(sent.filter((line) => line === 'pong 70').length, 5000)
  env.equal(sent[5000], 'close empty')
})

group = 'packets'

add('takes a frame in the same packet as the response', async (env) => {
  const session = connect(env, frames(env, '81 05 68656c6c6f 82 01 00 88 02 03e8').path)
  await session.closed
  env.equal(session.log, ['open', 'text "hello"', 'binary 00', 'close 1000 "" clean'])
})

add('takes all of it one byte at a time', async (env) => {
  const hex =
    '81 05 68656c6c6f 01 02 c3a9 89 01 70 80 01 21 82 7e 0080' +
    toHex(fillPattern(new Uint8Array(128)))
  const peer = script(env, ['bytewise', { head: GOOD_HEAD }, hex, '88 05 03e8 627965'])
  const session = connect(env, peer.path)
  await session.closed
  env.equal(session.log, [
    'open',
    'text "hello"',
    'ping 70',
    'text "é!"',
    'binary ' + showBytes(fillPattern(new Uint8Array(128))),
    'close 1000 "bye" clean',
  ])
})

add('puts the sends of one turn in one packet', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path)
  const { socket } = session
  for (let i = 0; i < 20; i++) socket.sendText('message ' + i)
  socket.ping()
  socket.close(1000)
  await session.closed
  const report = await peer.report()
  env.equal(report.frames.length, 22)
  env.equal(report.frames[19], 'text "message 19"')
  env.equal(report.chunks, 1)
})

group = 'backpressure'

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

group = 'closing'

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

// Ends without a Close frame
group = 'ends'

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

group = 'deadlines'

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

// TLS and addresses
group = 'TLS, IPv6'

add(
  'wss: echoes',
  async (env) => {
    const session = await open(env, env.secureUrl('/echo'), env.trust)
    const bytes = fillPattern(new Uint8Array(65536))
    session.socket.sendText('sécret')
    session.socket.sendBinary(bytes)
    await session.until('binary ' + showBytes(bytes))
    session.socket.close(1000)
    await session.closed
    env.equal(
      session.log.filter((line) => line !== 'writable'),
      ['open', 'text "sécret"', 'binary ' + showBytes(bytes), 'close 1000 "" clean'],
    )
  },
  ['trust'],
)

add(
  'wss: passes 1 MiB both ways in fragments through rings of 4096',
  async (env) => {
    const received = new Checksum()
    let isFinal = false
    const session = await open(
      env,
      env.secureUrl('/echo'),
      { ...env.trust, receiveBuffer: 4096, sendBuffer: 4096 },
      {
        fragments: true,
        quiet: true,
        fragment(session, bytes, start, end, _, final) {
          received.add(bytes, start, end)
          isFinal = final
          if (final) session.look()
        },
      },
    )
    const bytes = fillPattern(new Uint8Array(1 << 20))
    session.socket.sendBinary(bytes)
    await session.when(() => isFinal)
    env.equal('' + received, '' + new Checksum().add(bytes))
    session.socket.close(1000)
    await session.closed
  },
  ['trust'],
)

add(
  'wss: pauses and resumes',
  async (env) => {
    const session = connect(
      env,
      env.secureUrl('/messages?n=300'),
      { ...env.trust, receiveBuffer: 256 },
      {
        text(session, text) {
          if (+text % 50 !== 0) return
          session.socket.pause()
          env.setTimeout(() => session.socket.resume(), 5)
        },
      },
    )
    await session.closed
    const expected = ['open']
    for (let i = 0; i < 300; i++) expected.push('text "' + i + '"')
    env.equal(session.log, [...expected, 'close 1000 "sent" clean'])
  },
  ['trust'],
)

add(
  'wss: everything that came before the end is delivered, though paused, and more than a ring of it',
  async (env) => {
    const session = connect(
      env,
      env.secureUrl(frames(env, '81 01 61 '.repeat(200), ['fin']).path),
      { ...env.trust, receiveBuffer: 256 },
      {
        text(session) {
          if (session.log.length > 2) return
          session.socket.pause()
          env.setTimeout(() => session.socket.resume(), 100)
        },
      },
    )
    await session.closed
    env.equal(session.log, [
      'open',
      ...Array(200).fill('text "a"'),
      'error CONNECTION_ENDED 1006',
      'close 1006 "CONNECTION_ENDED" unclean',
    ])
  },
  ['trust'],
)

add(
  'wss: a violation by the peer',
  async (env) => {
    const peer = frames(env, '81 01 61 83 00')
    const session = connect(env, env.secureUrl(peer.path), env.trust)
    await session.closed
    env.equal(session.log, [
      'open',
      'text "a"',
      'error RESERVED_OPCODE 1002 @3',
      'close 1002 "RESERVED_OPCODE" unclean',
    ])
    env.equal((await peer.report()).frames, ['close 1002 ""'])
  },
  ['trust'],
)

add(
  'wss: an authority that nobody trusts is refused',
  async (env) => {
    const session = connect(env, env.secureUrl('/echo'))
    await session.closed
    env.equal(session.log, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
  },
  ['certificates'],
)

add(
  'wss: the certificate of another host is refused',
  async (env) => {
    const session = connect(env, env.strangerUrl('/echo'), env.trust)
    await session.closed
    env.equal(session.log, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
  },
  ['trust', 'certificates'],
)

add(
  'wss: to a server without TLS',
  async (env) => {
    const session = connect(env, env.url('/echo').replace('ws:', 'wss:'), {
      ...env.trust,
      handshakeTimeout: 300,
    })
    await session.closed
    env.equal(session.log.length, 2)
    env.ok(
      /^error (CONNECT_FAILED|HANDSHAKE_TIMEOUT|CONNECTION_ENDED) 1006$/.test(session.log[0]),
      session.log[0],
    )
  },
  ['trust'],
)

add(
  'aborts during the TLS handshake',
  async (env) => {
    const session = connect(env, env.secureUrl('/echo'), env.trust)
    await sleep(env, 1)
    session.socket.abort()
    await session.closed
    env.equal(session.log[session.log.length - 1], 'close 1006 "" unclean')
  },
  ['trust'],
)

add(
  'IPv6 literal',
  async (env) => {
    const session = await open(env, env.ipv6Url('/request'))
    await session.when(() => session.log.length > 1)
    session.socket.close(1000)
    await session.closed
    const host = env.ipv6Url('').slice('ws://'.length)
    env.equal(host.slice(0, 6), '[::1]:')
  },
  ['ipv6'],
)

add(
  'IPv6 literal with TLS',
  async (env) => {
    const session = await open(env, env.ipv6SecureUrl('/echo'), env.trust)
    session.socket.sendText('six')
    await session.until('text "six"')
    await closeAndCompare(session, ['open', 'text "six"'])
  },
  ['ipv6Secure', 'trust'],
)

group = 'request'

/** The request line's target and the header lines that the server got. */
async function requestOf(env, url, options) {
  let lines
  const session = await open(env, url, options, {
    text(_, text) {
      lines = JSON.parse(text)
    },
  })
  await session.when(() => session.log.length > 1)
  session.socket.close(1000)
  await session.closed
  return lines
}

function field(lines, name) {
  return lines.slice(1).filter((line) => line.toLowerCase().indexOf(name.toLowerCase() + ':') === 0)
}

add('the request has what RFC 6455 asks for, and nothing twice', async (env) => {
  const lines = await requestOf(env, '/request?a=1&b=%20')
  env.equal(lines[0], '/request?a=1&b=%20')
  env.equal(field(lines, 'Host'), ['Host: ' + env.url('').slice('ws://'.length)])
  env.equal(field(lines, 'Upgrade'), ['Upgrade: websocket'])
  env.equal(field(lines, 'Connection'), ['Connection: Upgrade'])
  env.equal(field(lines, 'Sec-WebSocket-Version'), ['Sec-WebSocket-Version: 13'])
  env.equal(field(lines, 'Authorization'), [])
  env.equal(field(lines, 'Sec-WebSocket-Extensions'), [])
  env.equal(field(lines, 'Sec-WebSocket-Protocol'), [])
  const [key] = field(lines, 'Sec-WebSocket-Key')
  env.ok(/^Sec-WebSocket-Key: [A-Za-z0-9+/]{21}[AQgw]==$/.test(key), key)
  const [other] = field(await requestOf(env, '/request'), 'Sec-WebSocket-Key')
  env.ok(other !== key, 'a new key for each connection')
})

add(
  'the IPv6 address stands in brackets in Host',
  async (env) => {
    const lines = await requestOf(env, env.ipv6Url('/request'))
    env.equal(field(lines, 'Host'), ['Host: ' + env.ipv6Url('').slice('ws://'.length)])
  },
  ['ipv6'],
)

for (const [userInfo, expected] of [
  ['user:pass@', 'dXNlcjpwYXNz'],
  ['Aladdin:open%20sesame@', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
  ['user@', 'dXNlcjo='],
  [':pass@', 'OnBhc3M='],
  ['a%40b:c%3Ad@', 'YUBiOmM6ZA=='],
  ['j%C3%BCrgen:%F0%9F%98%80@', 'asO8cmdlbjrwn5iA'],
  ['jürgen:😀@', 'asO8cmdlbjrwn5iA'],
]) {
  add('userinfo ' + userInfo + ' becomes Basic authorization', async (env) => {
    const lines = await requestOf(env, env.url('/request').replace('//', '//' + userInfo))
    env.equal(field(lines, 'Authorization'), ['Authorization: Basic ' + expected])
    env.equal(field(lines, 'Host'), ['Host: ' + env.url('').slice('ws://'.length)])
  })
}

add('sends further headers, and lets them replace Host and Authorization', async (env) => {
  const lines = await requestOf(env, env.url('/request').replace('//', '//user:pass@'), {
    headers: {
      'X-One': 'a\tb, c',
      'x-empty': '',
      HOST: 'other.example',
      authorization: 'Bearer t',
      'User-Agent': 'test',
    },
  })
  env.equal(field(lines, 'X-One'), ['X-One: a\tb, c'])
  env.equal(field(lines, 'x-empty'), ['x-empty: '])
  env.equal(field(lines, 'Host'), ['HOST: other.example'])
  env.equal(field(lines, 'Authorization'), ['authorization: Bearer t'])
  env.equal(field(lines, 'User-Agent'), ['User-Agent: test'])
})

for (const [asked, chosen, header] of [
  ['chat', 'chat', 'chat'],
  [['chat', 'super.chat'], 'super.chat', 'chat, super.chat'],
  [['a', 'b', 'c'], 'a', 'a, b, c'],
]) {
  add('subprotocol: asks for ' + header + ', gets ' + chosen, async (env) => {
    const session = await open(env, '/request?choose=' + chosen, { protocols: asked })
    env.equal(session.socket.protocol, chosen)
    await session.when(() => session.log.length > 1)
    session.socket.close(1000)
    await session.closed
    env.equal(session.log[0], 'open protocol ' + chosen)
  })
}

add('subprotocols: none is chosen', async (env) => {
  const session = connect(env, frames(env, '88 00').path, { protocols: ['a', 'b'] })
  await session.closed
  env.equal(session.log, ['open', 'close 1005 "" clean'])
})

group = 'misuse'

for (const [url, expected] of [
  ['', 'TypeError BAD_URL'],
  ['not a url', 'TypeError BAD_URL'],
  ['//host/path', 'TypeError BAD_URL'],
  ['ws://', 'TypeError BAD_URL'],
  ['ws://host:99999/', 'TypeError BAD_URL'],
  ['http://127.0.0.1/', 'TypeError BAD_URL'],
  ['https://127.0.0.1/', 'TypeError BAD_URL'],
  ['wsx://127.0.0.1/', 'TypeError BAD_URL'],
  ['file:///etc/passwd', 'TypeError BAD_URL'],
  ['ws://127.0.0.1/#fragment', 'TypeError BAD_URL'],
  ['ws://127.0.0.1/#', 'TypeError BAD_URL'],
]) {
  add('misuse: connect to ' + JSON.stringify(url), async (env) => {
    env.equal(
      thrown(() => env.connect(url, {}, env.options)),
      expected,
    )
  })
}

add('misuse: the message of a bad URL does not repeat its password', async (env) => {
  let message
  try {
    env.connect('http://user:secret@host/', {}, env.options)
  } catch (error) {
    message = error.message
  }
  env.equal(message.indexOf('secret'), -1)
})

for (const protocols of [
  '',
  'two words',
  'a,b',
  'ü',
  'a\r\nb',
  '"a"',
  ['a', 'a'],
  ['a', ''],
  ['a', 'b', 'a'],
  5,
  null,
  ['a', undefined],
]) {
  add('misuse: subprotocols ' + JSON.stringify(protocols), async (env) => {
    env.equal(
      thrown(() => env.connect(env.url('/'), {}, { ...env.options, protocols })),
      'TypeError BAD_SUBPROTOCOL',
    )
  })
}

for (const [name, value] of [
  ['X', 'a\rb'],
  ['X', 'a\nb'],
  ['X', 'a\r\nInjected: yes'],
  ['X', 'a\u0000b'],
  ['X', '\u007f'],
  ['X', 'ü'],
  ['X', undefined],
  ['X', null],
  ['', 'a'],
  ['a b', 'c'],
  ['X:', 'a'],
  ['X\r\nY', 'a'],
  ['Connection', 'close'],
  ['connection', 'close'],
  ['Upgrade', 'h2c'],
  ['Sec-WebSocket-Key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
  ['sec-websocket-version', '8'],
  ['Sec-WebSocket-Protocol', 'chat'],
  ['Sec-WebSocket-Extensions', 'x'],
]) {
  add('misuse: header ' + JSON.stringify(name + ': ' + value), async (env) => {
    const headers = {}
    headers[name] = value
    env.equal(
      thrown(() => env.connect(env.url('/'), {}, { ...env.options, headers })),
      'TypeError BAD_HEADER',
    )
  })
}

for (const [name, value] of [
  ['receiveBuffer', 255],
  ['receiveBuffer', -1],
  ['receiveBuffer', NaN],
  ['receiveBuffer', new Uint8Array(255)],
  ['sendBuffer', 255],
  ['sendBuffer', 'large'],
  ['sendBuffer', new Uint8Array(0)],
  ['maxMessageSize', -1],
  ['maxMessageSize', NaN],
  ['maxFragments', -1],
  ['maxEmptyFragments', NaN],
  ['maxControlFrames', -5],
  ['maxResponseHead', 'big'],
  ['handshakeTimeout', -1],
  ['closeTimeout', NaN],
  ['idleTimeout', -1],
  ['pingInterval', 'soon'],
  ['pongTimeout', -0.5],
]) {
  const shown =
    value instanceof Uint8Array ? 'of ' + value.length + ' bytes' : JSON.stringify(value)
  add('misuse: option ' + name + ' ' + shown, async (env) => {
    const options = { ...env.options }
    options[name] = value
    env.equal(
      thrown(() => env.connect(env.url('/'), {}, options)),
      'RangeError BAD_OPTION',
    )
  })
}

add('misuse: none is a connection that nobody hears of', async (env) => {
  const socket = env.connect(env.url('/?then=close'), undefined, env.options)
  env.equal(socket.readyState, 0)
  socket.abort()
  env.equal(socket.readyState, 3)
})

/** Calls that throw while the connection is open, and leave it as it was. */
const MISUSES = [
  ['close(0)', (socket) => socket.close(0), 'RangeError BAD_CLOSE_CODE'],
  ['close(999)', (socket) => socket.close(999), 'RangeError BAD_CLOSE_CODE'],
  ['close(1004)', (socket) => socket.close(1004), 'RangeError BAD_CLOSE_CODE'],
  ['close(1005)', (socket) => socket.close(1005), 'RangeError BAD_CLOSE_CODE'],
  ['close(1006)', (socket) => socket.close(1006), 'RangeError BAD_CLOSE_CODE'],
  ['close(1015)', (socket) => socket.close(1015), 'RangeError BAD_CLOSE_CODE'],
  ['close(2000)', (socket) => socket.close(2000), 'RangeError BAD_CLOSE_CODE'],
  ['close(5000)', (socket) => socket.close(5000), 'RangeError BAD_CLOSE_CODE'],
  ['close(1000.5)', (socket) => socket.close(1000.5), 'RangeError BAD_CLOSE_CODE'],
  ['close(NaN)', (socket) => socket.close(NaN), 'RangeError BAD_CLOSE_CODE'],
  ['close(null)', (socket) => socket.close(null), 'RangeError BAD_CLOSE_CODE'],
  [
    'close with a reason alone',
    (socket) => socket.close(undefined, 'why'),
    'RangeError BAD_CLOSE_CODE',
  ],
  [
    'close with a reason of 124 bytes',
    (socket) => socket.close(1000, ascii(124)),
    'RangeError BAD_CLOSE_REASON',
  ],
  [
    'close with a reason of 42 × 3 bytes',
    (socket) => socket.close(1000, ascii(42).replace(/./g, '環')),
    'RangeError BAD_CLOSE_REASON',
  ],
  ['ping of 126 bytes', (socket) => socket.ping(new Uint8Array(126)), 'RangeError BAD_PING'],
  ['ping of a string', (socket) => socket.ping('text'), 'TypeError BAD_BYTES'],
  ['sendText of a number', (socket) => socket.sendText(5), 'TypeError BAD_TEXT'],
  ['sendText of nothing', (socket) => socket.sendText(), 'TypeError BAD_TEXT'],
  ['sendText of bytes', (socket) => socket.sendText(new Uint8Array(3)), 'TypeError BAD_TEXT'],
  ['sendBinary of a string', (socket) => socket.sendBinary('text'), 'TypeError BAD_BYTES'],
  [
    'sendBinary of an ArrayBuffer',
    (socket) => socket.sendBinary(new ArrayBuffer(4), 0, 4),
    'TypeError BAD_BYTES',
  ],
  ['sendBinary of an array', (socket) => socket.sendBinary([1, 2]), 'TypeError BAD_BYTES'],
  [
    'sendBinary from −1',
    (socket) => socket.sendBinary(new Uint8Array(4), -1),
    'RangeError BAD_RANGE',
  ],
  [
    'sendBinary from behind the end',
    (socket) => socket.sendBinary(new Uint8Array(4), 3, 2),
    'RangeError BAD_RANGE',
  ],
  [
    'sendBinary beyond the bytes',
    (socket) => socket.sendBinary(new Uint8Array(4), 0, 5),
    'RangeError BAD_RANGE',
  ],
  [
    'sendBinary from NaN',
    (socket) => socket.sendBinary(new Uint8Array(4), NaN),
    'RangeError BAD_RANGE',
  ],
  [
    'sendFragment beyond the bytes',
    (socket) => socket.sendFragment(new Uint8Array(4), 2, 9, 2, true),
    'RangeError BAD_RANGE',
  ],
  [
    'sendFragment of the kind 0',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 0, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 3',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 3, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 8',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 8, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 9',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 9, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 10',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 10, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind undefined',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, undefined, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 1.5',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 1.5, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendFragment of the kind 17',
    (socket) => socket.sendFragment(fromHex('03e8'), 0, 2, 17, true),
    'RangeError BAD_KIND',
  ],
  [
    'sendBinary to the middle of a byte',
    (socket) => socket.sendBinary(new Uint8Array(4), 0, 1.5),
    'RangeError BAD_RANGE',
  ],
  [
    'sendFragment of text that is not UTF-8',
    (socket) => socket.sendFragment(fromHex('61ff'), 0, 2, 1, true),
    'TypeError BAD_TEXT',
  ],
  [
    'sendFragment of text that ends in a character',
    (socket) => socket.sendFragment(fromHex('c3'), 0, 1, 1, true),
    'TypeError BAD_TEXT',
  ],
]

add('misuse while open: each throws its own, and nothing of it is sent', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path)
  for (const [name, call, expected] of MISUSES)
    env.equal(name + ': ' + thrown(() => call(session.socket)), name + ': ' + expected)
  env.equal(session.socket.readyState, 1)
  env.equal(session.socket.bufferedAmount, 0)
  session.socket.sendText('still here')
  session.socket.close(1000)
  await session.closed
  env.equal((await peer.report()).frames, ['text "still here"', 'close 1000 ""'])
})

add('misuse: another message in the middle of one', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path)
  const { socket } = session
  const bytes = utf8('abcd')
  socket.sendFragment(bytes, 0, 2, 1, false)
  env.equal(
    thrown(() => socket.sendText('x')),
    'Error MESSAGE_OPEN',
  )
  env.equal(
    thrown(() => socket.sendBinary(bytes)),
    'Error MESSAGE_OPEN',
  )
  env.equal(
    thrown(() => socket.sendFragment(bytes, 2, 4, 2, true)),
    'Error MESSAGE_OPEN',
  )
  socket.sendFragment(bytes, 2, 4, 1, true)
  socket.sendBinary(bytes, 3)
  socket.close(1000)
  await session.closed
  env.equal((await peer.report()).frames, [
    'text 6162, more',
    'continuation 6364',
    'binary 64',
    'close 1000 ""',
  ])
})

/** What may be called only while the connection is open. */
const SENDS = [
  (socket) => socket.sendText('x'),
  (socket) => socket.sendBinary(new Uint8Array(1)),
  (socket) => socket.sendFragment(new Uint8Array(1), 0, 1, 2, true),
  (socket) => socket.ping(),
]
const NOT_OPEN = SENDS.map(() => 'Error NOT_OPEN')

function sendAll(socket) {
  return SENDS.map((send) => thrown(() => send(socket)))
}

add('misuse: sends before open, while closing, after the end', async (env) => {
  const session = connect(env, '/echo')
  const { socket } = session
  env.equal(sendAll(socket), NOT_OPEN, 'while connecting')
  env.equal(
    thrown(() => socket.close(1005)),
    'RangeError BAD_CLOSE_CODE',
  )
  await session.until('open')
  socket.close(1000)
  env.equal(sendAll(socket), NOT_OPEN, 'while closing')
  env.equal(
    thrown(() => socket.close(1005)),
    'RangeError BAD_CLOSE_CODE',
  )
  await session.closed
  env.equal(sendAll(socket), NOT_OPEN, 'when closed')
  env.equal(
    thrown(() => socket.close(1005)),
    'RangeError BAD_CLOSE_CODE',
  )
  socket.pause()
  socket.resume()
  socket.abort()
  env.equal(session.log, ['open', 'close 1000 "" clean'])
})

// RFC 6455 section 4.1
group = 'handshake'

/** A response: its status line, and the fields by name; undefined leaves one out. */
function response(fields = {}, statusLine = 'HTTP/1.1 101 Switching Protocols') {
  const all = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': '$ACCEPT',
    ...fields,
  }
  let head = statusLine + '\r\n'
  for (const name in all) {
    const values = typeof all[name] === 'object' ? all[name] : [all[name]]
    for (const value of values) if (value !== undefined) head += name + ': ' + value + '\r\n'
  }
  return head + '\r\n'
}

/** Marks the last octet of a head as the wrong one: what is checked when all of it is there. */
function whole(head) {
  return head.slice(0, -1) + '^\n'
}

/** A ^ stands before the octet that is wrong: the one whose arrival settles it. */
const BAD_HANDSHAKES = [
  ['status 200', whole(response({}, 'HTTP/1.1 200 OK')), 'BAD_STATUS'],
  ['status 426', whole(response({}, 'HTTP/1.1 426 Upgrade Required')), 'BAD_STATUS'],
  ['HTTP/1.0', 'HTTP/1.0 101 Switching Protocols\r^\n\r\n', 'BAD_RESPONSE'],
  ['HTTP/2', 'HTTP/2 101\r^\n\r\n', 'BAD_RESPONSE'],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r^\n', 'BAD_RESPONSE'],
  ['an empty first line', '\r^\n', 'BAD_RESPONSE'],
  ['a status that is no number', 'HTTP/1.1 1x1 X\r^\n', 'BAD_RESPONSE'],
  ['a status of two digits', 'HTTP/1.1 99 X\r^\n', 'BAD_RESPONSE'],
  ['a status of four digits', 'HTTP/1.1 1010 X\r^\n', 'BAD_RESPONSE'],
  ['no Upgrade', whole(response({ Upgrade: undefined })), 'BAD_UPGRADE'],
  ['another Upgrade', whole(response({ Upgrade: 'h2c' })), 'BAD_UPGRADE'],
  ['Upgrade twice', whole(response({ Upgrade: ['websocket', 'websocket'] })), 'BAD_UPGRADE'],
  ['no Connection', whole(response({ Connection: undefined })), 'BAD_CONNECTION'],
  ['another Connection', whole(response({ Connection: 'keep-alive' })), 'BAD_CONNECTION'],
  [
    'a Connection that only contains it',
    whole(response({ Connection: 'upgrades' })),
    'BAD_CONNECTION',
  ],
  ['no accept value', whole(response({ 'Sec-WebSocket-Accept': undefined })), 'BAD_ACCEPT'],
  ['an empty accept value', whole(response({ 'Sec-WebSocket-Accept': '' })), 'BAD_ACCEPT'],
  [
    'a wrong accept value',
    whole(response({ 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' })),
    'BAD_ACCEPT',
  ],
  [
    'the accept value twice',
    whole(response({ 'Sec-WebSocket-Accept': ['$ACCEPT', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='] })),
    'BAD_ACCEPT',
  ],
  ['a subprotocol, unasked', whole(response({ 'Sec-WebSocket-Protocol': 'chat' })), 'BAD_PROTOCOL'],
  [
    'an empty subprotocol, unasked',
    whole(response({ 'Sec-WebSocket-Protocol': '' })),
    'BAD_PROTOCOL',
  ],
  [
    'another subprotocol',
    whole(response({ 'Sec-WebSocket-Protocol': 'chat' })),
    'BAD_PROTOCOL',
    ['a', 'b'],
  ],
  [
    'two subprotocols',
    whole(response({ 'Sec-WebSocket-Protocol': 'a, b' })),
    'BAD_PROTOCOL',
    ['a', 'b'],
  ],
  [
    'a subprotocol twice',
    whole(response({ 'Sec-WebSocket-Protocol': ['a', 'a'] })),
    'BAD_PROTOCOL',
    ['a', 'b'],
  ],
  [
    'a subprotocol in another case',
    whole(response({ 'Sec-WebSocket-Protocol': 'A' })),
    'BAD_PROTOCOL',
    ['a'],
  ],
  ['a line without a colon', 'HTTP/1.1 101 X\r\nUpgrade\r^\n', 'BAD_RESPONSE'],
  ['a folded line', 'HTTP/1.1 101 X\r\nUpgrade: web\r\n socket\r^\n', 'BAD_RESPONSE'],
  ['a line folded by a tab', 'HTTP/1.1 101 X\r\nUpgrade:\r\n\twebsocket\r^\n', 'BAD_RESPONSE'],
  ['a space before the colon', 'HTTP/1.1 101 X\r\nUpgrade : websocket\r^\n', 'BAD_RESPONSE'],
  ['an empty field name', 'HTTP/1.1 101 X\r\n: websocket\r^\n', 'BAD_RESPONSE'],
  ['LF without CR', 'HTTP/1.1 101 X^\nUpgrade: websocket\n', 'BAD_RESPONSE'],
  ['CR without LF', 'HTTP/1.1 101 X\r^Upgrade: websocket\r', 'BAD_RESPONSE'],
  ['CR twice', 'HTTP/1.1 101 X\r^\r\n', 'BAD_RESPONSE'],
  ['NUL', 'HTTP/1.1 101 X\r\nUpgrade: web^\u0000socket\r\n', 'BAD_RESPONSE'],
  ['a control character', 'HTTP/1.1 101 X\r\nUpgrade: web^\u0001socket\r\n', 'BAD_RESPONSE'],
]

for (const [name, marked, id, protocols] of BAD_HANDSHAKES) {
  for (const step of ['write', 'bytewise']) {
    add('handshake: ' + name + (step === 'write' ? '' : ', byte by byte'), async (env) => {
      const head = marked.replace('^', '')
      const offset = headLength(marked.slice(0, marked.indexOf('^')))
      const peer = script(env, [step, { head }, '81 01 78 88 00'])
      const session = connect(env, peer.path, protocols ? { protocols } : {})
      await session.closed
      env.equal(session.log, [
        'error ' + id + ' 1006 head@' + offset,
        'close 1006 "' + id + '" unclean',
      ])
      env.equal((await peer.report()).frames, [])
    })
  }
}

for (const value of ['permessage-deflate', 'x', 'permessage-deflate; client_max_window_bits=8']) {
  add('handshake: the extension ' + value + ', unasked', async (env) => {
    const head = response({ 'Sec-WebSocket-Extensions': value })
    const session = connect(env, script(env, ['write', { head }, '81 01 78']).path)
    await session.closed
    env.equal(
      session.log.map((line) => line.split(' head@')[0]),
      ['error BAD_EXTENSIONS 1006', 'close 1006 "BAD_EXTENSIONS" unclean'],
    )
  })
}

add('handshake: a head over maxResponseHead', async (env) => {
  const head = response({ 'X-Long': ascii(200) })
  const session = connect(env, script(env, ['write', { head }]).path, { maxResponseHead: 300 })
  await session.closed
  env.equal(session.log, [
    'error RESPONSE_TOO_BIG 1006 head@300',
    'close 1006 "RESPONSE_TOO_BIG" unclean',
  ])
})

add('handshake: a head of exactly maxResponseHead', async (env) => {
  const head = response({ 'X-Long': ascii(200) })
  const peer = script(env, ['write', { head }, '88 00'])
  const session = connect(env, peer.path, { maxResponseHead: headLength(head) }, { head })
  await session.closed
  env.equal(session.log, ['open', 'close 1005 "" clean'])
})

add('handshake: a head that never ends', async (env) => {
  const peer = script(env, [
    'write',
    { head: 'HTTP/1.1 101 X\r\n' },
    { times: 9000, hex: toHex(utf8('A: b\r\n')) },
  ])
  const session = connect(env, peer.path)
  await session.closed
  env.equal(session.log, [
    'error RESPONSE_TOO_BIG 1006 head@16384',
    'close 1006 "RESPONSE_TOO_BIG" unclean',
  ])
})

add('handshake: the error of a refusal has the status and Retry-After', async (env) => {
  const head = response({ 'Retry-After': '120' }, 'HTTP/1.1 503 Service Unavailable')
  let error
  const session = connect(
    env,
    script(env, ['write', { head }]).path,
    {},
    { error: (_, given) => (error = given) },
  )
  await session.closed
  env.equal([error.id, error.status, error.headers['retry-after']], ['BAD_STATUS', 503, '120'])
})

for (const [name, head] of [
  ['no reason phrase', response({}, 'HTTP/1.1 101 ')],
  ['no reason phrase, and no space', response({}, 'HTTP/1.1 101')],
  ['bytes above 127 in the reason phrase', response({}, 'HTTP/1.1 101 \u00e9')],
  [
    'another case of names and values',
    response()
      .replace('Upgrade: websocket', 'UPGRADE: WebSocket')
      .replace('Connection: Upgrade', 'connection: upgrade'),
  ],
  [
    'no spaces, and more of them',
    response()
      .replace('Upgrade: websocket', 'Upgrade:websocket')
      .replace('Connection: Upgrade', 'Connection: \t Upgrade \t'),
  ],
  [
    'responses of 1xx before it',
    'HTTP/1.1 100 Continue\r\n\r\n' +
      response({ 'Sec-WebSocket-Accept': 'x' }, 'HTTP/1.1 103 Early Hints') +
      response(),
  ],
  ['a list in Connection', response({ Connection: 'keep-alive, Upgrade' })],
  ['Connection twice', response({ Connection: ['keep-alive', 'Upgrade'] })],
  [
    'further fields',
    response({
      Server: 'x',
      Date: 'Thu, 01 Jan 1970 00:00:00 GMT',
      'Set-Cookie': ['a=b', 'c=d'],
      'X-Colon': 'a:b:c',
      'X-Empty': '',
    }),
  ],
]) {
  for (const step of ['write', 'bytewise']) {
    add(
      'handshake, in order: ' + name + (step === 'write' ? '' : ', byte by byte'),
      async (env) => {
        const session = connect(
          env,
          script(env, [step, { head }, '81 01 61 83 00']).path,
          {},
          { head },
        )
        await session.closed
        env.equal(session.log, [
          'open',
          'text "a"',
          'error RESERVED_OPCODE 1002 @3',
          'close 1002 "RESERVED_OPCODE" unclean',
        ])
      },
    )
  }
}

// By the peer, of RFC 6455 sections 5 to 8
group = 'violations'

/** Name, frames, id, code, offset of the wrong byte; the lines delivered before, whole and in fragment mode; options. */
const VIOLATIONS = [
  ['RSV1 in a text frame', 'c1 01 61', 'RESERVED_BITS', 1002, 0],
  ['RSV2 in a binary frame', 'a2 00', 'RESERVED_BITS', 1002, 0],
  ['RSV3 in a text frame', '91 00', 'RESERVED_BITS', 1002, 0],
  ['RSV1 in a ping', 'c9 00', 'RESERVED_BITS', 1002, 0],
  ['RSV1 in a Close frame', 'c8 02 03e8', 'RESERVED_BITS', 1002, 0],
  ['RSV1 in a continuation', '01 01 61 c0 01 62', 'RESERVED_BITS', 1002, 3, [], ['fragment 1 "a"']],
  ['opcode 3', '83 00', 'RESERVED_OPCODE', 1002, 0],
  ['opcode 7', '87 00', 'RESERVED_OPCODE', 1002, 0],
  ['opcode 11', '8b 00', 'RESERVED_OPCODE', 1002, 0],
  ['opcode 15', '8f 00', 'RESERVED_OPCODE', 1002, 0],
  [
    'opcode 3 within a message',
    '01 01 61 83 00',
    'RESERVED_OPCODE',
    1002,
    3,
    [],
    ['fragment 1 "a"'],
  ],
  [
    'a text within a message',
    '01 01 61 81 01 62',
    'EXPECTED_CONTINUATION',
    1002,
    3,
    [],
    ['fragment 1 "a"'],
  ],
  [
    'a binary within a message',
    '02 01 01 82 01 02',
    'EXPECTED_CONTINUATION',
    1002,
    3,
    [],
    ['fragment 2 01'],
  ],
  // Autobahn 5.15 to 5.18.
  [
    'a continuation after the end of a message',
    '01 01 61 80 01 62 00 01 63 81 01 64',
    'UNEXPECTED_CONTINUATION',
    1002,
    6,
    ['text "ab"'],
    ['fragment 1 "a"', 'fragment 1 "b" final'],
  ],
  [
    'a last continuation before any message',
    '80 01 63 01 01 61 80 01 62',
    'UNEXPECTED_CONTINUATION',
    1002,
    0,
  ],
  [
    'a continuation before any message',
    '00 01 63 01 01 61 80 01 62',
    'UNEXPECTED_CONTINUATION',
    1002,
    0,
  ],
  [
    'two first frames',
    '01 01 61 01 01 62',
    'EXPECTED_CONTINUATION',
    1002,
    3,
    [],
    ['fragment 1 "a"'],
  ],
  ['a ping in fragments', '09 01 61 80 01 62', 'FRAGMENTED_CONTROL', 1002, 0],
  ['a pong in fragments', '0a 00', 'FRAGMENTED_CONTROL', 1002, 0],
  ['a Close frame in fragments', '08 02 03e8', 'FRAGMENTED_CONTROL', 1002, 0],
  ['a masked text', '81 81 00000000 61', 'MASKED_FRAME', 1002, 1],
  ['a masked ping', '89 80 00000000', 'MASKED_FRAME', 1002, 1],
  [
    'a masked frame after a good one',
    '81 01 61 81 81 00000000 61',
    'MASKED_FRAME',
    1002,
    4,
    ['text "a"'],
    ['fragment 1 "a" final'],
  ],
  ['a ping of 126 bytes', '89 7e 007e', 'CONTROL_TOO_LONG', 1002, 1],
  ['a Close frame with a length of 64 bits', '88 7f', 'CONTROL_TOO_LONG', 1002, 1],
  ['a negative length', '82 7f 80 00000000000001', 'LENGTH_SIGN_BIT', 1002, 2],
  ['0 in 16 bits', '82 7e 0000', 'LENGTH_NOT_MINIMAL', 1002, 3],
  ['125 in 16 bits', '82 7e 007d', 'LENGTH_NOT_MINIMAL', 1002, 3],
  ['65535 in 64 bits', '82 7f 000000000000ffff', 'LENGTH_NOT_MINIMAL', 1002, 7],
  ['0 in 64 bits', '82 7f 0000000000000000', 'LENGTH_NOT_MINIMAL', 1002, 7],
  ['a length of 2^53', '82 7f 0020000000000000', 'FRAME_TOO_BIG', 1009, 9],
  ['a length of 2^63 − 1', '82 7f 7fffffffffffffff', 'FRAME_TOO_BIG', 1009, 9],
  [
    'a frame over maxMessageSize',
    '82 7e 03e9',
    'MESSAGE_TOO_BIG',
    1009,
    3,
    [],
    [],
    { maxMessageSize: 1000 },
  ],
  [
    'a frame of 2^40',
    '82 7f 0000010000000000',
    'MESSAGE_TOO_BIG',
    1009,
    9,
    [],
    [],
    { maxMessageSize: 1000 },
  ],
  [
    'fragments over maxMessageSize',
    '02 02 0000 80 02 0000',
    'MESSAGE_TOO_BIG',
    1009,
    5,
    [],
    ['fragment 2 0000'],
    { maxMessageSize: 3 },
  ],
  [
    'more than maxFragments',
    '01 01 61 00 01 62 80 01 63',
    'TOO_MANY_FRAGMENTS',
    1008,
    7,
    [],
    ['fragment 1 "a"', 'fragment 1 "b"'],
    { maxFragments: 2 },
  ],
  [
    'more than maxEmptyFragments',
    '01 00 00 00 00 01 61 00 00',
    'TOO_MANY_FRAGMENTS',
    1008,
    8,
    [],
    ['fragment 1 "a"'],
    { maxEmptyFragments: 2 },
  ],
  ['text that is not UTF-8', '81 03 61ff62', 'INVALID_UTF8', 1007, 3],
  ['a lone continuation octet', '81 01 80', 'INVALID_UTF8', 1007, 2],
  ['a character that breaks off', '81 03 e28261', 'INVALID_UTF8', 1007, 4],
  ['an overlong character', '81 02 c080', 'INVALID_UTF8', 1007, 2],
  ['an overlong character of 3', '81 03 e08080', 'INVALID_UTF8', 1007, 3],
  ['a surrogate', '81 03 eda080', 'INVALID_UTF8', 1007, 3],
  ['beyond U+10FFFF', '81 04 f4908080', 'INVALID_UTF8', 1007, 3],
  [
    'half a character in the next fragment',
    '01 02 61c3 80 01 28',
    'INVALID_UTF8',
    1007,
    6,
    [],
    ['fragment 1 "a\\c3"'],
  ],
  ['a Close frame of one byte', '88 01 03', 'BAD_CLOSE_FRAME', 1002, 1],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map((code) => [
    'close code ' + code,
    '88 02' + toHex([code >> 8, code & 255]),
    'BAD_CLOSE_FRAME',
    1002,
    2,
  ]),
  ['a close reason that is not UTF-8', '88 04 03e8 c328', 'INVALID_UTF8', 1007, 5],
]

for (const [name, hex, id, code, offset, texts = [], pieces = [], options = {}] of VIOLATIONS) {
  for (const [step, isWhole] of [
    ['write', true],
    ['bytewise', true],
    ['write', false],
  ]) {
    const how = (step === 'write' ? '' : ', byte by byte') + (isWhole ? '' : ', in fragment mode')
    add('violation: ' + name + how, async (env) => {
      // What follows is in order, and must not be delivered.
      const peer = script(env, [step, { head: GOOD_HEAD }, hex, '81 01 78 89 00 88 02 03e8'])
      const session = connect(env, peer.path, options, { fragments: !isWhole })
      await session.closed
      env.equal(session.log, [
        'open',
        ...(isWhole ? texts : pieces),
        'error ' + id + ' ' + code + ' @' + offset,
        'close ' + code + ' "' + id + '" unclean',
      ])
      env.equal((await peer.report()).frames, ['close ' + code + ' ""'])
    })
  }
}

add('violation: text that ends within a character', async (env) => {
  const peer = frames(env, '81 02 61c3')
  const session = connect(env, peer.path)
  await session.closed
  // Known with the last byte of the message.
  env.ok(/^error INVALID_UTF8 1007 @[34]$/.test(session.log[1]), session.log[1])
  env.equal(session.log[2], 'close 1007 "INVALID_UTF8" unclean')
  env.equal((await peer.report()).frames, ['close 1007 ""'])
})

add('violation: a flood of control frames', async (env) => {
  const peer = frames(env, { times: 50000, hex: '8a00' })
  const session = connect(env, peer.path, { receiveBuffer: 256, maxControlFrames: 1000 })
  await session.closed
  const pongs = session.log.filter((line) => line === 'pong empty').length
  env.ok(pongs >= 1000 && pongs < 50000, pongs + ' pongs')
  const rest = session.log.filter((line) => line !== 'pong empty')
  env.equal(
    rest.map((line) => line.split(' @')[0]),
    ['open', 'error TOO_MANY_CONTROL_FRAMES 1008', 'close 1008 "TOO_MANY_CONTROL_FRAMES" unclean'],
  )
  env.equal((await peer.report()).frames, ['close 1008 ""'])
})

add(
  'what was sent before a violation in the same packet is on the wire before the Close frame',
  async (env) => {
    const peer = frames(env, '81 01 61 89 01 70 81 01 62 81 81')
    const session = connect(
      env,
      peer.path,
      {},
      { text: (session, text) => session.socket.sendText('echo ' + text) },
    )
    await session.closed
    env.equal(session.log, [
      'open',
      'text "a"',
      'ping 70',
      'text "b"',
      'error MASKED_FRAME 1002 @10',
      'close 1002 "MASKED_FRAME" unclean',
    ])
    env.equal((await peer.report()).frames, [
      'text "echo a"',
      'pong 70',
      'text "echo b"',
      'close 1002 ""',
    ])
  },
)

add('a violation while we are closing: no second Close frame', async (env) => {
  const peer = script(
    env,
    ['write', { head: GOOD_HEAD }],
    ['hold'],
    ['frames', 1],
    ['write', '83 00'],
    ['wait', 50],
    ['fin'],
  )
  const session = await open(env, peer.path)
  session.socket.close(1000)
  await session.closed
  env.equal(session.log, [
    'open',
    'error RESERVED_OPCODE 1002 @0',
    'close 1002 "RESERVED_OPCODE" unclean',
  ])
  env.equal((await peer.report()).frames, ['close 1000 ""'])
})

// Callbacks that call, and callbacks that throw
group = 'callbacks'

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

// RFC 7692, to a server that compresses with zlib
group = 'deflate'

for (const ring of [4096, 256]) {
  add(
    'permessage-deflate both ways, whole, through rings of ' + ring,
    async (env) => {
      const session = await open(env, '/deflate', {
        extensions: [env.deflate()],
        receiveBuffer: ring,
        sendBuffer: ring,
      })
      env.equal(session.socket.extensions.split(';')[0], 'permessage-deflate')
      const text = ascii(20000) + '環😀'
      const bytes = fillPattern(new Uint8Array(70000))
      session.socket.sendText('')
      session.socket.sendText('short')
      await sendWhenRoom(session, () => session.socket.sendText(text))
      await sendWhenRoom(session, () => session.socket.sendBinary(bytes))
      const expected = [
        'text ""',
        'text "short"',
        'text ' + showText(text),
        'binary ' + showBytes(bytes),
      ]
      await session.until(expected[3])
      session.socket.close(1000)
      await session.closed
      env.equal(
        session.log.filter((line) => line !== 'writable'),
        ['open', ...expected, 'close 1000 "" clean'],
      )
    },
    ['deflate'],
  )
}

add(
  'permessage-deflate: 1 MiB inflates in fragments through a ring of 4096',
  async (env) => {
    const received = new Checksum()
    let isFinal = false
    const session = await open(
      env,
      '/deflate',
      { extensions: [env.deflate()] },
      {
        fragments: true,
        quiet: true,
        fragment(session, bytes, start, end, _, final) {
          received.add(bytes, start, end)
          isFinal = final
          if (final) session.look()
        },
      },
    )
    const bytes = fillPattern(new Uint8Array(1 << 20))
    session.socket.sendBinary(bytes)
    await session.when(() => isFinal)
    env.equal('' + received, '' + new Checksum().add(bytes))
    session.socket.close(1000)
    await session.closed
  },
  ['deflate'],
)

add(
  'permessage-deflate is offered, and not accepted: messages go as they are',
  async (env) => {
    const session = await open(env, '/echo', { extensions: [env.deflate()] })
    env.equal(session.socket.extensions, '')
    session.socket.sendText('plain')
    await session.until('text "plain"')
    await closeAndCompare(session, ['open', 'text "plain"'])
  },
  ['deflate'],
)

add(
  'permessage-deflate: what does not inflate fails with 1007',
  async (env) => {
    const head = GOOD_HEAD.replace(
      '\r\n\r\n',
      '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
    )
    const peer = script(env, ['write', { head }, 'c1 01 ff'])
    const session = connect(env, peer.path, { extensions: [env.deflate()] }, { head })
    await session.closed
    env.equal(session.log[1].slice(0, 6), 'error ')
    env.equal(session.log[2].slice(0, 11), 'close 1007 ')
  },
  ['deflate'],
)

// The WHATWG class
group = 'WebSocket class'

addWebSocketCases((name, run, needs = []) => add(name, run, [...needs, 'webSocketClass']), script)

// Connecting again
group = 'reconnect'

addReconnectCases((name, run) => add(name, run, ['reconnect']), script)

export { cases as catalogue, VIOLATIONS as violations }
