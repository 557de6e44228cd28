// What a connection on Espruino is, and how it calls its handlers. RFC 6455 as `src/protocol` and `src/client.ts` have it,
// written for an interpreter that runs from the source text and keeps that text in RAM: the same rules, the same errors
// and the same vectors.
//
// What differs, and why. Bytes are strings: Espruino's sockets read and write strings, and its native calls on them are
// a hundred times faster than loops. State is one object, its first values are in the prototype, and the socket's
// listeners find it by `this`: a closure costs 7 JsVars, a property 1 or 2. Nothing is taken before it is needed, since
// the heap is made of small equal blocks: what is bounded can be had later as well. An expression that is seldom used
// stands where it is used: as a constant it would take 16 JsVars for good.
//
// Memory: `_in` holds what is not decoded yet, 536 bytes or so; `_message` a message that is not whole, up to
// `maxMessageSize`; `_out` what is not written yet, up to `sendBuffer`; and Espruino 536 bytes being written.

import type { Handlers, Socket } from '../../src/client'
import type { TextState } from './text'

export const CONNECTING = 0
export const OPEN = 1
export const CLOSING = 2
export const CLOSED = 3

/** What Espruino's sockets read and write at once; what is written beyond that it would copy again and again. */
export const CHUNK = 536

export const OWES_PING = 1
export const AWAITS_PONG = 2

export interface Response {
  /** The value of Sec-WebSocket-Accept that is right. */
  _accept: string
  _protocols: string[]
  _status: number
  _fields: Record<string, string>
}

/** The socket that the user holds. */
export interface Connection extends Socket, TextState {
  readyState: number
  bufferedAmount: number
  protocol: string
  extensions: string
  _socket: EspruinoSocket | undefined
  _handlers: Handlers
  /** The options that are numbers; settings.ts says where. */
  _limits: Float64Array
  /** The caller's memory, if bytes are to be delivered there. */
  _memory?: Uint8Array
  _random: ((bytes: Uint8Array) => void) | undefined
  /** The response that is being read. */
  _response: Response | undefined

  /** What has been received; from `_index` on it is not decoded. */
  _in: string
  _index: number
  /** Offset in the stream of the first byte of `_in`. */
  _base: number
  /** Bytes that the payload of the current data frame still needs; −1 where a header is expected. */
  _left: number
  _isLast: boolean
  _kind: number
  _message: string
  _size: number
  _fragments: number
  _emptyFragments: number
  _controlFrames: number
  _isPaused?: boolean
  /** A ping waits for room for its pong. */
  _isBlocked?: boolean
  /** Nothing that arrives counts any more. */
  _isDone?: boolean
  /** Espruino has closed the socket. */
  _hasEnded?: boolean
  /** `sckt` of the socket, while it must not be read. */
  _held?: number

  _out: string
  /** Bytes that Espruino has been given and has not written. */
  _underWay: number
  /** What could never fit: from `_next` to `_end` it is not in `_out` yet. A text is its UTF-8. */
  unsent: string | Uint8Array | undefined
  _next: number
  _end: number
  /** The first byte of its next frame, as if that were the last. */
  _first: number
  _openKind?: number
  _textOut?: TextState
  /** Bytes that the last refused payload needs, or −1. */
  _wanted: number
  /** The payload of the Close frame that waits. */
  _closeBody?: string
  _closeSent?: boolean
  _closeReceived?: boolean
  _closeCode: number
  _closeReason: string

  /** The deadline of what is awaited, and that of `idleTimeout`; 0 for none. */
  _timers: number[]
  /** Whether something has come since each of them was set, a bit each. */
  _heard?: number
  _keepalive?: number
}

/** Calls a handler; what it throws is reported as uncaught. */
export function tell(
  it: Pick<Connection, '_handlers'>,
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
export function tellBytes(
  it: Connection,
  name: keyof Handlers,
  body: string,
  d: unknown,
  e?: unknown,
  f?: unknown,
) {
  if (!(it._handlers as Record<string, unknown>)[name]) return
  let bytes = it._memory
  // Espruino's `set` takes the bytes of a string.
  if (bytes && body.length <= bytes.length) bytes.set(body as never)
  else bytes = E.toUint8Array(body)
  tell(it, name, bytes, 0, body.length, d, e, f)
}
