// What Espruino's socket tells. `this` is the socket.

import { ABNORMAL } from '../../src/protocol/close-code'
import { CLOSING, type Connection, OPEN, OWES_PING, tell } from './connection'
import { decode } from './decode'
import { arm, fail, NOWHERE, sendPing } from './ending'
import { canTake, flush, sizeOf } from './send'
import { CLOSE_TIMEOUT } from './settings'

/** A piece that is shorter has emptied the network's buffer. */
const FULL_CHUNK = 256

export function onData(this: EspruinoSocket, bytes: string) {
  const it = this._owner as Connection
  if (bytes.length < FULL_CHUNK) it._controlFrames = 0
  it._heard = 3
  it._in += bytes
  decode(it)
}

export function onDrain(this: EspruinoSocket) {
  const it = this._owner as Connection
  it._underWay = 0
  if (it._isBlocked) {
    it._isBlocked = false
    decode(it)
  }
  flush(it)
  if (it.readyState === OPEN) {
    if (it._keepalive === OWES_PING) sendPing(it)
    if (it._wanted >= 0 && canTake(it, sizeOf(it._wanted), false)) {
      it._wanted = -1
      tell(it, 'onWritable', it)
    }
  } else if (it.readyState === CLOSING && !it._isDone) {
    // What was taken before `close()` still leaves, however long that takes.
    arm(it, 0, it._limits[CLOSE_TIMEOUT])
  }
}

export function onClose(this: EspruinoSocket) {
  const it = this._owner as Connection
  it._hasEnded = true
  decode(it)
}

export function onError(this: Pick<EspruinoSocket, '_owner'>, error: Error) {
  const it = this._owner as Connection
  fail(
    it,
    it._response ? 'CONNECT_FAILED' : 'CONNECTION_LOST',
    NOWHERE,
    ABNORMAL,
    error.message,
    error,
  )
}
