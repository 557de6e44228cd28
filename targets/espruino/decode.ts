// What arrives: RFC 6455 sections 5 to 7, frame by frame, failed at the first wrong byte.

import {
  ABNORMAL,
  INVALID_PAYLOAD,
  isWireCloseCode,
  MESSAGE_TOO_BIG,
  NO_STATUS,
  POLICY_VIOLATION,
} from '../../src/protocol/close-code'
import { AWAITS_PONG, type Connection, tell, tellBytes } from './connection'
import { arm, fail, finish, NOWHERE } from './ending'
import { readLine } from './response'
import { sendControl } from './send'
import {
  MAX_CONTROL_FRAMES,
  MAX_EMPTY_FRAGMENTS,
  MAX_FRAGMENTS,
  MAX_MESSAGE_SIZE,
  PING_INTERVAL,
  RECEIVE_BUFFER,
} from './settings'
import { hasCharacters, type TextState, wrongByte } from './text'

// Sets of opcodes, a bit each: what may begin a message, or go on with it; control frames may always come.
const BEGINS_MESSAGE = 0x706
const CONTINUES_MESSAGE = 0x701

/** Decodes what has been received, as far as somebody listens. */
export function decode(it: Connection) {
  while (
    !it._isDone &&
    (it._response ? readLine(it, it._response) : !(it._isPaused || it._isBlocked) && readFrame(it))
  );
  it._base += it._index
  it._in = it._isDone ? '' : it._in.substr(it._index)
  it._index = 0
  // A pause until there is room would not end any more, if something is left.
  if (it._hasEnded && (it._underWay || !it._isPaused)) {
    fail(it, 'CONNECTION_ENDED', NOWHERE, ABNORMAL, 'no Close frame')
  }
}

/** A step: a part of a payload, or a header and what is there of the payload. False if there is no more to do. */
function readFrame(it: Connection): boolean {
  if (it._left > 0) return readPayload(it)
  const { _in: bytes, _limits: limits } = it
  const end = bytes.length
  let index = it._index
  if (index === end) return false
  const first = bytes.charCodeAt(index)
  const opcode = first & 15
  if (
    first & 0x70 ||
    !(((it._isLast ? BEGINS_MESSAGE : CONTINUES_MESSAGE) >> opcode) & 1) ||
    (opcode > 7 && first < 128)
  ) {
    return fail(
      it,
      // Section 5.2: RSV1–3 MUST be 0 unless an extension gives them a meaning.
      first & 0x70
        ? 'RESERVED_BITS'
        : // Section 5.2: known opcodes.
          opcode > 10 || (opcode > 2 && opcode < 8)
          ? 'RESERVED_OPCODE'
          : // Section 5.5: control frames MUST NOT be fragmented.
            opcode > 7
            ? 'FRAGMENTED_CONTROL'
            : // Section 5.4: the fragments of one message not mixed with another's.
              opcode
              ? 'EXPECTED_CONTINUATION'
              : 'UNEXPECTED_CONTINUATION',
      index,
    )
  }
  if (++index === end) return false
  let length = bytes.charCodeAt(index)
  if (length > 125) {
    // Section 5.1: a server MUST NOT mask. Section 5.5: control frames carry at most 125 octets.
    let id = length > 127 ? 'MASKED_FRAME' : opcode > 7 ? 'CONTROL_TOO_LONG' : ''
    const last = index + (length > 126 ? 8 : 2)
    length = 0
    while (!id && index < last) {
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
    }
    if (id) return fail(it, id, index)
    if (length > 9007199254740991) return fail(it, 'FRAME_TOO_BIG', index, MESSAGE_TOO_BIG)
  }
  const start = index + 1
  if (opcode > 7) return readControl(it, opcode, length, start)
  it._controlFrames = 0
  it._isLast = first > 127
  if (opcode) it._kind = opcode
  it._left = length
  it._index = start
  if ((it._size += length) > limits[MAX_MESSAGE_SIZE]) {
    return fail(it, 'MESSAGE_TOO_BIG', index, MESSAGE_TOO_BIG)
  }
  if (
    ++it._fragments > limits[MAX_FRAGMENTS] ||
    (!length && !it._isLast && ++it._emptyFragments > limits[MAX_EMPTY_FRAGMENTS])
  ) {
    return fail(it, 'TOO_MANY_FRAGMENTS', index, POLICY_VIOLATION)
  }
  return readPayload(it)
}

/** Takes a piece of the current frame's payload, with which the frame and the message may end. */
function readPayload(it: Connection): boolean {
  const { _left: left, _kind: kind } = it
  const piece = it._in.substr(it._index, Math.min(left, it._limits[RECEIVE_BUFFER]))
  const { length } = piece
  if (left && !length) return false
  const isLast = it._isLast && left === length
  if (kind === 1) {
    // Section 8.1: fail at the first byte that is not UTF-8, or at the end of half a character.
    const wrong = wrongByte(it, piece, isLast)
    if (wrong >= 0) return fail(it, 'INVALID_UTF8', it._index + wrong, INVALID_PAYLOAD)
  }
  it._index += length
  it._left = left - length || -1
  if (isLast) it._size = it._fragments = it._emptyFragments = 0
  if (it._handlers.onFragment) {
    if (length || isLast) tellBytes(it, 'onFragment', piece, kind, isLast, it)
  } else {
    // Espruino appends in place: a sum of the two would be a second copy.
    it._message += piece
    if (isLast) {
      const message = it._message
      it._message = ''
      if (kind === 1)
        tell(it, 'onText', hasCharacters && it._isHigh ? E.asUTF8(message) : message, it)
      else tellBytes(it, 'onBinary', message, it)
    }
  }
  if (isLast) it._isHigh = false
  return it._index < it._in.length
}

function readControl(it: Connection, opcode: number, length: number, start: number): boolean {
  const body = it._in.substr(start, length)
  // Section 5.5.1: the body of a Close frame, if any, begins with a code of two octets.
  if (length === 1 && opcode === 8) return fail(it, 'BAD_CLOSE_FRAME', start - 1)
  if (body.length < length) return false
  if (it._controlFrames >= it._limits[MAX_CONTROL_FRAMES]) {
    return fail(it, 'TOO_MANY_CONTROL_FRAMES', start, POLICY_VIOLATION)
  }
  if (opcode === 8) {
    const code = body ? body.charCodeAt(0) * 256 + body.charCodeAt(1) : NO_STATUS
    const reason = body.substr(2)
    const state: TextState = {}
    const wrong = wrongByte(state, reason, true)
    if (body && !isWireCloseCode(code)) return fail(it, 'BAD_CLOSE_FRAME', start)
    if (wrong >= 0) return fail(it, 'INVALID_UTF8', start + 2 + wrong, INVALID_PAYLOAD)
    it._closeReceived = true
    // Section 5.5.1: the answer echoes the code. A message that is under way is given up: the peer reads no more.
    finish(it, code, hasCharacters && state._isHigh ? E.asUTF8(reason) : reason)
    return false
  }
  if (opcode === 9) {
    // Section 5.5.3: the pong carries the ping's application data. Where there is no room for it, the ping stays unread
    // until there is: a peer that does not read cannot make us queue without bound. There is none any more at the end.
    if (!it._closeSent && !it._hasEnded && !sendControl(it, 10, body)) {
      it._isBlocked = true
      return false
    }
  } else if (it._keepalive === AWAITS_PONG) {
    it._keepalive = 0
    arm(it, 0, it._limits[PING_INTERVAL])
  }
  it._controlFrames++
  it._index = start + length
  tellBytes(it, opcode === 9 ? 'onPing' : 'onPong', body, it)
  return true
}
