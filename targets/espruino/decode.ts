// What arrives: RFC 6455 sections 5 to 7, frame by frame, failed at the first wrong byte.

import {
  INVALID_PAYLOAD,
  isWireCloseCode,
  MESSAGE_TOO_BIG,
  NO_STATUS,
  POLICY_VIOLATION,
} from '../../src/protocol/close-code'
import { AWAITS_PONG, CLOSED, type Connection, tell, tellBytes } from './connection'
import { arm, drop, fail, finish } from './ending'
import { readLine } from './response'
import { announceRoom, flush, sendControl } from './send'
import { textOf, wrongByte } from './text'

// Sets of opcodes, a bit each: what may begin a message, or go on with it; control frames may always come.
const BEGINS_MESSAGE = 0x706
const CONTINUES_MESSAGE = 0x701

/** Decodes what has been received, as far as somebody listens. */
export function decode(it: Connection) {
  if (it.readyState === CLOSED) return
  it._isBlocked = false
  while (it._response && !it._isDone && readLine(it, it._response));
  while (!(it._response || it._isDone || it._isPaused || it._isBlocked) && readFrame(it));
  const index = it._isDone ? it._in.length : it._index
  it._base += index
  it._in = it._in.substr(index)
  it._index = 0
  flush(it)
  announceRoom(it)
  if (it._hasEnded && !it._isPaused && !it._isBlocked) {
    drop(it, 'CONNECTION_ENDED', 'no Close frame')
  }
}

/** A step: a part of a payload, or a header and with it a whole control frame. False if there is no more to do. */
function readFrame(it: Connection): boolean {
  const { _in: bytes, _settings: settings } = it
  const end = bytes.length
  let index = it._index
  if (it._left >= 0)
    return readPayload(it, bytes.substr(index, Math.min(it._left, settings.receiveBuffer)))
  if (index === end) return false
  const first = bytes.charCodeAt(index)
  const opcode = first & 15
  const isControl = opcode > 7
  let id =
    // Section 5.2: RSV1–3 MUST be 0 unless an extension gives them a meaning.
    first & 0x70
      ? 'RESERVED_BITS'
      : // Sections 5.2 and 5.4: known opcodes, and the fragments of one message not mixed with another's.
        !(((it._isLast ? BEGINS_MESSAGE : CONTINUES_MESSAGE) >> opcode) & 1)
        ? opcode > 10 || (opcode > 2 && !isControl)
          ? 'RESERVED_OPCODE'
          : opcode
            ? 'EXPECTED_CONTINUATION'
            : 'UNEXPECTED_CONTINUATION'
        : // Section 5.5: control frames MUST NOT be fragmented.
          isControl && first < 128
          ? 'FRAGMENTED_CONTROL'
          : ''
  if (id) return fail(it, id, index)
  if (++index === end) return false
  let length = bytes.charCodeAt(index)
  id =
    // Section 5.1: a server MUST NOT mask.
    length > 127
      ? 'MASKED_FRAME'
      : // Section 5.5.1: the body of a Close frame, if any, begins with a code of two octets.
        length === 1 && opcode === 8
        ? 'BAD_CLOSE_FRAME'
        : // Section 5.5: control frames carry at most 125 octets.
          length > 125 && isControl
          ? 'CONTROL_TOO_LONG'
          : ''
  if (id) return fail(it, id, index)
  if (length > 125) {
    const last = index + (length > 126 ? 8 : 2)
    length = 0
    while (index < last) {
      if (++index === end) return false
      const octet = bytes.charCodeAt(index)
      length = length * 256 + octet
      id =
        // Section 5.2: the most significant bit of a 64-bit length MUST be 0.
        index === last - 7 && octet > 127
          ? 'LENGTH_SIGN_BIT'
          : // Section 5.2: the minimal number of octets MUST be used. Of eight, the first six cannot all be 0; of two,
            // the value must be above 125.
            (index === last - 2 ? !length : index === last && length < 126)
            ? 'LENGTH_NOT_MINIMAL'
            : ''
      if (id) return fail(it, id, index)
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

/** Takes a piece of the current frame's payload, with which the frame and the message may end. */
function readPayload(it: Connection, piece: string): boolean {
  const { length } = piece
  const kind = it._kind
  if (it._left && !length) return false
  it._left -= length
  const isLast = it._isLast && !it._left
  if (kind === 1) {
    // Section 8.1: fail at the first byte that is not UTF-8, or at the end of half a character.
    const wrong = wrongByte(it, piece, isLast)
    if (wrong >= 0) return fail(it, 'INVALID_UTF8', it._index + wrong, INVALID_PAYLOAD)
  }
  it._index += length
  if (!it._left) it._left = -1
  if (isLast) it._size = it._fragments = it._emptyFragments = 0
  if (it._handlers.onFragment) {
    if (length || isLast) tellBytes(it, 'onFragment', piece, kind, isLast, it)
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

function readControl(it: Connection, opcode: number, body: string, start: number): boolean {
  if (opcode === 8) {
    const code = body ? body.charCodeAt(0) * 256 + body.charCodeAt(1) : NO_STATUS
    const reason = body.substr(2)
    const wrong = wrongByte({}, reason, true)
    if (body && !isWireCloseCode(code)) return fail(it, 'BAD_CLOSE_FRAME', start)
    if (wrong >= 0) return fail(it, 'INVALID_UTF8', start + 2 + wrong, INVALID_PAYLOAD)
    it._closeReceived = true
    // Section 5.5.1: the answer echoes the code. A message that is under way is given up: the peer reads no more.
    finish(it, code, textOf(reason))
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
    it._keepalive = 0
    arm(it, 0, it._settings.pingInterval)
  }
  it._controlFrames++
  it._index = start + body.length
  tellBytes(it, opcode === 9 ? 'onPing' : 'onPong', body, it)
  return true
}
