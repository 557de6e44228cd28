// The server of the measurements, in a process of its own: plain TCP, frames made beforehand, so that it costs little
// and nothing that differs from one client to the next. The path of the request says what it does:
//
//   /receive/KIND/SIZE   sends messages of SIZE bytes until the client goes; KIND is `binary` or `text`
//   /wait/KIND/SIZE      the same, once a message has come
//   /sink                reads and drops
//   /echo                answers each message, of less than 126 bytes, with the same
//   /idle                does nothing
//
// Prints its port as the first line, and ends with the process that started it.

import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import net from 'node:net'
import process from 'node:process'
import { payload } from './payload.mjs'

/** What one write hands to the kernel, at least. */
const BLOCK = 1 << 18

/** Frames of one message each, as many as make up a block. */
function blockOf(kind, size) {
  const body = payload(kind, size)
  const header =
    size < 126
      ? Buffer.from([0, size])
      : size < 65536
        ? Buffer.from([0, 126, size >> 8, size & 255])
        : Buffer.concat([Buffer.from([0, 127]), Buffer.alloc(8)])
  header[0] = 0x80 | (kind === 'text' ? 1 : 2)
  if (size > 65535) header.writeUInt32BE(size, 6)
  const frame = Buffer.concat([header, body])
  return Buffer.concat(Array(Math.ceil(BLOCK / frame.length)).fill(frame))
}

function receive(socket, kind, size) {
  const block = blockOf(kind, Number(size))
  const send = () => {
    while (!socket.destroyed) if (!socket.write(block)) return
  }
  socket.on('drain', send)
  send()
}

/** One message is under way at a time, so a chunk is a frame. */
function echo(socket) {
  const answer = Buffer.alloc(127)
  socket.on('data', (chunk) => {
    const length = chunk[1] & 127
    if (chunk.length !== length + 6) throw new Error('not one frame')
    answer[0] = chunk[0]
    answer[1] = length
    for (let i = 0; i < length; i++) answer[2 + i] = chunk[6 + i] ^ chunk[2 + (i & 3)]
    socket.write(answer.subarray(0, 2 + length))
  })
}

const wait = (socket, kind, size) => socket.once('data', () => receive(socket, kind, size))

const WAYS = { receive, wait, echo, sink: () => {}, idle: () => {} }

const server = net.createServer({ noDelay: true }, (socket) => {
  let head = ''
  const onHead = (chunk) => {
    head += chunk.toString('latin1')
    if (!head.includes('\r\n\r\n')) return
    socket.off('data', onHead)
    const [, way, ...rest] = /^GET (\S+)/.exec(head)[1].split('/')
    const accept = createHash('sha1')
      .update(`${/Sec-WebSocket-Key: (\S+)/i.exec(head)[1]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    WAYS[way](socket, ...rest)
    socket.resume()
  }
  socket.on('data', onHead)
  socket.on('error', () => {})
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  console.log(server.address().port),
)
process.stdin.on('end', () => process.exit(0)).resume()
