// The main job, end to end: the built bundle against a real server (`ws`) on loopback. Every line of the transcript
// is printed by the event that it tells of, and every answer is compared before the next step.

import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'
import { brotliCompressSync } from 'node:zlib'
import { WebSocketServer } from 'ws'
import { connect } from '../dist/node.js'

const RING = 4096
const LARGE = 4 << 20
/** Only reached if an answer is missing. */
const DEADLINE = 30000

const decoder = new TextDecoder()
const number = (count) => count.toLocaleString('en-US')
const hex = (bytes) =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
const line = (what, text) => console.log(what.padEnd(10) + text)

function expect(what, got, expected) {
  if (got !== expected) throw new Error(`${what}: got ${got}, expected ${expected}`)
}

/** What the callbacks tell, in order, for `await`. */
function mailbox() {
  const items = []
  let wake
  return {
    put(...item) {
      items.push(item)
      if (wake) wake()
    },
    async take(kind) {
      while (!items.length) await new Promise((resolve) => (wake = resolve))
      const [got, ...rest] = items.shift()
      expect('event', got, kind)
      return rest
    },
  }
}

/** Prints 25, 50, 75 and 100 per cent on one line. */
function progress(what, total) {
  let quarters = 0
  process.stdout.write(what.padEnd(10))
  return (done) => {
    while (quarters < 4 && done * 4 >= total * (quarters + 1)) {
      process.stdout.write(++quarters * 25 + ' % ' + (quarters === 4 ? '\n' : ''))
    }
  }
}

/** A server that sends everything back, and fragments to a message that came in fragments. */
async function startServer(events) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve, reject) => {
    server.on('listening', resolve)
    server.on('error', reject)
  })
  server.on('connection', (peer, request) => {
    events.put('connection', peer, request.socket)
    peer.on('message', (bytes, isBinary) => {
      if (!isBinary && bytes.toString() === 'one two three') {
        events.put('joined', bytes.toString())
        peer.send('three ', { fin: false })
        peer.send('two ', { fin: false })
        peer.send('one')
      } else {
        if (bytes.length === LARGE) events.put('large', sha256(bytes))
        peer.send(bytes, { binary: isBinary })
      }
    })
    peer.on('pong', (bytes) => events.put('pong', bytes.toString()))
    peer.on('close', (code, reason) => events.put('close', code, reason.toString()))
  })
  return server
}

async function wholeMessages(url, atServer) {
  const events = mailbox()
  const socket = connect(url, {
    onOpen: () => events.put('open'),
    onText: (text) => events.put('text', text),
    onBinary: (bytes, start, end) =>
      events.put('binary', Uint8Array.from(bytes.subarray(start, end))),
    onPing: (bytes, start, end) => events.put('ping', decoder.decode(bytes.subarray(start, end))),
    onPong: (bytes, start, end) => events.put('pong', decoder.decode(bytes.subarray(start, end))),
    onError: (error) => events.put('error', error.message),
    onClose: (...close) => events.put('close', ...close),
  })
  await events.take('open')
  const [peer] = await atServer.take('connection')
  line('open', 'whole messages')

  line('text', '→ "Grüße, ring"')
  socket.sendText('Grüße, ring')
  const [text] = await events.take('text')
  expect('text', text, 'Grüße, ring')
  line('', `← "${text}"`)

  const octets = new Uint8Array([0, 1, 127, 128, 255])
  line('binary', '→ ' + hex(octets))
  socket.sendBinary(octets)
  const [binary] = await events.take('binary')
  expect('binary', hex(binary), hex(octets))
  line('', '← ' + hex(binary))

  line('ping', '→ "are you there?"')
  socket.ping(new TextEncoder().encode('are you there?'))
  const [answer] = await events.take('pong')
  expect('pong', answer, 'are you there?')
  line('pong', `← "${answer}"`)
  peer.ping('and you?')
  const [question] = await events.take('ping')
  line('ping', `← "${question}"`)
  const [answered] = await atServer.take('pong')
  expect('pong at the server', answered, question)
  line('pong', `→ "${answered}", by itself`)

  await closing(socket, events, atServer)
}

async function fragments(url, atServer) {
  const events = mailbox()
  const hash = createHash('sha256')
  let size = 0
  let largest = 0
  let report
  const socket = connect(
    url,
    {
      onOpen: () => events.put('open'),
      onFragment(bytes, start, end, kind, final) {
        if (kind === 1) {
          events.put('fragment', decoder.decode(bytes.subarray(start, end)), final)
          return
        }
        // Nothing is kept of the message: its bytes go straight from the ring into the hash.
        hash.update(bytes.subarray(start, end))
        size += end - start
        largest = Math.max(largest, end - start)
        if (!report) report = progress('', LARGE)
        report(size)
        if (final) events.put('end', hash.digest('hex'))
      },
      onError: (error) => events.put('error', error.message),
      onClose: (...close) => events.put('close', ...close),
    },
    { receiveBuffer: RING, sendBuffer: RING },
  )
  await events.take('open')
  const [, stream] = await atServer.take('connection')
  line('open', `fragments, rings of ${number(RING)} bytes each`)

  for (const [i, piece] of ['one ', 'two ', 'three'].entries()) {
    const bytes = new TextEncoder().encode(piece)
    line(i ? '' : 'fragments', `→ "${piece}"${i === 2 ? ', final' : ''}`)
    socket.sendFragment(bytes, 0, bytes.length, 1, i === 2)
  }
  const [joined] = await atServer.take('joined')
  line('', `  the server got one message: "${joined}"`)
  let isFinal = false
  let text = ''
  while (!isFinal) {
    const [piece, final] = await events.take('fragment')
    line('', `← "${piece}"${final ? ', final' : ''}`)
    text += piece
    isFinal = final
  }
  expect('fragments', text, 'three two one')

  const message = randomBytes(LARGE)
  line('large', `→ ${number(LARGE)} bytes, ${LARGE / RING} times the send ring`)
  let arrived = 0
  const outgoing = progress('', LARGE)
  stream.on('data', (chunk) => outgoing((arrived += chunk.length)))
  expect('taken', socket.sendBinary(message), true)
  const [got] = await atServer.take('large')
  expect('SHA-256 at the server', got, sha256(message))
  line('', '  the server got the same bytes')
  line('', `← ${number(LARGE)} bytes, ${LARGE / RING} times the receive ring`)
  const [back] = await events.take('end')
  expect('SHA-256', back, sha256(message))
  line('', `  the same bytes, no piece larger than ${number(largest)}`)

  await closing(socket, events, atServer)
}

async function closing(socket, events, atServer) {
  line('close', '→ 1000 "done"')
  socket.close(1000, 'done')
  const [code, reason] = await atServer.take('close')
  expect('code at the server', `${code} ${reason}`, '1000 done')
  const [answer, , wasClean] = await events.take('close')
  expect('clean', wasClean, true)
  line('', `← ${answer}, clean\n`)
}

export async function demonstration() {
  const deadline = setTimeout(() => {
    throw new Error(`no answer within ${DEADLINE / 1000} seconds`)
  }, DEADLINE)
  const atServer = mailbox()
  const server = await startServer(atServer)
  const { version } = createRequire(import.meta.url)('ws/package.json')
  const url = `ws://127.0.0.1:${server.address().port}/`
  line('server', `ws ${version} on ${url}\n`)
  await wholeMessages(url, atServer)
  await fragments(url, atServer)
  server.close()
  clearTimeout(deadline)

  const bundle = readFileSync(new URL('../dist/node.js', import.meta.url))
  const compressed = brotliCompressSync(bundle).length
  line('bundle', `${number(bundle.length)} bytes minified, ${number(compressed)} with brotli`)
  line('buffers', `${number(RING)} bytes to receive, ${number(RING)} to send, for any message size`)
}
