// What a client has written, held against what it has accepted: the request, then frames as RFC 6455 lets a client send
// them, with the accepted messages in their order.

import { Buffer } from 'node:buffer'
import { closeOf } from '../fuzz/frame-reference'
import { type Frame, join } from './frames'

export interface Accepted {
  kind: number
  bytes: Uint8Array
}

export interface SentRun {
  /** All octets that the transport has taken. */
  written: Uint8Array
  /** Messages that were accepted, in their order. */
  sent: Accepted[]
  /** Of a message in fragments that was not ended: what was accepted. */
  parts: Uint8Array[]
  /** Payloads of the pings that were told, in their order. */
  pings: Uint8Array[]
  /** At the end. */
  bufferedAmount: number
  fail: (what: string) => never
}

/**
 * Fails unless it is a request and frames as a client may send them: all that was accepted, or the beginning of it and a
 * `bufferedAmount` that says so. Returns the frames.
 */
export function checkSent({ written, sent, parts, pings, bufferedAmount, fail }: SentRun): Frame[] {
  const text = Buffer.from(written).toString('latin1')
  const end = text.indexOf('\r\n\r\n') + 4
  if (!text.startsWith('GET / HTTP/1.1\r\n'.slice(0, text.length))) fail('no request')
  if (end < 4) return []
  const { frames, rest } = framesSent(written.subarray(end), fail)
  const messages: Accepted[] = []
  let open: { kind: number; bytes: Uint8Array[] } | undefined
  let isClosed = false
  let pongs = 0
  for (const { fin, rsv, opcode, payload } of frames) {
    if (isClosed) fail('a frame after the Close frame')
    if (rsv) fail('RSV is set')
    if (opcode > 7) {
      if (!fin || payload.length > 125 || opcode > 10) fail('a bad control frame')
      if (opcode === 8) {
        isClosed = true
        if (payload.length && 'id' in closeOf(payload, 0, payload.length)) fail('a bad Close frame')
      } else if (opcode === 10) {
        // A pong goes out before its ping is told, which an end may prevent.
        const ping = pings[pongs++]
        if (ping && Buffer.compare(ping, payload)) fail('pong ' + pongs + ' is not its ping')
        if (!ping && pongs > pings.length + 1) fail('a pong too many')
      }
      continue
    }
    if ((opcode === 0) !== (open !== undefined) || opcode > 2) return fail('fragments out of order')
    open = open || { kind: opcode, bytes: [] }
    open.bytes.push(payload)
    if (fin) {
      messages.push({ kind: open.kind, bytes: join(open.bytes) })
      open = undefined
    }
  }
  if (messages.length > sent.length) fail('a message that was not accepted')
  messages.forEach(({ kind, bytes }, i) => {
    if (kind !== sent[i].kind || Buffer.compare(bytes, sent[i].bytes))
      fail('message ' + i + ' is another')
  })
  const begun = open ? join(open.bytes) : new Uint8Array(0)
  const next = sent[messages.length] ? sent[messages.length].bytes : join(parts)
  if (Buffer.compare(begun, next.subarray(0, begun.length))) fail('the last message is another')
  // What was accepted and is not there has been told: `bufferedAmount` counts it.
  const isAll = messages.length === sent.length && begun.length === join(parts).length && !rest
  if (!isAll && bufferedAmount === 0) {
    fail('not all that was accepted was sent, and bufferedAmount is 0')
  }
  return frames
}

/** The frames of `bytes`, the last of which may be cut off. */
function framesSent(
  bytes: Uint8Array,
  fail: (what: string) => never,
): { frames: Frame[]; rest: number } {
  const frames: Frame[] = []
  let at = 0
  while (at < bytes.length) {
    const first = bytes[at]
    const short = bytes[at + 1] & 127
    const size = short === 126 ? 2 : short === 127 ? 8 : 0
    const keyAt = at + 2 + size
    if (keyAt + 4 > bytes.length) break
    if (bytes[at + 1] < 128) fail('not masked')
    let length = size ? 0 : short
    for (let i = 0; i < size; i++) length = length * 256 + bytes[at + 2 + i]
    if (size && length < (size === 2 ? 126 : 65536)) fail('a length that is not minimal')
    const start = keyAt + 4
    if (start + length > bytes.length) break
    const payload = new Uint8Array(length)
    for (let i = 0; i < length; i++) payload[i] = bytes[start + i] ^ bytes[keyAt + (i & 3)]
    frames.push({ fin: first > 127, rsv: (first >> 4) & 7, opcode: first & 15, payload })
    at = start + length
  }
  return { frames, rest: bytes.length - at }
}
