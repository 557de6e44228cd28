// What leaves: frames (RFC 6455 section 5.2, masked as section 5.3 says) into `_out`, and `_out` to Espruino's socket.
// Memory: a message that could never fit stays the caller's, in `unsent`, until its last fragment is in `_out`.

import { CHUNK, CLOSED, type Connection, OPEN } from './connection'
import { ERROR, RANGE_ERROR, TYPE_ERROR, misuse } from './misuse'
import { SEND_BUFFER } from './settings'
import { type TextState, wrongByte } from './text'

/** Room that a fragment of a large message leaves: the largest control frame. */
const CONTROL_FRAME_ROOM = 131
/** Espruino's typed arrays cannot begin behind this offset of a buffer. */
const LARGEST_OFFSET = 65536
/** The largest header. */
const HEADER_ROOM = 14

const FIN = 0x80

/** Size of the frame of a payload. */
export function sizeOf(length: number): number {
  return length + (length < 126 ? 6 : length < 65536 ? 8 : HEADER_ROOM)
}

/** Whether a frame of this size can be taken now. Control frames pass a large message. */
export function canTake(it: Connection, size: number, isControl: boolean): boolean {
  const ring = it._limits[SEND_BUFFER]
  return (isControl || it._next === it._end) && (size <= ring - it._out.length || size > ring)
}

/** Makes the first `count` of the words unpredictable. */
export function randomize(it: Connection, words: Int32Array, count: number) {
  const { _random: random } = it
  if (random) random(new Uint8Array(words.buffer, 0, count * 4))
  else while (count) words[--count] = E.hwRand()
}

/** Puts a frame into `_out`, masked: by words, four in a row, since each step of a loop costs as much. */
function append(it: Connection, first: number, body: string) {
  const { length } = body
  // The masking key, and what it masks.
  const count = (((length + 15) >> 4) << 2) + 1
  const words = new Int32Array(count)
  randomize(it, words, 1)
  const key = words[0]
  const bytes = new Uint8Array(words.buffer, 0, length + 4)
  let i = 1
  // Espruino's `set` takes the bytes of a string.
  bytes.set(body as never, 4)
  while (i < count) {
    words[i++] ^= key
    words[i++] ^= key
    words[i++] ^= key
    words[i++] ^= key
  }
  it._out += E.toString(
    first,
    length < 126
      ? 128 | length
      : length < 65536
        ? [254, length >> 8, length]
        : [255, 0, 0, 0, 0, length >> 24, length >> 16, length >> 8, length],
    bytes,
  )
}

function pieceOf(source: string | Uint8Array, start: number, end: number): string {
  return typeof source === 'string'
    ? source.substring(start, end)
    : end < LARGEST_OFFSET
      ? E.toString(source.subarray(start, end))
      : // The memory of an array that is not itself a view is a string already: this copies none of it.
        E.toString(source).substring(start, end)
}

/** Espruino reads whether somebody wants it or not, into a string without bound, and there is no other way to stop it. */
export function hold(it: Connection) {
  const { _socket: socket, _held: held } = it
  if (!socket) return
  // While it is open or closing.
  if (it._isPaused && !it._underWay && it.readyState % 3) {
    if (socket.sckt) {
      it._held = socket.sckt
      socket.sckt = 0
    }
  } else if (held) {
    socket.sckt = held
    it._held = 0
  }
}

/**
 * Puts into `_out` what may leave next: a fragment of the large message, unless that is given up, or the Close frame.
 * False if there is nothing.
 */
function refill(it: Connection): boolean {
  const { _next: next, _end: end } = it
  if (next < end && !it._isDone) {
    const room = it._limits[SEND_BUFFER] - CONTROL_FRAME_ROOM
    const isLast = sizeOf(end - next) <= room
    it._next = isLast ? end : next + room - HEADER_ROOM
    append(it, isLast ? it._first : it._first & 127, pieceOf(it.unsent!, next, it._next))
    it._first &= FIN
    if (isLast) it.unsent = undefined
    return true
  }
  if (it._closeBody === undefined) return false
  it._closeSent = true
  append(it, FIN | 8, it._closeBody)
  it._closeBody = undefined
  return true
}

/** Writes what Espruino takes without copying it again: `_out`, the large message by fragments, the Close frame. */
export function flush(it: Connection) {
  if (it.readyState === CLOSED) return
  while (it._underWay < CHUNK && (it._out || refill(it))) {
    const room = CHUNK - it._underWay
    const piece = it._out.substr(0, room)
    it._out = it._out.substr(room)
    it._underWay += piece.length
    try {
      it._socket!.write(piece)
    } catch {
      // The peer has closed, which Espruino will tell.
    }
  }
  it.bufferedAmount = it._out.length + it._end - it._next
  if (it._isPaused) hold(it)
}

export function sendControl(it: Connection, opcode: number, body: string): boolean {
  const isTaken = canTake(it, sizeOf(body.length), true)
  if (isTaken) {
    append(it, FIN | opcode, body)
    flush(it)
  }
  return isTaken
}

export function requireBytes(bytes: unknown) {
  if (!(bytes instanceof Uint8Array)) misuse(TYPE_ERROR, 'BAD_BYTES', typeof bytes)
}

export function requireOpen(it: Connection) {
  if (it.readyState !== OPEN) misuse(ERROR, 'NOT_OPEN', 'readyState ' + it.readyState)
}

/** Sends a text as its UTF-8, or bytes of the caller's; throws if they are none. */
export function send(
  it: Connection,
  source: string | Uint8Array,
  start: number | undefined,
  end: number | undefined,
  kind: number,
  isLast: boolean,
  isFragment?: boolean,
): boolean {
  if (isFragment || kind === 2) requireBytes(source)
  const { length } = source
  if (start === undefined) start = 0
  if (end === undefined) end = length
  if (!(start >>> 0 === start && end >>> 0 === end && start <= end && end <= length)) {
    misuse(RANGE_ERROR, 'BAD_RANGE', start + ' to ' + end + ' of ' + length)
  }
  if (kind !== 1 && kind !== 2) misuse(RANGE_ERROR, 'BAD_KIND', kind)
  const { _openKind: openKind } = it
  const size = sizeOf(end - start)
  requireOpen(it)
  if (openKind && (!isFragment || kind !== openKind)) misuse(ERROR, 'MESSAGE_OPEN', openKind)
  if (!canTake(it, size, false)) {
    it._wanted = end - start
    return false
  }
  if (isFragment) {
    if (kind === 1) {
      // Section 5.6: a text message MUST be UTF-8. What is not leaves the message as it was, to be gone on with.
      const { _missing, _lower, _upper } = it._textOut || ({} as TextState)
      const state: TextState = { _missing, _lower, _upper }
      for (let at = start; at <= end; at += CHUNK) {
        const next = Math.min(at + CHUNK, end)
        const wrong = wrongByte(state, pieceOf(source, at, next), isLast && next === end)
        if (wrong >= 0) misuse(TYPE_ERROR, 'BAD_TEXT', 'byte ' + (at + wrong))
      }
      it._textOut = isLast ? undefined : state
    }
    it._openKind = isLast ? 0 : kind
  }
  const first = (isLast ? FIN : 0) | (openKind ? 0 : kind)
  if (size > it._limits[SEND_BUFFER]) {
    it.unsent = source
    it._next = start
    it._end = end
    it._first = first
    it._wanted = 0
  } else {
    append(it, first, pieceOf(source, start, end))
  }
  flush(it)
  return true
}
