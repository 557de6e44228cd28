// The methods of a connection, and the values that it begins with.

import type { Kind } from '../../src/protocol/opcode'
import { ABNORMAL, isWireCloseCode, NO_STATUS } from '../../src/protocol/close-code'
import { CLOSED, type Connection, CONNECTING, OPEN, tell } from './connection'
import { decode } from './decode'
import { arm, beginClose } from './ending'
import { RANGE_ERROR, TYPE_ERROR, misuse } from './misuse'
import { hold, requireBytes, requireOpen, send, sendControl } from './send'
import { bytesOf } from './text'

/**
 * What is not here begins as undefined, which does as well; but Espruino takes four times as long to find that there is
 * no such property as to find one, so most of what each message asks for is here.
 */
export const prototype: Partial<Connection> & ThisType<Connection> = {
  readyState: CONNECTING,
  bufferedAmount: 0,
  protocol: '',
  extensions: '',
  _in: '',
  _index: 0,
  _base: 0,
  _left: -1,
  _isLast: true,
  _message: '',
  _size: 0,
  _fragments: 0,
  _emptyFragments: 0,
  _controlFrames: 0,
  _isPaused: false,
  _isBlocked: false,
  _isDone: false,
  _hasEnded: false,
  _missing: 0,
  _out: '',
  _underWay: 0,
  _next: 0,
  _end: 0,
  _wanted: -1,
  _closeCode: ABNORMAL,
  _closeReason: '',

  sendText(text) {
    if (typeof text !== 'string') misuse(TYPE_ERROR, 'BAD_TEXT', typeof text)
    return send(this, bytesOf(text), 0, undefined, 1, true)
  },
  sendBinary(bytes, start, end) {
    return send(this, bytes, start, end, 2, true)
  },
  sendFragment(bytes, start, end, kind: Kind, isLast) {
    return send(this, bytes, start, end, kind, isLast, true)
  },
  ping(bytes) {
    if (bytes !== undefined) requireBytes(bytes)
    const body = bytes ? E.toString(bytes) : ''
    const { length } = body
    // Section 5.5.
    if (length > 125) misuse(RANGE_ERROR, 'BAD_PING', length)
    requireOpen(this)
    const isTaken = sendControl(this, 9, body)
    if (!isTaken) this._wanted = Math.max(this._wanted, length)
    return isTaken
  },
  close(code, reason) {
    if (reason === undefined) reason = ''
    if (typeof reason !== 'string') misuse(TYPE_ERROR, 'BAD_CLOSE_REASON', typeof reason)
    if (code === undefined ? reason : typeof code !== 'number' || !isWireCloseCode(code)) {
      misuse(RANGE_ERROR, 'BAD_CLOSE_CODE', code)
    }
    const bytes = bytesOf(reason)
    if (bytes.length > 123) misuse(RANGE_ERROR, 'BAD_CLOSE_REASON', bytes.length)
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
      hold(this)
      // By `end` alone, what waits would be written first, to a peer that may never read it.
      socket.clsNow = true
      socket.end()
    }
    setTimeout(
      tell,
      0,
      { _handlers: handlers },
      'onClose',
      this._closeCode,
      this._closeReason,
      !!(this._closeSent && this._closeReceived),
    )
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
