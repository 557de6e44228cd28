// Deadlines, and how a connection ends: RFC 6455 section 7. `onError` and then `onClose` tell of it, once.

import type { RingletError } from '../../src/protocol/protocol-error'
import { ABNORMAL, NO_STATUS, PROTOCOL_ERROR } from '../../src/protocol/close-code'
import { AWAITS_PONG, CLOSING, type Connection, OPEN, OWES_PING, tell } from './connection'
import { ERROR, errorOf } from './misuse'
import { flush, sendControl } from './send'

/** Sets the deadline of what is awaited (0), or that of `idleTimeout` (1); a delay of 0 sets none. */
export function arm(it: Connection, index: number, delay: number) {
  if (it._timers[index]) clearTimeout(it._timers[index])
  it._heard! &= ~(1 << index)
  it._timers[index] = delay > 0 && delay < 2147483648 ? setTimeout(onDeadline, delay, it, index) : 0
}

function onDeadline(it: Connection, index: number) {
  const { readyState, _settings: settings } = it
  const heard = it._heard! & (1 << index)
  it._timers[index] = 0
  if (index) {
    if (readyState !== OPEN) return
    if (heard || it._isPaused) return arm(it, 1, settings.idleTimeout)
  } else if (readyState === OPEN) {
    if (!it._keepalive) return sendPing(it)
    // A pong cannot overtake a frame that is still arriving, and none is read during a pause.
    if (it._isPaused || (heard && it._left > 0)) return arm(it, 0, settings.pongTimeout)
  }
  drop(
    it,
    index ? 'IDLE_TIMEOUT' : ['HANDSHAKE_TIMEOUT', 'PONG_TIMEOUT', 'CLOSE_TIMEOUT'][readyState],
    'silence',
  )
}

export function sendPing(it: Connection) {
  it._keepalive = sendControl(it, 9, '') ? AWAITS_PONG : OWES_PING
  arm(it, 0, it._settings.pongTimeout)
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

function onFailure(
  it: Connection,
  id: string,
  code: number,
  detail: string,
  offset?: number,
  cause?: unknown,
) {
  const error: RingletError = errorOf(ERROR, id, detail)
  finish(it, code, id)
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
  if (!it._isDone) onFailure(it, id, ABNORMAL, detail, offset, cause)
  it.abort()
}

/** Fails the connection for the byte at `index` of `_in`. */
export function fail(it: Connection, id: string, index: number, code?: number): false {
  index += it._base
  onFailure(it, id, code || PROTOCOL_ERROR, 'at byte ' + index, index)
  return false
}

export function beginClose(it: Connection, code: number, reason: string) {
  if (it.readyState === OPEN) {
    it.readyState = CLOSING
    // A pong that is still to come has no part in the deadline of the end.
    it._keepalive = 0
    arm(it, 0, it._settings.closeTimeout)
    it.resume()
  }
  // Section 5.5.1: nothing is sent after a Close frame.
  if (!it._closeSent) {
    it._closeBody = code === NO_STATUS ? '' : E.toString(code >> 8, code) + reason
    flush(it)
  }
}
