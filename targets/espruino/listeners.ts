// What Espruino's socket tells. `this` is the socket.

import { CLOSED, CLOSING, type Connection, OPEN, OWES_PING } from './connection'
import { decode } from './decode'
import { arm, drop, sendPing } from './ending'
import { announceRoom, flush } from './send'

/** A piece that is shorter has emptied the network's buffer. */
const FULL_CHUNK = 256

export function onData(this: EspruinoSocket, bytes: string) {
  const it = this._owner as Connection
  if (bytes.length < FULL_CHUNK) it._controlFrames = 0
  it._heard = 3
  if (it.readyState < CLOSED) it._in += bytes
  decode(it)
}

export function onDrain(this: EspruinoSocket) {
  const it = this._owner as Connection
  it._underWay = 0
  // What was taken before `close()` still leaves, however long that takes.
  if (it.readyState === CLOSING && !it._isDone) arm(it, 0, it._settings.closeTimeout)
  if (it._isBlocked) decode(it)
  flush(it)
  if (it._keepalive === OWES_PING && it.readyState === OPEN) sendPing(it)
  announceRoom(it)
}

export function onClose(this: EspruinoSocket) {
  const it = this._owner as Connection
  it._hasEnded = true
  decode(it)
}

export function onError(this: Pick<EspruinoSocket, '_owner'>, error: Error) {
  const it = this._owner as Connection
  drop(it, it._response ? 'CONNECT_FAILED' : 'CONNECTION_LOST', error.message, undefined, error)
}
