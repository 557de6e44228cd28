// What every server and Ringlet must do with each other: `{ group, name, needs, isLong, run(env) }`. The paths stand in
// servers.mjs. `env` is as in `../runtime/catalogue.mjs`, with `restart()`, which resolves to `{ url(path), kill() }` of
// a server of the case's own. No case asserts a time.

import { Checksum, fillPattern, showBytes, showText, utf8 } from '../runtime/bytes.mjs'
import { Session } from '../runtime/session.mjs'
import { pattern } from './plan.mjs'

export const cases = []

let group = ''

function add(name, run, { needs = [], isLong = false } = {}) {
  cases.push({
    group,
    name,
    needs,
    isLong,
    async run(given) {
      const env = { ...given, sessions: [] }
      try {
        await run(env)
      } finally {
        // What a failed case leaves open must not disturb the next.
        for (const session of env.sessions) if (!session.isOver) session.socket.abort()
      }
      for (const session of env.sessions) session.check()
    },
  })
}

/** Connects, and waits until it is open. */
async function open(env, path, options, on) {
  const session = new Session(env, path, options, on)
  await session.when(() => session.log.length > 0)
  env.equal(session.log[0].slice(0, 4), 'open')
  return session
}

/** Ends a session properly, and compares its whole log, without the times when there was room again. */
async function closeAndCompare(session, expected) {
  session.socket.close(1000)
  await session.closed
  const log = session.log.filter((line) => line !== 'writable')
  session.env.equal(log.slice(0, -1), expected)
  session.env.ok(/^close 1000 ".*" clean$/.test(log[log.length - 1]), log[log.length - 1])
}

/** Sends as soon as it fits. */
async function sendWhenRoom(session, send) {
  while (!send()) await writable(session)
}

function writable(session) {
  const before = session.log.filter((line) => line === 'writable').length
  return session.until('writable', before + 1)
}

function ascii(length) {
  return 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(length / 26)).slice(0, length)
}

const SIZES = [0, 1, 125, 126, 65535, 65536, 1 << 20]
const WIDE = 'Grüße, 環, 😀 und ein\u0000\ufeff. '

group = 'text'

for (const size of SIZES) {
  add('a text of ' + size, async (env) => {
    const session = await open(env, '/echo')
    const text = ascii(size)
    env.equal(session.socket.sendText(text), true)
    await session.until('text ' + showText(text))
    await closeAndCompare(session, ['open', 'text ' + showText(text)])
  })
}

for (const text of ['ü', '環', '😀', 'a😀b', '\u0000', '\ufeffx', 'e\u0301', '\uffff']) {
  add('the text ' + JSON.stringify(text), async (env) => {
    const session = await open(env, '/echo')
    session.socket.sendText(text)
    await session.until('text "' + text + '"')
    await closeAndCompare(session, ['open', 'text "' + text + '"'])
  })
}

add('100,000 characters of 1 to 4 bytes', async (env) => {
  const session = await open(env, '/echo', { sendBuffer: 256 })
  const text = WIDE.repeat(4000)
  session.socket.sendText(text)
  await session.until('text ' + showText(text))
  await closeAndCompare(session, ['open', 'text ' + showText(text)])
})

group = 'binary'

for (const size of SIZES) {
  for (const ring of size > 126 ? [4096] : [256, 4096]) {
    add(size + ' bytes through rings of ' + ring, async (env) => {
      const session = await open(env, '/echo', { receiveBuffer: ring, sendBuffer: ring })
      const bytes = pattern(0, size)
      env.equal(session.socket.sendBinary(bytes), true)
      await session.until('binary ' + showBytes(bytes))
      await closeAndCompare(session, ['open', 'binary ' + showBytes(bytes)])
    })
  }
}

add('1,000 messages of all sizes to 1,000, as fast as they fit', async (env) => {
  const session = await open(env, '/echo')
  const expected = ['open']
  for (let size = 0; size < 1000; size++) {
    const bytes = pattern(size, size)
    await sendWhenRoom(session, () => session.socket.sendBinary(bytes))
    expected.push('binary ' + showBytes(bytes))
  }
  const received = () => session.log.filter((line) => line.startsWith('binary')).length
  await session.when(() => received() === 1000)
  await closeAndCompare(session, expected)
})

group = 'fragments'

/** Sums up what comes in fragments, until the end of a message. */
function summing() {
  const sum = new Checksum()
  const on = {
    fragments: true,
    quiet: true,
    fragment(session, bytes, start, end, kind, final) {
      sum.add(bytes, start, end)
      if (final) session.say('the last of kind ' + kind)
    },
  }
  return { sum, on }
}

for (const [size, ring, needs] of [
  [4000, 4096, ['manyFragments']],
  [65000, 65536, []],
]) {
  add(
    '16 MiB both ways, sent in fragments of ' + size + ' through a ring of ' + ring,
    async (env) => {
      const { sum, on } = summing()
      const session = await open(env, '/echo', { sendBuffer: ring }, on)
      const total = 1 << 24
      const piece = new Uint8Array(size)
      const sent = new Checksum()
      for (let at = 0; at < total && !session.isOver; at += size) {
        const end = Math.min(size, total - at)
        sent.add(fillPattern(piece, at), 0, end)
        await sendWhenRoom(session, () =>
          session.socket.sendFragment(piece, 0, end, 2, at + end === total),
        )
      }
      await session.until('the last of kind 2')
      env.equal('' + sum, '' + sent)
      await closeAndCompare(session, ['open', 'the last of kind 2'])
    },
    { needs, isLong: true },
  )

  add(
    '16 MiB both ways, sent in one call through a ring of ' + ring,
    async (env) => {
      const { sum, on } = summing()
      const session = await open(env, '/echo', { sendBuffer: ring }, on)
      const bytes = pattern(0, 1 << 24)
      env.equal(session.socket.sendBinary(bytes), true)
      await session.until('the last of kind 2')
      env.equal('' + sum, '' + new Checksum().add(bytes))
      await closeAndCompare(session, ['open', 'the last of kind 2'])
    },
    { needs, isLong: true },
  )
}

add('a text in three fragments, cut within characters, with pings between them', async (env) => {
  const session = await open(env, '/echo')
  const { socket } = session
  const bytes = utf8(WIDE)
  socket.sendFragment(bytes, 0, 3, 1, false)
  socket.ping(utf8('one'))
  socket.sendFragment(bytes, 3, 10, 1, false)
  socket.ping(utf8('two'))
  socket.sendFragment(bytes, 10, bytes.length, 1, true)
  await session.until('text "' + WIDE + '"')
  const pongs = ['pong 6f6e65', 'pong 74776f']
  await session.until(pongs[1])
  await closeAndCompare(session, ['open', ...pongs, 'text "' + WIDE + '"'])
})

add('an empty message of three empty fragments', async (env) => {
  const session = await open(env, '/echo')
  const nothing = new Uint8Array(0)
  for (const final of [false, false, true]) session.socket.sendFragment(nothing, 0, 0, 2, final)
  await session.until('binary empty')
  await closeAndCompare(session, ['open', 'binary empty'])
})

for (const [name, text] of [
  ['ASCII', ascii(5000)],
  ['characters of 1 to 4 bytes', WIDE.repeat(300)],
]) {
  add(
    'fragments of the server, text: ' + name,
    async (env) => {
      const session = await open(env, '/fragments')
      session.socket.sendText(text)
      await session.until('text ' + showText(text))
      await closeAndCompare(session, ['open', 'text ' + showText(text)])
    },
    { needs: ['fragments'] },
  )
}

add(
  'fragments of the server, 1 MiB, as they come',
  async (env) => {
    const { sum, on } = summing()
    const session = await open(env, '/fragments', {}, on)
    const bytes = pattern(0, 1 << 20)
    session.socket.sendBinary(bytes)
    await session.until('the last of kind 2')
    env.equal('' + sum, '' + new Checksum().add(bytes))
    await closeAndCompare(session, ['open', 'the last of kind 2'])
  },
  { needs: ['fragments'] },
)

add(
  'fragments of the server are counted: more than maxFragments end with 1008',
  async (env) => {
    const session = await open(env, '/fragments', { maxFragments: 2 })
    session.socket.sendBinary(pattern(0, 5000))
    await session.closed
    const [error, close] = session.log.slice(-2)
    env.ok(/^error TOO_MANY_FRAGMENTS 1008/.test(error), session.log.join())
    env.equal(close, 'close 1008 "TOO_MANY_FRAGMENTS" unclean')
  },
  { needs: ['fragments'] },
)

group = 'ping'

for (const payload of ['', 'a', '\u0000\u0001', 'x'.repeat(125)]) {
  add('pong to a ping of ' + payload.length, async (env) => {
    const session = await open(env, '/echo')
    const bytes = utf8(payload)
    session.socket.ping(bytes)
    await session.until('pong ' + showBytes(bytes))
    await closeAndCompare(session, ['open', 'pong ' + showBytes(bytes)])
  })
}

add('its ping is told, and it gets the pong', async (env) => {
  let payload = ''
  const session = await open(
    env,
    '/ping',
    {},
    {
      ping: (_, bytes, start, end) => {
        payload = Buffer.from(bytes.subarray(start, end)).toString()
      },
    },
  )
  await session.when(() => session.log.some((line) => line.startsWith('text')))
  await closeAndCompare(session, [
    'open',
    'ping ' + showBytes(utf8(payload)),
    'text "pong ' + payload + '"',
  ])
})

add('pingInterval keeps a connection on which nothing is said', async (env) => {
  let pongs = 0
  const session = await open(
    env,
    '/echo',
    { pingInterval: 10, pongTimeout: 20000 },
    {
      pong: (session) => {
        if (++pongs === 5) session.socket.close(1000)
      },
    },
  )
  await session.closed
  env.ok(session.log.indexOf('error PONG_TIMEOUT 1006') < 0, session.log.join())
  env.ok(pongs >= 5, pongs + ' pongs')
})

group = 'close'

let names = 0

/** Of a connection, so that what is told of its end is of no other, whichever the server notices first. */
const newName = () => 'connection-' + names++

/** What the server says of the Close frame that came from this connection; it may still be at it. */
async function lastClose(env, name) {
  let last = ''
  for (let tries = 0; tries < 1000 && !last; tries++) {
    const on = {
      quiet: true,
      text(session, text) {
        last = text
        session.socket.abort()
      },
    }
    await new Session(env, '/last-close?of=' + name, {}, on).closed
  }
  return last
}

for (const [code, reason] of [
  [1000, ''],
  [1000, 'bye'],
  [1001, 'going away'],
  [1011, 'our own error'],
  [3000, 'of a library'],
  [4001, 'Grüße, 環 😀'],
  [4999, 'x'.repeat(123)],
]) {
  add('we close with ' + code + ' ' + JSON.stringify(reason.slice(0, 16)), async (env) => {
    const name = newName()
    const session = await open(env, '/echo?name=' + name)
    session.socket.close(code, reason)
    await session.closed
    env.ok(/^close \d+ ".*" clean$/.test(session.log[1]), session.log.join())
    env.equal(await lastClose(env, name), code + ' ' + reason)
  })
}

add(
  'it answers a Close frame with the same code',
  async (env) => {
    for (const code of [1001, 1011, 3000, 4999]) {
      const session = await open(env, '/echo')
      session.socket.close(code)
      await session.closed
      env.ok(/^close (\d+) ".*" clean$/.test(session.log[1]), session.log.join())
      env.equal(session.log[1].split(' ')[1], '' + code)
    }
  },
  { needs: ['sameCode'] },
)

add('we close without a code', async (env) => {
  const session = await open(env, '/echo')
  session.socket.close()
  await session.closed
  // It may answer with an empty Close frame, or with a code of its own.
  env.ok(/^close (1005|1000) "" clean$/.test(session.log[1]), session.log.join())
})

add('we close after a message of 1 MiB: it comes back before the Close frame', async (env) => {
  const session = await open(env, '/echo', {}, { quiet: true })
  const bytes = pattern(0, 1 << 20)
  const on = { quiet: true, binary: (session) => session.socket.close(4000, 'got it') }
  const name = newName()
  const other = await open(env, '/echo?name=' + name, {}, on)
  other.socket.sendBinary(bytes)
  await other.closed
  env.ok(/^close \d+ ".*" clean$/.test(other.log[other.log.length - 1]), other.log.join())
  env.equal(await lastClose(env, name), '4000 got it')
  await closeAndCompare(session, ['open'])
})

for (const [code, reason] of [
  [1000, ''],
  [1001, 'going-away'],
  [1011, 'its-own-error'],
  [3000, 'of-a-library'],
  [4001, 'x'.repeat(123)],
]) {
  add('it closes with ' + code + ' ' + reason.slice(0, 16), async (env) => {
    const session = await open(env, '/close?code=' + code + '&reason=' + reason)
    await session.closed
    env.equal(session.log, ['open', 'close ' + code + ' "' + reason + '" clean'])
  })
}

add(
  'it closes without a code',
  async (env) => {
    const session = await open(env, '/close')
    await session.closed
    env.equal(session.log, ['open', 'close 1005 "" clean'])
  },
  { needs: ['emptyClose'] },
)

group = 'handshake'

for (const [protocols, allowed] of [
  // In the order of the server, or in ours.
  [['v1.ringlet', 'v2.ringlet'], /^v[12].ringlet$/],
  [['other', 'v1.ringlet'], /^v1.ringlet$/],
  ['v1.ringlet', /^v1.ringlet$/],
]) {
  add('chooses of the subprotocols ' + protocols, async (env) => {
    const session = await open(env, '/echo', { protocols })
    const { protocol } = session.socket
    env.ok(allowed.test(protocol), protocol)
    await closeAndCompare(session, ['open protocol ' + protocol])
  })
}

add('a subprotocol that it does not know', async (env) => {
  const session = new Session(env, '/echo', { protocols: ['other'] })
  await session.when(() => session.log.length > 0)
  // RFC 6455 section 4.2.2: it leaves the field out, or refuses.
  env.ok(/^(open|error BAD_STATUS.*)$/.test(session.log[0]), session.log[0])
  if (session.log[0] === 'open') session.socket.close(1000)
  await session.closed
})

add('headers, and userinfo of the URL', async (env) => {
  const url = env.url('/headers').replace('//', '//user:pass@')
  const session = await open(env, url, { headers: { 'X-Ringlet': 'yes, two', Cookie: 'a=b; c=d' } })
  await session.when(() => session.log.length > 1)
  env.equal(session.log[1], 'text "yes, two | Basic dXNlcjpwYXNz | a=b; c=d"')
  session.socket.close(1000)
  await session.closed
})

for (const [status, name, value] of [
  [401, 'www-authenticate', 'Basic realm="interop"'],
  [404, '', ''],
  [503, 'retry-after', '7'],
]) {
  add('refuses with ' + status, async (env) => {
    let refusal
    const on = { error: (_, error) => (refusal = error) }
    const session = new Session(env, '/refuse?status=' + status, {}, on)
    await session.closed
    env.equal(session.log[1], 'close 1006 "BAD_STATUS" unclean')
    env.equal(refusal.status, status)
    if (name) env.equal(refusal.headers[name], value)
  })
}

group = 'backpressure'

const STALLED = 300

add(
  'it does not read: sends wait, in no more memory, until it does',
  async (env) => {
    const session = await open(env, '/hold', { sendBuffer: 65536 }, { quiet: false })
    const { socket } = session
    const bytes = new Uint8Array(16384)
    const sum = new Checksum()
    let released = false
    let largest = 0
    const total = 4096
    let stalledAt = total
    for (let sent = 0; sent < total && !session.isOver; ) {
      if (socket.sendBinary(fillPattern(bytes, sent * bytes.length))) {
        sum.add(bytes)
        sent++
        largest = Math.max(largest, socket.bufferedAmount)
        continue
      }
      const room = writable(session).then(() => true)
      const stalled = new Promise((done) => env.setTimeout(() => done(false), STALLED))
      if (await (released ? room : Promise.race([room, stalled]))) continue
      stalledAt = sent
      released = true
      const release = new Session(env, '/release')
      await release.closed
      await room
    }
    await sendWhenRoom(session, () => socket.sendText('end'))
    await session.when(() => session.log.some((line) => line.startsWith('text')))
    session.log = session.log.filter((line) => line !== 'writable')
    env.ok(stalledAt < total, 'it took all ' + total + ' messages without reading them')
    env.ok(largest <= 65536, 'bufferedAmount was ' + largest)
    await closeAndCompare(session, ['open', 'text "' + sum + '"'])
  },
  { needs: ['hold'] },
)

add('we pause: nothing is delivered, nothing is lost', async (env) => {
  const sum = new Checksum()
  let isPaused = false
  let pauses = 0
  let early = 0
  const on = {
    fragments: true,
    quiet: true,
    fragment(session, bytes, start, end) {
      if (isPaused) early++
      sum.add(bytes, start, end)
      // Again and again, at places of no meaning.
      if (pauses < 5 && sum.length > pauses * 3000000) {
        pauses++
        isPaused = true
        session.socket.pause()
        env.setTimeout(() => {
          isPaused = false
          session.socket.resume()
        }, 100)
      }
    },
  }
  const count = 256
  const size = 65536
  const session = await open(env, '/push?count=' + count + '&size=' + size, {}, on)
  await session.closed
  env.equal(early, 0)
  env.equal(pauses, 5)
  env.equal('' + sum, '' + new Checksum().add(pattern(0, count * size)))
  env.ok(/^close (1000|1005) "" clean$/.test(session.log[1]), session.log.join())
})

group = 'many'

add('100 connections at once, 10 messages each', async (env) => {
  const all = Array.from({ length: 100 }, async (_, i) => {
    const session = await open(env, '/echo')
    const expected = ['open']
    for (let j = 0; j < 10; j++) {
      const bytes = pattern(i, i * j)
      await sendWhenRoom(session, () => session.socket.sendBinary(bytes))
      expected.push('binary ' + showBytes(bytes))
      const count = (line) => line.startsWith('binary')
      await session.when(() => session.log.filter(count).length === j + 1)
    }
    await closeAndCompare(session, expected)
  })
  await Promise.all(all)
})

add('100 connections, one after the other', async (env) => {
  for (let i = 0; i < 100; i++) {
    const session = await open(env, '/echo')
    session.socket.sendText('' + i)
    await session.until('text "' + i + '"')
    await closeAndCompare(session, ['open', 'text "' + i + '"'])
  }
})

group = 'killed'

add('its process is killed: each connection ends, once', async (env) => {
  const peer = await env.restart()
  const idle = await open(env, peer.url('/echo'))
  const paused = await open(env, peer.url('/push?count=256&size=65536'), {}, { quiet: true })
  paused.socket.pause()
  const sending = await open(env, peer.url('/echo'), {}, { quiet: true })
  sending.socket.sendBinary(pattern(0, 1 << 24))
  peer.kill()
  await idle.closed
  paused.socket.resume()
  await paused.closed
  await sending.closed
  for (const session of [idle, paused, sending]) {
    const [error, close] = session.log.slice(-2)
    env.ok(/^error CONNECTION_(LOST|ENDED) 1006$/.test(error), session.log.join())
    env.equal(close, 'close 1006 "' + error.split(' ')[1] + '" unclean')
  }
  const late = new Session(env, peer.url('/echo'))
  await late.closed
  env.equal(late.log, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
})

group = 'wss'

const WSS = { needs: ['tls'] }

add(
  'echoes over TLS, 0 to 1 MiB',
  async (env) => {
    const peer = await env.restart({ tls: true })
    const session = await open(env, peer.url('/echo'), env.trust)
    const expected = ['open']
    for (const size of SIZES) {
      const bytes = pattern(0, size)
      session.socket.sendBinary(bytes)
      expected.push('binary ' + showBytes(bytes))
      await session.until('binary ' + showBytes(bytes))
    }
    await closeAndCompare(session, expected)
    peer.kill()
  },
  WSS,
)

add(
  'its certificate is of an authority that nobody trusts',
  async (env) => {
    const peer = await env.restart({ tls: true })
    const session = new Session(env, peer.url('/echo'), { tls: {} })
    await session.closed
    env.equal(session.log, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
    peer.kill()
  },
  WSS,
)

add(
  'we pause over TLS: nothing is lost',
  async (env) => {
    const peer = await env.restart({ tls: true })
    const { sum, on } = summing()
    const session = await open(env, peer.url('/push?count=64&size=65536'), env.trust, on)
    session.socket.pause()
    await new Promise((done) => env.setTimeout(done, 100))
    session.socket.resume()
    await session.closed
    env.equal('' + sum, '' + new Checksum().add(pattern(0, 64 * 65536)))
    peer.kill()
  },
  WSS,
)
