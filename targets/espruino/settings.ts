// The options of `connect` on Espruino: what they are unless the user says otherwise, and which values they may have.
// The numbers are 8 bytes each in one array: as properties with names they took 45 JsVars.

import type { Connection } from './connection'
import { RANGE_ERROR, misuse } from './misuse'

/** Where the numbers are in `_limits`: bytes, frames or milliseconds. */
export const RECEIVE_BUFFER = 0
export const SEND_BUFFER = 1
export const MAX_MESSAGE_SIZE = 2
export const MAX_FRAGMENTS = 3
export const MAX_EMPTY_FRAGMENTS = 4
export const MAX_CONTROL_FRAMES = 5
export const MAX_RESPONSE_HEAD = 6
export const HANDSHAKE_TIMEOUT = 7
export const CLOSE_TIMEOUT = 8
export const IDLE_TIMEOUT = 9
export const PING_INTERVAL = 10
export const PONG_TIMEOUT = 11

/** The options that are no numbers. */
export interface Settings {
  protocols: string[]
  headers: Record<string, string>
  tls?: object
  random?: (bytes: Uint8Array) => void
}

/** Sets `_limits` and `_memory`, and returns what else there is. Nothing inherited is read. */
export function settingsOf(it: Connection, options: object): Settings {
  const isStreaming = it._handlers.onFragment
  const limits = (it._limits = new Float64Array(12))
  const others: Record<string, unknown> = { protocols: [], headers: {} }
  const defaults = [1024, 1024, 0, 1048576, 1024, 65536, 4096, 10000, 5000, 0, 0, 10000]
  const names =
    'receiveBuffer,sendBuffer,maxMessageSize,maxFragments,maxEmptyFragments,maxControlFrames,maxResponseHead,' +
    'handshakeTimeout,closeTimeout,idleTimeout,pingInterval,pongTimeout,protocols,headers,tls,random'
  names.split(',').forEach((name, i) => {
    // biome-ignore lint/suspicious/noPrototypeBuiltins: Espruino has no Object.hasOwn.
    let value = options.hasOwnProperty(name) ? (options as typeof others)[name] : undefined
    if (i > PONG_TIMEOUT) {
      if (value !== undefined) others[name] = value
      return
    }
    const isRing = i <= SEND_BUFFER
    if (isRing && value instanceof Uint8Array) {
      if (i === RECEIVE_BUFFER) it._memory = value
      value = value.length
    }
    if (value === undefined) {
      value =
        isStreaming && (i === MAX_MESSAGE_SIZE || i === MAX_FRAGMENTS)
          ? Infinity
          : defaults[i] || (i === MAX_MESSAGE_SIZE ? limits[RECEIVE_BUFFER] : 0)
    }
    if (
      !(typeof value === 'number' && value >= (isRing ? 256 : 0) && (!isRing || value <= 1 << 30))
    ) {
      misuse(RANGE_ERROR, 'BAD_OPTION', name + ' ' + value)
    }
    limits[i] = value as number
  })
  return others as unknown as Settings
}
