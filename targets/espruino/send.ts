// What leaves: frames (RFC 6455 section 5.2, masked as section 5.3 says) into `_out`, and `_out` to Espruino's socket.
// Memory: a message that could never fit stays the caller's, in `unsent`, until its last fragment is in `_out`.

import { CHUNK, CLOSED, type Connection, OPEN, tell } from './connection'
import { misuse } from './misuse'
import { type TextState, wrongByte } from './text'

/** Room that a fragment of a large message leaves: the largest control frame. */
const CONTROL_FRAME_ROOM = 131
/** Espruino's typed arrays cannot begin behind this offset of a buffer. */
const LARGEST_OFFSET = 65536
/** The largest header. */
const HEADER_ROOM = 14

const FIN = 0x80

/** Size of the frame of a payload. */
function sizeOf(length: number): number {
  return length + (length < 126 ? 6 : length < 65536 ? 8 : HEADER_ROOM)
}

/** Whether a payload can be taken now. Control frames pass a large message. */
function canTake(it: Connection, length: number, isControl: boolean): boolean {
  const ring = it._settings.sendBuffer
  const size = sizeOf(length)
  return (isControl || it._next === it._end) && (size <= ring - it._out.length || size > ring)
}

/** Unpredictable words of 32 bits. */
export function randomWords(it: Connection, count: number): Int32Array {
  const words = new Int32Array(count)
  const { random } = it._settings
  if (random) random(new Uint8Array(words.buffer))
  else while (count) words[--count] = E.hwRand()
  return words
}

/** Puts a frame into `_out`, masked: by words, four in a row, since each step of a loop costs as much. */
function append(it: Connection, first: number, body: string) {
  const { length } = body
  const key = randomWords(it, 1)
  const word = key[0]
  const count = ((length + 15) >> 4) << 2
  const words = new Int32Array(count)
  const bytes = new Uint8Array(words.buffer, 0, length)
  let i = 0
  // Espruino's `set` takes the bytes of a string.
  bytes.set(body as never)
  while (i < count) {
    words[i++] ^= word
    words[i++] ^= word
    words[i++] ^= word
    words[i++] ^= word
  }
  it._out += E.toString(
    first,
    length < 126
      ? 128 | length
      : length < 65536
        ? [254, length >> 8, length]
        : [255, 0, 0, 0, 0, length >> 24, length >> 16, length >> 8, length],
    key.buffer,
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

/** Writes what Espruino takes without copying it again: `_out`, the large message by fragments, the Close frame. */
export function flush(it: Connection) {
  while (it._underWay < CHUNK && it.readyState < CLOSED) {
    if (!it._out) {
      const { _next: next } = it
      // At the end what is left of a large message is given up, and goes on to count.
      if (next < it._end && !it._isDone) {
        const room = it._settings.sendBuffer - CONTROL_FRAME_ROOM
        const isLast = sizeOf(it._end - next) <= room
        it._next = isLast ? it._end : next + room - HEADER_ROOM
        append(it, isLast ? it._first : it._first & 127, pieceOf(it.unsent!, next, it._next))
        it._first &= FIN
        if (isLast) it.unsent = undefined
      } else if (it._closeBody !== undefined) {
        it._closeSent = true
        append(it, FIN | 8, it._closeBody)
        it._closeBody = undefined
      } else {
        break
      }
    }
    const piece = it._out.substr(0, CHUNK - it._underWay)
    it._out = it._out.substr(piece.length)
    it._underWay += piece.length
    try {
      it._socket!.write(piece)
    } catch {
      // The peer has closed, which Espruino will tell.
    }
  }
  it.bufferedAmount = it._out.length + it._end - it._next
  hold(it)
}

export function announceRoom(it: Connection) {
  if (it._wanted >= 0 && it.readyState === OPEN && canTake(it, it._wanted, false)) {
    it._wanted = -1
    tell(it, 'onWritable', it)
  }
}

export function sendControl(it: Connection, opcode: number, body: string): boolean {
  const isTaken = canTake(it, body.length, true)
  if (isTaken) {
    append(it, FIN | opcode, body)
    flush(it)
  }
  return isTaken
}

export function requireBytes(bytes: unknown) {
  if (!(bytes instanceof Uint8Array)) misuse('Type', 'BAD_BYTES', typeof bytes)
}

export function requireOpen(it: Connection) {
  if (it.readyState !== OPEN) misuse('', 'NOT_OPEN', 'readyState ' + it.readyState)
}

export function send(
  it: Connection,
  source: string | Uint8Array,
  start: number | undefined,
  end: number | undefined,
  kind: number,
  isLast: boolean,
  isFragment?: boolean,
): boolean {
  const { _openKind: openKind } = it
  if (start === undefined) start = 0
  if (end === undefined) end = source.length
  if (start >>> 0 !== start || end >>> 0 !== end || start > end || end > source.length) {
    misuse('Range', 'BAD_RANGE', start + ' to ' + end + ' of ' + source.length)
  }
  if (kind !== 1 && kind !== 2) misuse('Range', 'BAD_KIND', kind)
  requireOpen(it)
  if (openKind && (!isFragment || kind !== openKind)) misuse('', 'MESSAGE_OPEN', openKind)
  const length = end - start
  if (!canTake(it, length, false)) {
    it._wanted = length
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
        if (wrong >= 0) misuse('Type', 'BAD_TEXT', 'byte ' + (at + wrong))
      }
      it._textOut = isLast ? undefined : state
    }
    it._openKind = isLast ? 0 : kind
  }
  const first = (isLast ? FIN : 0) | (openKind ? 0 : kind)
  if (sizeOf(length) > it._settings.sendBuffer) {
    it.unsent = source
    it._next = start
    it._end = end
    it._first = first
    it._wanted = 0
  } else {
    append(it, first, typeof source === 'string' ? source : pieceOf(source, start, end))
  }
  flush(it)
  return true
}
