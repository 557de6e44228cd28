// Deadlines, and how a connection ends: RFC 6455 section 7. `onError` and then `onClose` tell of it, once.

import type { RingletError } from '../../src/protocol/protocol-error'
import { ABNORMAL, NO_STATUS, PROTOCOL_ERROR } from '../../src/protocol/close-code'
import { AWAITS_PONG, CLOSING, type Connection, OPEN, OWES_PING, tell } from './connection'
import { flush, sendControl } from './send'
import { CLOSE_TIMEOUT, IDLE_TIMEOUT, PONG_TIMEOUT } from './settings'

/** No byte is wrong. */
export const NOWHERE = -1

/** Sets the deadline of what is awaited (0), or that of `idleTimeout` (1); a delay of 0 sets none. */
export function arm(it: Connection, index: number, delay: number) {
  if (it._timers[index]) clearTimeout(it._timers[index])
  it._heard! &= ~(1 << index)
  it._timers[index] = delay > 0 && delay < 2147483648 ? setTimeout(onDeadline, delay, it, index) : 0
}

function onDeadline(it: Connection, index: number) {
  const { readyState, _limits: limits } = it
  const heard = it._heard! & (1 << index)
  it._timers[index] = 0
  if (index) {
    if (readyState !== OPEN) return
    if (heard || it._isPaused) return arm(it, 1, limits[IDLE_TIMEOUT])
  } else if (readyState === OPEN) {
    if (!it._keepalive) return sendPing(it)
    // A pong cannot overtake a frame that is still arriving, and none is read during a pause.
    if (it._isPaused || (heard && it._left > 0)) return arm(it, 0, limits[PONG_TIMEOUT])
  }
  fail(
    it,
    index ? 'IDLE_TIMEOUT' : ['HANDSHAKE_TIMEOUT', 'PONG_TIMEOUT', 'CLOSE_TIMEOUT'][readyState],
    NOWHERE,
    ABNORMAL,
    'silence',
  )
}

export function sendPing(it: Connection) {
  it._keepalive = sendControl(it, 9, '') ? AWAITS_PONG : OWES_PING
  arm(it, 0, it._limits[PONG_TIMEOUT])
}

/**
 * Takes nothing in any more, and sends a Close frame with `code`, unless there is no use; `onClose` will say `code` and
 * `reason`.
 */
export function finish(it: Connection, code: number, reason: string) {
  it._isDone = true
  it._closeCode = code
  it._closeReason = reason
  if (code !== ABNORMAL) beginClose(it, code, '')
}

/**
 * Fails the connection, for the byte at `index` of `_in` or for none: with a Close frame, whose code is 1002 unless
 * another is given, or with ABNORMAL at once.
 */
export function fail(
  it: Connection,
  id: string,
  index: number,
  code?: number,
  detail?: string,
  cause?: unknown,
): false {
  const offset = index === NOWHERE ? undefined : it._base + index
  if (!code) code = PROTOCOL_ERROR
  if (!it._isDone) {
    const error = new Error(id + ': ' + (detail || 'at byte ' + offset)) as RingletError
    error.name = 'Error'
    error.id = id
    error.code = code
    error.offset = offset
    error.cause = cause
    if (it._response) {
      error.status = it._response._status
      error.headers = it._response._fields
    }
    finish(it, code, id)
    tell(it, 'onError', error)
  }
  if (code === ABNORMAL) it.abort()
  return false
}

export function beginClose(it: Connection, code: number, reason: string) {
  if (it.readyState === OPEN) {
    it.readyState = CLOSING
    // A pong that is still to come has no part in the deadline of the end.
    it._keepalive = 0
    arm(it, 0, it._limits[CLOSE_TIMEOUT])
    it.resume()
  }
  // Section 5.5.1: nothing is sent after a Close frame.
  if (!it._closeSent) {
    it._closeBody = code === NO_STATUS ? '' : E.toString(code >> 8, code) + reason
    flush(it)
  }
}
