// A soak: compressed messages in both directions on one connection, with the memory that it takes meanwhile.
//
//   node bench/deflate-soak.mjs              a million each way
//   node bench/deflate-soak.mjs 50000
//
// The server is that of `ws`, in a process of its own, and echoes; it must have built `dist/` (npm run build). Each
// message that comes back is compared with what was sent. Ends with 1 if one differs, or if the memory after the
// first tenth has grown by more than 4 MiB at the end.

import { Buffer } from 'node:buffer'
import { fork } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import v8 from 'node:v8'
import vm from 'node:vm'
import { WebSocketServer } from 'ws'

const WINDOW = 200
const MOST_GROWTH = 4 << 20

if (process.argv[2] === 'server') {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: { threshold: 0, zlibDeflateOptions: { level: 1 } },
  })
  server.on('connection', (socket) => {
    socket.on('message', (bytes, isBinary) => socket.send(bytes, { binary: isBinary }))
  })
  server.on('listening', () => process.send(server.address().port))
  process.on('disconnect', () => process.exit())
} else {
  await soak(Number(process.argv[2] || 1000000))
}

/** Different in content and in size, mostly small: number `i` is always the same. */
function message(i) {
  const record =
    '{"id":' + i + ',"device":"sensor-' + (i % 97) + '","value":' + ((i * 7919) % 10007) + '}'
  const times = i % 1000 === 999 ? 400 : i % 50 === 49 ? 30 : 1 + (i % 4)
  return '[' + (record + ',').repeat(times - 1) + record + ']'
}

async function soak(count) {
  v8.setFlagsFromString('--expose-gc')
  const collect = vm.runInNewContext('gc')
  const { connect } = await import('../dist/node.js')
  const { deflate } = await import('../dist/deflate.js')
  const server = fork(fileURLToPath(import.meta.url), ['server'])
  const port = await new Promise((resolve) => server.once('message', resolve))
  const started = Date.now()
  const step = Math.max(1, Math.floor(count / 10))
  const samples = []
  let sent = 0
  let received = 0
  let octets = 0
  let problem = ''
  const sample = () => {
    // Twice: what the first one finds is swept by the second at the latest.
    collect()
    collect()
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
    samples.push({ heap: heapUsed, buffers: arrayBuffers })
    const mebibytes = (bytes) => (bytes / 1048576).toFixed(2).padStart(8)
    console.log(
      String(received).padStart(9) +
        mebibytes(heapUsed) +
        mebibytes(arrayBuffers) +
        mebibytes(rss) +
        String(Math.round((Date.now() - started) / 1000)).padStart(8),
    )
  }
  console.log(' messages    heap buffers     RSS  seconds   (MiB; after a collection)')
  await new Promise((resolve) => {
    /** Keeps WINDOW messages under way. */
    const fill = (socket) => {
      while (sent < count && sent - received < WINDOW) {
        const text = message(sent)
        const isTaken = sent % 2 ? socket.sendText(text) : socket.sendBinary(Buffer.from(text))
        if (!isTaken) return
        sent++
      }
    }
    const onMessage = (text, socket) => {
      if (text !== message(received)) {
        problem = 'message ' + received + ' came back changed'
        return socket.abort()
      }
      octets += text.length
      received++
      if (received % step === 0) sample()
      if (received === count) socket.close(1000)
      else fill(socket)
    }
    connect(
      'ws://127.0.0.1:' + port + '/',
      {
        onOpen(socket) {
          if (!socket.extensions) problem = 'permessage-deflate was not agreed on'
          fill(socket)
        },
        onText: onMessage,
        onBinary: (bytes, start, end, socket) =>
          onMessage(
            Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString(),
            socket,
          ),
        onWritable: fill,
        onError: (error) => (problem = error.message),
        onClose: resolve,
      },
      {
        extensions: [
          deflate({
            threshold: 0,
            level: 1,
            clientContextTakeover: process.argv.includes('--context'),
          }),
        ],
      },
    )
  })
  server.kill()
  const growth = (name) => samples[samples.length - 1][name] - samples[0][name]
  if (!problem && received < count) problem = 'only ' + received + ' came back'
  if (!problem && growth('heap') + growth('buffers') > MOST_GROWTH) problem = 'the memory grows'
  console.log(
    problem
      ? 'FAILED: ' + problem
      : received +
          ' messages, ' +
          octets +
          ' bytes each way; growth since the first tenth: heap ' +
          growth('heap') +
          ', ArrayBuffers ' +
          growth('buffers') +
          ' bytes',
  )
  process.exitCode = problem ? 1 : 0
}
