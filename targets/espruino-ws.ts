// In place of Espruino's own module `ws`, client side: the same constructor, options, events and methods, over Ringlet.
// A file of its own, which finds Ringlet on the board as the module `ringlet`.

import type { RingletError } from '../src/protocol/protocol-error'
import type { Socket } from '../src/client'
import type { connect } from './espruino'

/** Those of `ws`, and Ringlet's `random`. `protocolVersion` and `masking` are what the protocol says, whatever is given. */
export interface WebSocketOptions {
  /** Default '/'. */
  path?: string
  /** Default 80. */
  port?: number
  /** The subprotocol. */
  protocol?: string
  /** Default 'Espruino'. */
  origin?: string
  /** Seconds between pings. Default 60. */
  keepAlive?: number
  headers?: Record<string, string>
  protocolVersion?: number
  masking?: boolean
  /** Fills an array with unpredictable bytes. Default: `E.hwRand`, which is none on some boards. */
  random?: (bytes: Uint8Array) => void
}

export interface WebSocket {
  /**
   * `handshake`, then `open`; `message` with a string, or a Uint8Array of a binary message; `ping`, `pong`; `error` with
   * the reason, which `ws` has not; `close` with code and reason, last.
   */
  on(event: 'message', listener: (message: string | Uint8Array) => void): void
  on(event: 'error', listener: (error: RingletError) => void): void
  on(event: 'close', listener: (code: number, reason: string) => void): void
  on(event: string, listener: (...values: never[]) => void): void
  /** False if there is no room: more than 4096 characters wait. `opcode` 0x82 is binary, 0x89 a ping. */
  send(message: string | Uint8Array, opcode?: number): boolean
  close(): void
}

interface Internal extends WebSocket {
  emit(event: string, ...values: unknown[]): void
  _socket: Socket
  _queue: [string | Uint8Array, number][]
  _length: number
}

/** What may wait for the connection, or for room. */
const LARGEST_QUEUE = 4096

function flush(ws: Internal) {
  const { _socket: socket, _queue: queue } = ws
  while (queue.length && socket.readyState === 1) {
    const [message, opcode] = queue[0]
    const isBytes = typeof message !== 'string'
    const isTaken =
      (opcode & 15) === 1 && !isBytes
        ? socket.sendText(message as string)
        : (opcode & 15) === 9
          ? socket.ping(isBytes ? (message as Uint8Array) : E.toUint8Array(message as string))
          : socket.sendBinary(isBytes ? (message as Uint8Array) : E.toUint8Array(message as string))
    if (!isTaken) return
    queue.splice(0, 1)
    ws._length -= message.length
  }
}

function hardwareRandom(bytes: Uint8Array) {
  for (let i = 0; i < bytes.length; i++) bytes[i] = E.hwRand()
}

function open(host: string, given?: WebSocketOptions): WebSocket {
  const options = given || {}
  const headers: Record<string, string> = { Origin: options.origin || 'Espruino' }
  const ws = {} as Internal
  for (const name in options.headers) headers[name] = options.headers[name]
  ws._queue = []
  ws._length = 0
  ws.send = (message, opcode) => {
    if (ws._length && ws._length + message.length > LARGEST_QUEUE) return false
    ws._queue.push([message, opcode || 1])
    ws._length += message.length
    flush(ws)
    return true
  }
  ws.close = () => ws._socket.close()
  const tell = (event: string) => () => ws.emit(event)
  ws._socket = (require('ringlet') as { connect: typeof connect }).connect(
    'ws://' + host + ':' + (options.port || 80) + (options.path || '/'),
    {
      onOpen() {
        ws.emit('handshake')
        ws.emit('open')
        flush(ws)
      },
      onText: (text) => ws.emit('message', text),
      onBinary: (bytes) => ws.emit('message', bytes),
      onPing: tell('ping'),
      onPong: tell('pong'),
      onWritable: () => flush(ws),
      onError: (error: RingletError) => ws.emit('error', error),
      onClose: (code, reason) => ws.emit('close', code, reason),
    },
    {
      headers,
      protocols: options.protocol || [],
      pingInterval: (options.keepAlive || 60) * 1000,
      // As long as its own takes them.
      maxMessageSize: 65535,
      random: options.random || hardwareRandom,
    },
  )
  return ws
}

/** Connects, with `new` or without. */
const WebSocket = open as unknown as {
  new (host: string, options?: WebSocketOptions): WebSocket
  (host: string, options?: WebSocketOptions): WebSocket
}

export default WebSocket
