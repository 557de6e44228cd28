// A peer that does what no good server does. The request's path carries its script, so that a case of the
// catalogue shows the bytes that the client gets beside what it expects of the client. Steps:
//
//   ['write', part, …]     one write; a part is hex digits, { head: text } or { times: n, hex }; in a head,
//                          $ACCEPT stands for the right accept value
//   ['bytewise', part, …]  the same bytes, a write for each
//   ['frames', n]          waits until n frames of the client have come, counted from its first
//   ['wait', ms]
//   ['released', key]      waits until a client asks for `/release?key=` with that key
//   ['fin']  ['reset']     ends the sending side, or everything
//   ['deaf']  ['listen']   reads no more; reads again
//   ['hold']               does not end the connection when the client does; without it, a Close frame of the
//                          client is answered, and TCP ended
//
// What the client sends is decoded here, independently of Ringlet, and kept as a log for `/report`.

import { createHash } from 'node:crypto'
import { showBytes, showText } from './bytes.mjs'
import { released } from './gate.mjs'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const NAMES = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' }

/** Logs by key: a promise of what the client did on the connection of that key. */
const reports = new Map()

export function reportOf(key) {
  if (!reports.has(key)) {
    let resolve
    const promise = new Promise((done) => {
      resolve = done
    })
    reports.set(key, { promise, resolve })
  }
  return reports.get(key)
}

/** Decodes the client's frames; `onFrame(opcode, line, payload)` for each. */
class ClientFrames {
  constructor(onFrame) {
    this.onFrame = onFrame
    this.pending = Buffer.alloc(0)
  }

  push(chunk) {
    let bytes = this.pending.length ? Buffer.concat([this.pending, chunk]) : chunk
    for (;;) {
      if (bytes.length < 2) break
      const short = bytes[1] & 127
      let at = short < 126 ? 2 : short === 126 ? 4 : 10
      if (bytes.length < at + 4) break
      const length =
        short < 126
          ? short
          : short === 126
            ? bytes.readUInt16BE(2)
            : Number(bytes.readBigUInt64BE(2))
      const isMasked = bytes[1] > 127
      const maskingKey = bytes.subarray(at, at + 4)
      if (isMasked) at += 4
      if (bytes.length < at + length) break
      const payload = Buffer.from(bytes.subarray(at, at + length))
      for (let i = 0; isMasked && i < length; i++) payload[i] ^= maskingKey[i & 3]
      this.onFrame(bytes[0] & 15, describe(bytes[0], isMasked, payload), payload)
      bytes = bytes.subarray(at + length)
    }
    this.pending = bytes
  }
}

function describe(firstOctet, isMasked, payload) {
  const opcode = firstOctet & 15
  const name = NAMES[opcode] || 'opcode ' + opcode
  let contents
  if (opcode === 8) {
    contents =
      payload.length < 2
        ? showBytes(payload)
        : payload.readUInt16BE(0) + ' "' + payload.subarray(2) + '"'
  } else if (opcode === 1 && firstOctet > 127) {
    contents = showText(payload.toString())
  } else {
    contents = showBytes(payload)
  }
  return (
    name +
    ' ' +
    contents +
    (firstOctet < 128 ? ', more' : '') +
    (firstOctet & 0x70 ? ', reserved bits' : '') +
    (isMasked ? '' : ', not masked')
  )
}

/** `rest` is what came after the request's head. */
export async function rawPeer(socket, request, rest) {
  const { searchParams } = new URL(request.url, 'ws://raw')
  const steps = JSON.parse(searchParams.get('steps') || '[]')
  const report = reportOf(searchParams.get('key'))
  const accept = createHash('sha1')
    .update(request.headers['sec-websocket-key'] + GUID)
    .digest('base64')
  const frames = []
  let chunks = 0
  let isHeld = false
  let frameArrived = () => {}
  const over = (end) => {
    report.resolve({ frames, chunks, end })
    frameArrived()
  }
  const answerEnd = (closeFrame) => {
    if (!isHeld) socket.end(closeFrame)
  }
  const decoder = new ClientFrames((opcode, line, payload) => {
    frames.push(line)
    frameArrived()
    // Where the script has sent a Close frame, or a violation, the client no longer minds a second one.
    if (opcode === 8)
      answerEnd(
        Buffer.concat([Buffer.from([0x88, Math.min(payload.length, 2)]), payload.subarray(0, 2)]),
      )
  })
  const take = (chunk) => {
    chunks++
    decoder.push(chunk)
  }
  socket.setNoDelay(true)
  socket.on('data', take)
  socket.on('end', () => {
    over('fin')
    answerEnd()
  })
  socket.on('error', (error) => over(error.code))
  socket.on('close', () => over('closed'))
  if (rest.length) take(rest)

  const bytesOf = (parts) =>
    Buffer.concat(
      parts.map((part) => {
        if (typeof part === 'string') return Buffer.from(part.split(' ').join(''), 'hex')
        if (part.head !== undefined)
          return Buffer.from(part.head.replace('$ACCEPT', accept), 'latin1')
        return Buffer.alloc((part.times * part.hex.length) / 2, part.hex, 'hex')
      }),
    )
  for (const [step, ...parameters] of steps) {
    if (socket.destroyed) return
    if (step === 'write') {
      socket.write(bytesOf(parameters))
    } else if (step === 'bytewise') {
      for (const octet of bytesOf(parameters)) {
        if (socket.destroyed) return
        await new Promise((done) => socket.write(Buffer.from([octet]), done))
        // The client's turn, so that it reads the bytes one by one, most of the time.
        await new Promise((done) => setImmediate(done))
      }
    } else if (step === 'frames') {
      while (frames.length < parameters[0] && !socket.destroyed) {
        await new Promise((done) => {
          frameArrived = done
        })
      }
    } else if (step === 'wait') {
      await new Promise((done) => setTimeout(done, parameters[0]))
    } else if (step === 'released') {
      await released(parameters[0])
    } else if (step === 'fin') {
      socket.end()
    } else if (step === 'reset') {
      socket.resetAndDestroy()
    } else if (step === 'deaf') {
      socket.pause()
    } else if (step === 'listen') {
      socket.resume()
    } else if (step === 'hold') {
      isHeld = true
    }
  }
}
