// A connection on Espruino: RFC 6455 as `src/protocol` and `src/client.ts` have it, written for an interpreter that runs
// from the source text and keeps that text in RAM. The same rules, the same errors and the same vectors.
//
// What differs, and why. Bytes are strings: Espruino's sockets read and write strings, and its native calls on them are
// a hundred times faster than loops. State is one object, its first values are in the prototype, and the socket's
// listeners find it by `this`: a closure costs 7 JsVars, a property 1 or 2. Nothing is taken before it is needed, since
// the heap is made of small equal blocks: what is bounded can be had later as well.
//
// Memory: `_in` holds what is not decoded yet, 536 bytes or so; `_message` a message that is not whole, up to
// `maxMessageSize`; `_out` what is not written yet, up to `sendBuffer`; and Espruino 536 bytes being written.

import type { Handlers, Socket } from '../../src/client'
import type { Kind } from '../../src/protocol/opcode'
import {
  ABNORMAL,
  INVALID_PAYLOAD,
  isWireCloseCode,
  MESSAGE_TOO_BIG,
  NO_STATUS,
  POLICY_VIOLATION,
  PROTOCOL_ERROR,
} from '../../src/protocol/close-code'
import { misuse } from './misuse'
import { TOKEN } from './request'
import { bytesOf, type TextState, textOf, wrongByte } from './text'

export const CONNECTING = 0
export const OPEN = 1
export const CLOSING = 2
export const CLOSED = 3

/** What Espruino's sockets read and write at once; what is written beyond that it would copy again and again. */
const CHUNK = 536
/** A piece that is shorter has emptied the network's buffer. */
const FULL_CHUNK = 256
/** Room that a fragment of a large message leaves: the largest control frame. */
const CONTROL_FRAME_ROOM = 131
/** Espruino's typed arrays cannot begin behind this offset of a buffer. */
const LARGEST_OFFSET = 65536
/** The largest header. */
const HEADER_ROOM = 14

const FIN = 0x80
// Sets of opcodes, a bit each: what may begin a message, or go on with it; control frames may always come.
const BEGINS_MESSAGE = 0x706
const CONTINUES_MESSAGE = 0x701

const NO_PING = 0
const OWES_PING = 1
const AWAITS_PONG = 2

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** What may not stand in a line of the response; CR only before LF. */
const CONTROL = /[^\t -~\x80-\xff]/
const NO_STRING = 'a string is expected'

/** What counts or times may be, and what they are unless the user says otherwise. */
export const SETTINGS = {
  receiveBuffer: 1024,
  sendBuffer: 1024,
  maxMessageSize: 0,
  maxFragments: 1 << 20,
  maxEmptyFragments: 1024,
  maxControlFrames: 65536,
  maxResponseHead: 4096,
  handshakeTimeout: 10000,
  closeTimeout: 5000,
  idleTimeout: 0,
  pingInterval: 0,
  pongTimeout: 10000,
}

export type Settings = typeof SETTINGS
type Fields = Record<string, string>

interface Response {
  _key: string
  _protocols: string[]
  _status: number
  _fields: Fields
}

/** The socket that the user holds. */
export interface Connection extends Socket, TextState {
  readyState: number
  bufferedAmount: number
  protocol: string
  extensions: string
  _socket: EspruinoSocket | undefined
  _handlers: Handlers
  _settings: Settings
  _random: ((bytes: Uint8Array) => void) | undefined
  /** The caller's memory, if bytes are to be delivered there. */
  _memory: Uint8Array | undefined
  /** The response that is being read. */
  _response: Response | undefined

  /** What has been received; from `_index` on it is not decoded. */
  _in: string
  _index: number
  /** Offset in the stream of the first byte of `_in`. */
  _base: number
  /** Of the current data frame and its message. */
  _isInPayload: boolean
  _left: number
  _isLast: boolean
  _kind: number
  _message: string
  _size: number
  _fragments: number
  _emptyFragments: number
  _controlFrames: number
  _isPaused: boolean
  /** A ping waits for room for its pong. */
  _isBlocked: boolean
  /** Nothing that arrives counts any more. */
  _isDone: boolean
  /** Espruino has closed the socket. */
  _hasEnded: boolean
  /** `sckt` of the socket, while it must not be read. */
  _held: number

  _out: string
  /** Bytes that Espruino has been given and has not written. */
  _underWay: number
  /** What could never fit, from `_next` to `_end` not in `_out` yet. */
  _source: string | Uint8Array | undefined
  _next: number
  _end: number
  _opcode: number
  _fin: number
  _openKind: number
  _textOut: TextState | undefined
  /** Bytes that the last refused payload needs, or −1. */
  _wanted: number
  /** The payload of the Close frame that waits. */
  _closeBody: string | undefined
  _closeSent: boolean
  _closeReceived: boolean
  _closeCode: number
  _closeReason: string

  /** The deadline of what is awaited, and that of `idleTimeout`; 0 for none. */
  _timers: number[]
  _heard: number
  _keepalive: number
}

/** Calls a handler; what it throws is reported as uncaught. */
function tell(
  it: Connection,
  name: keyof Handlers,
  a: unknown,
  b?: unknown,
  c?: unknown,
  d?: unknown,
  e?: unknown,
  f?: unknown,
) {
  const handlers = it._handlers as Record<string, (...values: unknown[]) => void>
  try {
    if (handlers[name]) handlers[name](a, b, c, d, e, f)
  } catch (error) {
    setTimeout(() => {
      throw error
    }, 0)
  }
}

/** Calls a handler with bytes of its own, or in the caller's memory. */
function tellBytes(
  it: Connection,
  name: keyof Handlers,
  body: string,
  d: unknown,
  e?: unknown,
  f?: unknown,
) {
  if (!(it._handlers as Record<string, unknown>)[name]) return
  let bytes = E.toUint8Array(body)
  if (it._memory && body.length <= it._memory.length) {
    it._memory.set(bytes)
    bytes = it._memory
  }
  tell(it, name, bytes, 0, body.length, d, e, f)
}

// --- Time.

function arm(it: Connection, index: number, delay: number) {
  if (it._timers[index]) clearTimeout(it._timers[index])
  it._heard &= ~(1 << index)
  it._timers[index] = delay > 0 && delay < 2147483648 ? setTimeout(onTimer, delay, it, index) : 0
}

function onTimer(it: Connection, index: number) {
  const { readyState, _settings: settings } = it
  const heard = it._heard & (1 << index)
  it._timers[index] = 0
  if (index) {
    if (readyState !== OPEN) return
    if (heard || it._isPaused) return arm(it, 1, settings.idleTimeout)
  } else if (readyState === OPEN) {
    if (!it._keepalive) return sendPing(it)
    // A pong cannot overtake a frame that is still arriving, and none is read during a pause.
    if (it._isPaused || (heard && it._left)) return arm(it, 0, settings.pongTimeout)
  }
  drop(
    it,
    index
      ? 'IDLE_TIMEOUT'
      : readyState === CONNECTING
        ? 'HANDSHAKE_TIMEOUT'
        : readyState === OPEN
          ? 'PONG_TIMEOUT'
          : 'CLOSE_TIMEOUT',
    'the peer is silent',
  )
}

function sendPing(it: Connection) {
  it._keepalive = sendControl(it, 9, '') ? AWAITS_PONG : OWES_PING
  arm(it, 0, it._settings.pongTimeout)
}

// --- The end.

/** Takes nothing in any more; `onClose` will say `code` and `reason`. */
function finish(it: Connection, code: number, reason: string) {
  it._isDone = true
  it._closeCode = code
  it._closeReason = reason
  it._source = undefined
  it._next = it._end = 0
}

function onFailure(
  it: Connection,
  id: string,
  code: number,
  detail: string,
  offset?: number,
  cause?: unknown,
) {
  const error = misuse('Error', id, detail)
  error.code = code
  error.offset = offset
  error.cause = cause
  if (it._response) {
    error.status = it._response._status
    error.headers = it._response._fields
  }
  tell(it, 'onError', error)
}

/** Ends without a Close frame from the peer, unless it has sent one. */
export function drop(it: Connection, id: string, detail: string, offset?: number, cause?: unknown) {
  if (!it._isDone) {
    finish(it, ABNORMAL, id)
    onFailure(it, id, ABNORMAL, detail, offset, cause)
  }
  it.abort()
}

/** Fails the connection for the byte at `index` of `_in`. */
function fail(it: Connection, id: string, index: number, code = PROTOCOL_ERROR): false {
  const offset = it._base + index
  finish(it, code, id)
  beginClose(it, code, '')
  onFailure(it, id, code, 'at byte ' + offset, offset)
  return false
}

function beginClose(it: Connection, code: number, reason: string) {
  if (it.readyState === OPEN) {
    it.readyState = CLOSING
    arm(it, 0, it._settings.closeTimeout)
    it.resume()
  }
  // Section 5.5.1: nothing is sent after a Close frame.
  if (!it._closeSent) {
    it._closeBody = code === NO_STATUS ? '' : String.fromCharCode(code >> 8, code) + reason
    flush(it)
  }
}

function lastCall(it: Connection, handlers: Handlers) {
  it._handlers = handlers
  tell(it, 'onClose', it._closeCode, it._closeReason, it._closeSent && it._closeReceived)
}

// --- Out.

/** Size of the frame of a payload. */
function sizeOf(length: number): number {
  return length + (length < 126 ? 6 : length < 65536 ? 8 : HEADER_ROOM)
}

/** Whether a payload can be taken now. Control frames pass a large message. */
function canTake(it: Connection, length: number, isControl: boolean): boolean {
  const ring = it._settings.sendBuffer
  const size = sizeOf(length)
  return (isControl || it._source === undefined) && (size <= ring - it._out.length || size > ring)
}

/** A random 32-bit integer. */
export function randomWord(it: Connection): number {
  if (!it._random) return E.hwRand()
  const bytes = new Uint8Array(4)
  it._random(bytes)
  return new Int32Array(bytes.buffer)[0]
}

/** Puts a frame into `_out`, masked (section 5.3): by words, four in a row, since each step of a loop costs as much. */
function append(it: Connection, first: number, body: string) {
  const { length } = body
  const key = randomWord(it)
  let i = ((length + 15) >> 4) << 2
  const count = i
  const words = new Int32Array(count)
  const bytes = new Uint8Array(words.buffer)
  // Espruino's `set` takes the bytes of a string.
  bytes.set(body as never)
  i = 0
  while (i < count) {
    words[i++] ^= key
    words[i++] ^= key
    words[i++] ^= key
    words[i++] ^= key
  }
  it._out +=
    length < 126
      ? String.fromCharCode(first, 128 | length, key, key >> 8, key >> 16, key >> 24)
      : (length < 65536
          ? String.fromCharCode(first, 254)
          : String.fromCharCode(first, 255, 0, 0, 0, 0, length >> 24, length >> 16)) +
        String.fromCharCode(length >> 8, length, key, key >> 8, key >> 16, key >> 24)
  // By itself: appending to a string that has no other owner copies what is appended, and no more.
  it._out += E.toString(bytes).substr(0, length)
}

/** Puts what waits for room into `_out`, which is empty: a fragment of the large message, or the Close frame. */
function refill(it: Connection): boolean {
  const { _source: source, _next: next } = it
  if (source !== undefined) {
    const left = it._end - next
    const room = it._settings.sendBuffer - CONTROL_FRAME_ROOM
    const isLast = sizeOf(left) <= room
    const end = isLast ? it._end : next + room - HEADER_ROOM
    it._next = end
    append(it, (isLast ? it._fin : 0) | it._opcode, pieceOf(source, next, end))
    it._opcode = 0
    if (isLast) it._source = undefined
  } else if (it._closeBody !== undefined) {
    it._closeSent = true
    append(it, FIN | 8, it._closeBody)
    it._closeBody = undefined
  } else {
    return false
  }
  return true
}

function pieceOf(source: string | Uint8Array, start: number, end: number): string {
  return typeof source === 'string'
    ? source.substring(start, end)
    : end < LARGEST_OFFSET
      ? E.toString(source.subarray(start, end))
      : // The memory of an array that is not itself a view is a string already: this copies none of it.
        E.toString(source).substring(start, end)
}

/** Writes what Espruino takes without copying it again. */
export function flush(it: Connection) {
  while (it._underWay < CHUNK && it.readyState < CLOSED && (it._out || refill(it))) {
    let piece = it._out
    it._out = ''
    if (it._underWay + piece.length > CHUNK) {
      it._out = piece.substr(CHUNK - it._underWay)
      piece = piece.substr(0, CHUNK - it._underWay)
    }
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

function announceRoom(it: Connection) {
  if (it._wanted >= 0 && it.readyState === OPEN && canTake(it, it._wanted, false)) {
    it._wanted = -1
    tell(it, 'onWritable', it)
  }
}

function sendControl(it: Connection, opcode: number, body: string): boolean {
  const isTaken = canTake(it, body.length, true)
  if (isTaken) {
    append(it, FIN | opcode, body)
    flush(it)
  }
  return isTaken
}

function requireBytes(bytes: unknown) {
  if (!(bytes instanceof Uint8Array))
    throw misuse('TypeError', 'BAD_BYTES', 'a Uint8Array is expected')
}

function requireOpen(it: Connection) {
  if (it.readyState !== OPEN) throw misuse('Error', 'NOT_OPEN', 'readyState is ' + it.readyState)
}

function send(
  it: Connection,
  source: string | Uint8Array,
  start: number | undefined,
  end: number | undefined,
  kind: number,
  isLast: boolean,
  isFragment: boolean,
): boolean {
  const { _openKind: openKind } = it
  if (start === undefined) start = 0
  if (end === undefined) end = source.length
  // What is left of a whole number when its fraction is taken off is that number; of a string, never that string.
  if (
    typeof source !== 'string' &&
    (!(start >= 0 && start <= end && end <= source.length) ||
      start - (start % 1) !== start ||
      end - (end % 1) !== end)
  ) {
    throw misuse('RangeError', 'BAD_RANGE', '[' + start + ', ' + end + ') of ' + source.length)
  }
  if (kind !== 1 && kind !== 2) throw misuse('RangeError', 'BAD_KIND', kind)
  requireOpen(it)
  if (openKind && (!isFragment || kind !== openKind)) {
    throw misuse('Error', 'MESSAGE_OPEN', 'kind ' + openKind + ' is not ended')
  }
  const length = end - start
  if (!canTake(it, length, false)) {
    it._wanted = length
    return false
  }
  if (isFragment) {
    // Section 5.6: a text message MUST be UTF-8.
    if (kind === 1) checkText(it, source, start, end, isLast)
    it._openKind = isLast ? 0 : kind
  }
  const opcode = openKind ? 0 : kind
  const fin = isLast ? FIN : 0
  if (sizeOf(length) > it._settings.sendBuffer) {
    it._source = source
    it._next = start
    it._end = end
    it._opcode = opcode
    it._fin = fin
    it._wanted = 0
  } else {
    append(it, fin | opcode, typeof source === 'string' ? source : pieceOf(source, start, end))
  }
  flush(it)
  return true
}

/** Throws if a text fragment is not UTF-8, and then leaves the message as it was, to be gone on with. */
function checkText(
  it: Connection,
  source: string | Uint8Array,
  start: number,
  end: number,
  isLast: boolean,
) {
  const state = it._textOut || ({ _missing: 0 } as TextState)
  const { _missing, _lower, _upper } = state
  it._textOut = isLast ? undefined : state
  do {
    const next = Math.min(start + CHUNK, end)
    const wrong = wrongByte(state, pieceOf(source, start, next), isLast && next === end)
    if (wrong >= 0) {
      state._missing = _missing
      state._lower = _lower
      state._upper = _upper
      it._textOut = state
      throw misuse('TypeError', 'BAD_TEXT', 'not UTF-8 at ' + (start + wrong))
    }
    start = next
  } while (start < end)
}

// --- In.

/** Espruino reads whether somebody wants it or not, into a string without bound, and there is no other way to stop it. */
function hold(it: Connection) {
  const { _socket: socket, _held: held } = it
  if (!socket) return
  if (it._isPaused && !it._underWay && it.readyState > CONNECTING) {
    if (socket.sckt) {
      it._held = socket.sckt
      socket.sckt = 0
    }
  } else if (held) {
    socket.sckt = held
    it._held = 0
  }
}

/** Decodes what has been received, as far as somebody listens. */
function decode(it: Connection) {
  if (it.readyState === CLOSED) return
  it._isBlocked = false
  while (it._response && !it._isDone && readLine(it, it._response));
  if (!it._response) while (!it._isDone && !it._isPaused && !it._isBlocked && readFrame(it));
  const index = it._isDone ? it._in.length : it._index
  if (index) {
    it._base += index
    it._in = it._in.substr(index)
    it._index = 0
  }
  flush(it)
  announceRoom(it)
  if (it._hasEnded && !it._isPaused && !it._isBlocked) {
    drop(it, 'CONNECTION_ENDED', 'without a Close frame')
  }
}

/** A step: a part of a payload, or a header and with it a whole control frame. False if there is no more to do. */
function readFrame(it: Connection): boolean {
  const { _in: bytes, _settings: settings } = it
  const end = bytes.length
  let index = it._index
  if (it._isInPayload) {
    const isStreaming = !!it._handlers.onFragment
    let count = Math.min(it._left, end - index)
    if (it._left && !count) return false
    if (isStreaming && count > settings.receiveBuffer) count = settings.receiveBuffer
    const piece = bytes.substr(index, count)
    const kind = it._kind
    it._left -= count
    it._index += count
    it._isInPayload = it._left > 0
    const isLast = it._isLast && !it._left
    if (kind === 1) {
      // Section 8.1: fail at the first byte that is not UTF-8, or at the end of half a character.
      const wrong = wrongByte(it, piece, isLast)
      if (wrong >= 0) return fail(it, 'INVALID_UTF8', index + wrong, INVALID_PAYLOAD)
    }
    if (isLast) it._size = it._fragments = it._emptyFragments = 0
    if (isStreaming) {
      if (count || isLast) tellBytes(it, 'onFragment', piece, kind, isLast, it)
    } else {
      it._message += piece
      if (isLast) {
        const message = it._message
        it._message = ''
        if (kind === 1) tell(it, 'onText', it._isHigh ? textOf(message) : message, it)
        else tellBytes(it, 'onBinary', message, it)
      }
    }
    if (isLast) it._isHigh = false
    return true
  }

  if (index === end) return false
  const first = bytes.charCodeAt(index)
  const opcode = first & 15
  const isControl = opcode > 7
  // Section 5.2: RSV1–3 MUST be 0 unless an extension gives them a meaning.
  if (first & 0x70) return fail(it, 'RESERVED_BITS', index)
  // Sections 5.2 and 5.4: known opcodes, and the fragments of one message not mixed with another's.
  if (!(((it._isLast ? BEGINS_MESSAGE : CONTINUES_MESSAGE) >> opcode) & 1)) {
    return fail(
      it,
      opcode > 10 || (opcode > 2 && !isControl)
        ? 'RESERVED_OPCODE'
        : opcode
          ? 'EXPECTED_CONTINUATION'
          : 'UNEXPECTED_CONTINUATION',
      index,
    )
  }
  // Section 5.5: control frames MUST NOT be fragmented.
  if (isControl && first < 128) return fail(it, 'FRAGMENTED_CONTROL', index)
  if (++index === end) return false
  let length = bytes.charCodeAt(index)
  // Section 5.1: a server MUST NOT mask.
  if (length > 127) return fail(it, 'MASKED_FRAME', index)
  // Section 5.5.1: the body of a Close frame, if any, begins with a code of two octets.
  if (length === 1 && opcode === 8) return fail(it, 'BAD_CLOSE_FRAME', index)
  if (length > 125) {
    // Section 5.5: control frames carry at most 125 octets.
    if (isControl) return fail(it, 'CONTROL_TOO_LONG', index)
    const last = index + (length > 126 ? 8 : 2)
    length = 0
    while (index < last) {
      if (++index === end) return false
      const octet = bytes.charCodeAt(index)
      // Section 5.2: the most significant bit of a 64-bit length MUST be 0.
      if (index === last - 7 && octet > 127) return fail(it, 'LENGTH_SIGN_BIT', index)
      length = length * 256 + octet
      // Section 5.2: the minimal number of octets MUST be used. Of eight, the first six cannot all be 0; of two,
      // the value must be above 125.
      if (index === last - 2 ? !length : index === last && length < 126) {
        return fail(it, 'LENGTH_NOT_MINIMAL', index)
      }
    }
    if (length > 9007199254740991) return fail(it, 'FRAME_TOO_BIG', index, MESSAGE_TOO_BIG)
  }
  const start = index + 1
  if (isControl) {
    if (end - start < length) return false
    if (it._controlFrames >= settings.maxControlFrames) {
      return fail(it, 'TOO_MANY_CONTROL_FRAMES', start, POLICY_VIOLATION)
    }
    return readControl(it, opcode, bytes.substr(start, length), start)
  }
  it._controlFrames = 0
  it._isLast = first > 127
  if (opcode) it._kind = opcode
  it._left = length
  it._isInPayload = true
  it._index = start
  if ((it._size += length) > settings.maxMessageSize) {
    return fail(it, 'MESSAGE_TOO_BIG', index, MESSAGE_TOO_BIG)
  }
  if (
    ++it._fragments > settings.maxFragments ||
    (!length && !it._isLast && ++it._emptyFragments > settings.maxEmptyFragments)
  ) {
    return fail(it, 'TOO_MANY_FRAGMENTS', index, POLICY_VIOLATION)
  }
  return true
}

function readControl(it: Connection, opcode: number, body: string, start: number): boolean {
  if (opcode === 8) {
    const code = body ? body.charCodeAt(0) * 256 + body.charCodeAt(1) : NO_STATUS
    if (body && !isWireCloseCode(code)) return fail(it, 'BAD_CLOSE_FRAME', start)
    const reason = body.substr(2)
    const wrong = wrongByte({ _missing: 0 } as TextState, reason, true)
    if (wrong >= 0) return fail(it, 'INVALID_UTF8', start + 2 + wrong, INVALID_PAYLOAD)
    finish(it, code, textOf(reason))
    it._closeReceived = true
    // Section 5.5.1: the answer echoes the code. A message that is under way is given up: the peer reads no more.
    beginClose(it, code, '')
    return false
  }
  if (opcode === 9) {
    // Section 5.5.3: the pong carries the ping's application data. Where there is no room for it, the ping stays unread
    // until there is: a peer that does not read cannot make us queue without bound.
    if (!it._closeSent && !sendControl(it, 10, body)) {
      it._isBlocked = true
      return false
    }
  } else if (it._keepalive === AWAITS_PONG) {
    it._keepalive = NO_PING
    arm(it, 0, it._settings.pingInterval)
  }
  it._controlFrames++
  it._index = start + body.length
  tellBytes(it, opcode === 9 ? 'onPing' : 'onPong', body, it)
  return true
}

/** Reads a line of the response, section 4.1. False if it is not there as a whole, or refused. */
function readLine(it: Connection, response: Response): boolean {
  const bytes = it._in
  const fields = response._fields
  const max = it._settings.maxResponseHead
  const found = CONTROL.exec(bytes)
  const end = found ? found.index : bytes.length
  const isReturn = bytes.charCodeAt(end) === 13
  // Of the octet that settles it.
  const last = isReturn ? end + 1 : end
  if (it._base + Math.min(last, bytes.length - 1) >= max) {
    return refuse(it, 'RESPONSE_TOO_BIG', 'more than ' + max, max - it._base)
  }
  if (last >= bytes.length) return false
  if (!isReturn || bytes.charCodeAt(last) !== 10) {
    return refuse(it, 'BAD_RESPONSE', 'character ' + bytes.charCodeAt(last), last)
  }
  const line = bytes.substr(0, end)
  let isBad: boolean
  if (!response._status) {
    // RFC 9112 section 4. The reason phrase, and the space before it, may be missing.
    response._status = +line.substr(9, 3)
    isBad =
      line.substr(0, 9) !== 'HTTP/1.1 ' || !response._status || (line.charAt(12) || ' ') !== ' '
  } else if (line) {
    const colon = line.indexOf(':')
    const name = line.substr(0, colon).toLowerCase()
    const value = line.substr(colon + 1).trim()
    // RFC 9112 section 5: no space before the colon, no folded lines.
    isBad = colon < 0 || !TOKEN.test(name)
    // RFC 9110 section 5.3: several fields of one name mean the same as one with their values listed.
    if (!isBad) {
      // biome-ignore lint/suspicious/noPrototypeBuiltins: Espruino has no Object.hasOwn.
      const isAgain = fields.hasOwnProperty(name)
      fields[name] = isAgain ? fields[name] + ', ' + value : value
    }
  } else {
    return checkResponse(it, response, last)
  }
  if (isBad) return refuse(it, 'BAD_RESPONSE', line, last)
  take(it, last + 1)
  return true
}

function take(it: Connection, count: number) {
  it._base += count
  it._in = it._in.substr(count)
}

function refuse(it: Connection, id: string, detail: string, index: number): false {
  drop(it, id, detail, it._base + index)
  return false
}

/** Section 4.1, "the client MUST validate the server's response as follows". */
function checkResponse(it: Connection, response: Response, last: number): boolean {
  const fields = response._fields
  const protocol = fields['sec-websocket-protocol']
  const options = (fields.connection || '').toLowerCase().split(',')
  let isUpgrade = false
  for (let i = 0; i < options.length; i++) if (options[i].trim() === 'upgrade') isUpgrade = true
  // biome-ignore lint/style/useNodejsImportProtocol: it is Espruino's.
  const accept = btoa(require('crypto').SHA1(response._key + GUID))
  const id =
    response._status !== 101
      ? 'BAD_STATUS'
      : (fields.upgrade || '').toLowerCase() !== 'websocket'
        ? 'BAD_UPGRADE'
        : !isUpgrade
          ? 'BAD_CONNECTION'
          : fields['sec-websocket-accept'] !== accept
            ? 'BAD_ACCEPT'
            : protocol !== undefined && response._protocols.indexOf(protocol) < 0
              ? 'BAD_PROTOCOL'
              : fields['sec-websocket-extensions']
                ? 'BAD_EXTENSIONS'
                : ''
  if (id) return refuse(it, id, 'not what was asked for, status ' + response._status, last)
  take(it, last + 1)
  it._response = undefined
  it.protocol = protocol || ''
  it.readyState = OPEN
  arm(it, 0, it._settings.pingInterval)
  arm(it, 1, it._settings.idleTimeout)
  tell(it, 'onOpen', it)
  return true
}

// --- What Espruino's socket tells. `this` is the socket.

function onData(this: EspruinoSocket, bytes: string) {
  const it = this._owner as Connection | undefined
  if (!it) return
  if (bytes.length < FULL_CHUNK) it._controlFrames = 0
  it._heard = 3
  it._in += bytes
  decode(it)
}

function onDrain(this: EspruinoSocket) {
  const it = this._owner as Connection | undefined
  if (!it) return
  it._underWay = 0
  if (it._isBlocked) decode(it)
  flush(it)
  if (it._keepalive === OWES_PING && it.readyState === OPEN) sendPing(it)
  announceRoom(it)
}

function onError(this: EspruinoSocket, error: Error) {
  const it = this._owner as Connection | undefined
  if (it) onLost(it, error)
}

function onEnd(this: EspruinoSocket) {
  const it = this._owner as Connection | undefined
  if (!it) return
  it._hasEnded = true
  decode(it)
}

function onLost(it: Connection, error: Error) {
  drop(it, it._response ? 'CONNECT_FAILED' : 'CONNECTION_LOST', error.message, undefined, error)
}

/** Opens the socket, and sends the request. */
export function start(it: Connection, network: 'net' | 'tls', options: object, request: string) {
  arm(it, 0, it._settings.handshakeTimeout)
  try {
    const socket = (it._socket = require(network).connect(options))
    socket._owner = it
    socket.on('data', onData)
    socket.on('drain', onDrain)
    socket.on('error', onError)
    socket.on('close', onEnd)
    it._out = request
    flush(it)
  } catch (error) {
    // Told as the event is, after `connect` has returned.
    setTimeout(onLost, 0, it, error as Error)
  }
}

/** The methods of a connection, and the values that it begins with. */
export const prototype: Partial<Connection> & ThisType<Connection> = {
  readyState: CONNECTING,
  bufferedAmount: 0,
  protocol: '',
  extensions: '',
  _in: '',
  _index: 0,
  _base: 0,
  _isLast: true,
  _message: '',
  _size: 0,
  _fragments: 0,
  _emptyFragments: 0,
  _controlFrames: 0,
  _missing: 0,
  _held: 0,
  _out: '',
  _underWay: 0,
  _next: 0,
  _end: 0,
  _openKind: 0,
  _wanted: -1,
  _closeSent: false,
  _closeReceived: false,
  _closeCode: ABNORMAL,
  _closeReason: '',
  _heard: 0,
  _keepalive: NO_PING,

  sendText(text) {
    if (typeof text !== 'string') throw misuse('TypeError', 'BAD_TEXT', NO_STRING)
    return send(this, bytesOf(text), undefined, undefined, 1, true, false)
  },
  sendBinary(bytes, start, end) {
    requireBytes(bytes)
    return send(this, bytes, start, end, 2, true, false)
  },
  sendFragment(bytes, start, end, kind: Kind, isLast) {
    requireBytes(bytes)
    return send(this, bytes, start, end, kind, isLast, true)
  },
  ping(bytes) {
    if (bytes !== undefined) requireBytes(bytes)
    const length = bytes ? bytes.length : 0
    // Section 5.5.
    if (length > 125) throw misuse('RangeError', 'BAD_PING', length)
    requireOpen(this)
    const isTaken = sendControl(this, 9, bytes ? E.toString(bytes) : '')
    if (!isTaken) this._wanted = Math.max(this._wanted, length)
    return isTaken
  },
  close(code, reason) {
    if (reason === undefined) reason = ''
    if (typeof reason !== 'string') throw misuse('TypeError', 'BAD_CLOSE_REASON', NO_STRING)
    if (code === undefined ? reason : typeof code !== 'number' || !isWireCloseCode(code)) {
      throw misuse('RangeError', 'BAD_CLOSE_CODE', code)
    }
    const bytes = bytesOf(reason)
    if (bytes.length > 123) throw misuse('RangeError', 'BAD_CLOSE_REASON', bytes.length)
    if (this.readyState === OPEN) beginClose(this, code === undefined ? NO_STATUS : code, bytes)
    else if (this.readyState === CONNECTING) this.abort()
  },
  abort() {
    const { _socket: socket, _handlers: handlers } = this
    if (this.readyState === CLOSED) return
    this._isDone = true
    this.readyState = CLOSED
    this._handlers = {}
    this._in = this._out = this._message = ''
    arm(this, 0, 0)
    arm(this, 1, 0)
    if (socket) {
      if (this._held) socket.sckt = this._held
      socket._owner = undefined
      // By `end` alone, what waits would be written first, to a peer that may never read it.
      socket.clsNow = true
      socket.end()
    }
    setTimeout(lastCall, 0, this, handlers)
  },
  pause() {
    this._isPaused = true
    hold(this)
  },
  resume() {
    if (this._isPaused) {
      this._isPaused = false
      hold(this)
      setTimeout(decode, 0, this)
    }
  },
}
