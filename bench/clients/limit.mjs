// The limits: what a client could not do without. A raw socket that reads into one fixed buffer of 64 KiB, and
//
//   limit-null    parses nothing: it counts bytes
//   limit-parse   reads each header where it lies
//   limit-utf8    and checks that the payload is UTF-8, in JavaScript: 4 bytes at a time while they are ASCII
//   limit-string  makes one string of each message, checked natively
//
// To send: one write for each message, of a frame made beforehand; several at once are one write.

import { Buffer, isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import net from 'node:net'

/** Every connection's: what was read is dealt with before the next read. */
const buffer = Buffer.alloc(65536)
const HEAD =
  'GET PATH HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'

function isAscii(bytes, words, start, end) {
  let at = start
  while (at & 3 && at < end) if (bytes[at++] > 127) return false
  for (; at + 4 <= end; at += 4) if (words[at >> 2] & 0x80808080) return false
  while (at < end) if (bytes[at++] > 127) return false
  return true
}

/** Takes what was read, `[0, count)` of `bytes`, for the limit `name`. */
function reader(name, job, bytes, heard) {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  const { size } = job
  const frameSize = size + (size < 126 ? 2 : size < 65536 ? 4 : 10)
  const whole = name === 'limit-string' && Buffer.alloc(size)
  /** Bytes of the current frame so far, with its header. */
  let at = 0
  return (count) => {
    let next = 0
    if (name === 'limit-null') {
      for (at += count; at >= frameSize; at -= frameSize) heard(size)
      return
    }
    while (next < count) {
      const start = next
      // Of a header that a read has cut in two, the first byte alone is looked at.
      if (at === 0 && (bytes[next] & 0x70 || (next + 1 < count && bytes[next + 1] > 127))) {
        throw new Error('not a frame')
      }
      next = Math.min(count, start + frameSize - at)
      const from = start + Math.max(0, frameSize - size - at)
      if (name === 'limit-utf8') {
        if (from < next && !isAscii(bytes, words, from, next)) throw new Error('not ASCII')
      } else if (name === 'limit-string') {
        if (next - from === size) {
          const part = bytes.subarray(from, next)
          if (!isUtf8(part)) throw new Error('not UTF-8')
          if (part.latin1Slice(0, size).length !== size) throw new Error('not as long')
        } else if (from < next) {
          bytes.copy(whole, size - (frameSize - at - (from - start)), from, next)
          if (
            at + next - start === frameSize &&
            (!isUtf8(whole) || whole.utf8Slice().length !== size)
          ) {
            throw new Error('not UTF-8')
          }
        }
      }
      at += next - start
      if (at === frameSize) {
        at = 0
        heard(size)
      }
    }
  }
}

/** A frame as a client sends it. */
function frameOf(message) {
  const body = Buffer.from(message)
  const { length } = body
  const key = randomBytes(4)
  const masked = body.map((octet, i) => octet ^ key[i & 3])
  const header =
    length < 126
      ? [0x82, 128 + length]
      : length < 65536
        ? [0x82, 254, length >> 8, length & 255]
        : [0x82, 255, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255]
  return Buffer.concat([Buffer.from(header), key, masked])
}

export function openLimit(name, url, job, heard) {
  const { hostname, port, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    let head = ''
    const read = reader(name, job, buffer, heard)
    let frames
    const socket = net.connect({
      host: hostname,
      port,
      noDelay: true,
      onread: {
        buffer,
        callback(count) {
          if (head !== undefined) {
            head += buffer.latin1Slice(0, count)
            const end = head.indexOf('\r\n\r\n')
            if (end < 0) return true
            const rest = Buffer.from(head.slice(end + 4), 'latin1')
            rest.copy(buffer)
            head = undefined
            resolve({
              socket,
              send(message, batch, done) {
                frames = frames || Buffer.concat(Array(batch).fill(frameOf(message)))
                socket.write(frames, done)
              },
            })
            if (rest.length) read(rest.length)
          } else {
            read(count)
          }
          return true
        },
      },
    })
    socket.on('error', reject)
    socket.write(
      `${HEAD.replace('PATH', pathname)}Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
  })
}
