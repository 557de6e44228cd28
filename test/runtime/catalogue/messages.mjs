// Connecting, and messages that come back.

import { Checksum, fillPattern, fromHex, showBytes, showText, utf8 } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, connect, open, closeAndCompare, script, sendWhenRoom, ascii } from './cases.mjs'

const { cases, add } = casesOf('messages')

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

export { cases as messages }
