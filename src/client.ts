// Joins a Transport and a Connection: connecting, deadlines, keepalive, and when the send ring is written out.
// What the user holds, on every target.

import type { Endpoint } from './endpoint'
import type { Platform } from './platform'
import {
  CLOSED,
  CLOSING,
  Connection,
  type ConnectionSink,
  CONNECTING,
  OPEN,
} from './protocol/connection'
import type { Extension } from './protocol/extension'
import { Handshake, type HandshakeSink, isToken } from './protocol/handshake'
import { BINARY, type Kind } from './protocol/opcode'
import { ABNORMAL } from './protocol/close-code'
import { misuse, type RingletError } from './protocol/protocol-error'
import { RingBuffer } from './protocol/ring-buffer'
import { randomWords } from './random-words'
import type { Transport } from './transport'

/** What the user is told. Every callback is optional, may call any method of the socket, and gets bytes for the
 * duration of the call only. An exception in one goes where the platform reports uncaught ones; the connection
 * goes on. */
export interface Handlers {
  /** The handshake is done. First. */
  onOpen?(socket: Socket): void
  /** A whole text message. */
  onText?(text: string, socket: Socket): void
  /** A whole binary message: `[start, end)` of `bytes`. */
  onBinary?(bytes: Uint8Array, start: number, end: number, socket: Socket): void
  /**
   * A piece of a message as it arrives; given this, `onText` and `onBinary` are not called and nothing is kept.
   * `kind` is 1 for text and 2 for binary. `final` is true for the last piece of a message and for no other; an
   * empty message is one empty piece. Text is checked to be UTF-8 before it comes here, but a piece may end
   * within a character.
   */
  onFragment?(
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: Kind,
    final: boolean,
    socket: Socket,
  ): void
  /** A ping; the pong is queued already. */
  onPing?(bytes: Uint8Array, start: number, end: number, socket: Socket): void
  /** A pong, whether it answers a ping or not. */
  onPong?(bytes: Uint8Array, start: number, end: number, socket: Socket): void
  /** There is room for what a send has refused, or the bytes of a large message may be changed again. */
  onWritable?(socket: Socket): void
  /** Why the connection fails. At most once; `onClose` follows. */
  onError?(error: RingletError): void
  /**
   * The end. Exactly once, and last. `code` is the peer's close code, 1005 if its Close frame had none, the code
   * that Ringlet failed the connection with, or 1006 if no Close frame came. `reason` is the peer's, or the id of
   * the error. `wasClean`: both sides have sent a Close frame, and nothing failed.
   */
  onClose?(code: number, reason: string, wasClean: boolean): void
}

/** Times are in milliseconds, 0 for no limit; sizes in bytes. */
export interface ClientOptions {
  /** Subprotocols, in order of preference. Default: none. */
  protocols?: string | string[]
  /** Further fields of the request. One of `Host` or `Authorization` replaces the one made from the URL. */
  headers?: Record<string, string>
  /** The receive ring: its size, 256 or more, or its memory, which then belongs to the socket. Default 4096. */
  receiveBuffer?: number | Uint8Array
  /** The send ring, likewise. Default 4096. */
  sendBuffer?: number | Uint8Array
  /** The largest message to accept, before and after inflating; 1009 above it. Default: see the target; in
   * fragment mode no limit. */
  maxMessageSize?: number
  /** Frames that a message may have; 1008 above it. Default 1048576; in fragment mode no limit. */
  maxFragments?: number
  /** Empty frames before the last one of a message; 1008 above it. Default 1024. */
  maxEmptyFragments?: number
  /** Control frames in a row while there is more to read; 1008 above it. Default 65536. */
  maxControlFrames?: number
  /** The largest response head. Default 16384. */
  maxResponseHead?: number
  /** From `connect` to the end of the handshake. Default 10000. */
  handshakeTimeout?: number
  /** From the first Close frame to the end of the connection. Default 5000. */
  closeTimeout?: number
  /** Without a byte received; detected within twice the time. Default 0. */
  idleTimeout?: number
  /** From the last pong, or the opening, to the next ping. Default 0: no pings. */
  pingInterval?: number
  /** From a ping to its pong. Default 10000. */
  pongTimeout?: number
  /** Such as `deflate()`. Default: none. */
  extensions?: Extension[]
  /** Fills the array with unpredictable bytes, for masking keys and the handshake's key. Default: the platform's. */
  random?: (bytes: Uint8Array) => void
}

/** A WebSocket connection. Sends return false if the message did not fit: nothing of it was queued, and
 * `onWritable` says when to try again. Sending throws unless `readyState` is OPEN. */
export interface Socket {
  /** 0 CONNECTING, 1 OPEN, 2 CLOSING, 3 CLOSED. */
  readonly readyState: number
  /** Bytes accepted for sending, with their headers, and not yet handed to the network. */
  readonly bufferedAmount: number
  /** The subprotocol that the server has chosen, or ''. */
  readonly protocol: string
  /** The server's Sec-WebSocket-Extensions, or ''. */
  readonly extensions: string
  sendText(text: string): boolean
  /**
   * Sends `[start, end)`, by default all of `bytes`. A message larger than the send ring is taken if no other such
   * message waits; then `bytes` must stay unchanged until `onWritable`. Smaller ones are copied.
   */
  sendBinary(bytes: Uint8Array, start?: number, end?: number): boolean
  /** Sends a piece of a message of `kind` 1 (text, UTF-8) or 2 (binary), `final` with its last. Otherwise as `sendBinary`. */
  sendFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): boolean
  /** Sends a ping with at most 125 bytes. */
  ping(bytes?: Uint8Array): boolean
  /**
   * Begins the closing handshake, after what was accepted before; reading goes on until the peer's Close frame.
   * While connecting it is `abort()`; when closing already it does nothing.
   */
  close(code?: number, reason?: string): void
  /** Drops the connection: no callback comes any more but `onClose` with 1006. */
  abort(): void
  /** Stops reading, and with it the callbacks, until `resume()`; the peer is held back by TCP. */
  pause(): void
  resume(): void
}

/** What counts or times may be, and what they are unless the user says otherwise. */
const DEFAULTS = {
  receiveBuffer: 4096,
  sendBuffer: 4096,
  maxMessageSize: 1 << 20,
  maxFragments: 1 << 20,
  maxEmptyFragments: 1024,
  maxControlFrames: 65536,
  maxResponseHead: 16384,
  handshakeTimeout: 10000,
  closeTimeout: 5000,
  idleTimeout: 0,
  pingInterval: 0,
  pongTimeout: 10000,
}

/** The least size of a ring: any control frame fits, with room for a fragment beside it. */
const LEAST_RING = 256
const LARGEST_RING = 1 << 30
/** The longest delay that every platform's timers take. */
const LONGEST_DELAY = 2147483647

export class Client implements Socket, ConnectionSink, HandshakeSink {
  protocol = ''
  extensions = ''
  /** Where the target puts what it reads: behind `end`, up to `makeRoom()` bytes, told by `onReceived`. */
  readonly receiveRing: RingBuffer

  private readonly _settings: typeof DEFAULTS
  private readonly _platform: Platform
  private readonly _connection: Connection
  private readonly _extensions: Extension[]
  private readonly _sendRing: RingBuffer
  /** What is being written: the request first, then the send ring. */
  private _outgoing: RingBuffer
  private _handshake: Handshake | undefined
  private _transport!: Transport
  /** The deadline of what is awaited, and that of `idleTimeout`. */
  private readonly _timers: unknown[] = []
  private _hasError = false
  private _isPaused = false
  private _isReceiving = false
  /** A write is under way, or the transport is not connected yet. */
  private _isWriting = true
  private _isFlushing = false
  private _isFlushDue = false
  /** The transport has been told to end. */
  private _hasEnded = false
  /** The peer's side of the transport has ended. */
  private _peerHasEnded = false
  private _isOver = false
  /** A keepalive ping waits for its pong. */
  private _awaitsPong = false
  /** It has not been queued yet, for lack of room. */
  private _owesPing = false
  /** Reads so far, and as they were when a timer was set: whether the peer is alive. */
  private _reads = 0
  private readonly _readsBefore = [0, 0]
  private readonly _flushLater: () => void

  constructor(
    endpoint: Endpoint,
    private _handlers: Handlers,
    options: ClientOptions,
    platform: Platform,
  ) {
    const { protocols = [], random, extensions = [] } = options
    const isWhole = !_handlers.onFragment
    const settings = { ...DEFAULTS }
    if (!isWhole) settings.maxMessageSize = settings.maxFragments = Infinity
    for (const key in DEFAULTS) {
      const name = key as keyof typeof DEFAULTS
      const value = options[name]
      const isRing = name.slice(-6) === 'Buffer'
      if (value !== undefined) {
        settings[name] = isRing && value instanceof Uint8Array ? value.length : (value as number)
      }
      const number = settings[name]
      if (
        typeof number !== 'number' ||
        !(number >= (isRing ? LEAST_RING : 0) && number <= (isRing ? LARGEST_RING : Infinity))
      ) {
        throw misuse(new RangeError(name + ' ' + value), 'BAD_OPTION')
      }
    }
    const list = typeof protocols === 'string' ? [protocols] : protocols
    list.forEach((protocol, i) => {
      if (!isToken(protocol) || list.indexOf(protocol) < i) {
        throw misuse(new TypeError('"' + protocol + '", expected a token, once'), 'BAD_SUBPROTOCOL')
      }
    })
    if (random) platform = { ...platform, randomWord: randomWords(random, 16) }
    this._settings = settings
    this._extensions = extensions
    this._platform = platform
    const handshake = (this._handshake = new Handshake(
      {
        ...requestFields(endpoint, options.headers || {}, platform),
        protocols: list,
        offer: extensions.map((extension) => extension.offer).join(', '),
      },
      platform,
      settings.maxResponseHead,
      this,
    ))
    this.receiveRing = ring(options.receiveBuffer, settings.receiveBuffer, platform)
    this._sendRing = ring(options.sendBuffer, settings.sendBuffer, platform)
    this._connection = new Connection(
      this.receiveRing,
      this._sendRing,
      isWhole,
      settings,
      platform,
      this,
    )
    this._outgoing = new RingBuffer(encode(handshake.request(), platform))
    this._outgoing.end = this._outgoing.bytes.length
    this._flushLater = () => {
      this._isFlushDue = false
      this._flush()
      this._connection.announceRoom()
    }
  }

  get readyState(): number {
    return this._connection.readyState
  }

  get bufferedAmount(): number {
    return this._connection.bufferedAmount()
  }

  sendText(text: string): boolean {
    return this._connection.sendText(text)
  }

  sendBinary(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    return this._connection.sendBytes(bytes, start, end, BINARY, true, false)
  }

  sendFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): boolean {
    return this._connection.sendBytes(bytes, start, end, kind, final, true)
  }

  ping(bytes?: Uint8Array): boolean {
    return this._connection.ping(bytes, true)
  }

  close(code?: number, reason = ''): void {
    this._connection.close(code, reason)
    if (this.readyState === CONNECTING) this._finish()
  }

  abort(): void {
    this._finish()
  }

  pause(): void {
    this._isPaused = this._connection.messages.frames.stopped = true
    if (!this._handshake) this._transport.pause()
  }

  resume(): void {
    if (this._isPaused) {
      this._isPaused = false
      this._connection.messages.frames.stopped = this._connection.isDone
      this._platform.defer(() => this._readOn())
    }
  }

  // What the target calls.

  /** The transport that was opened for this client. First. */
  start(transport: Transport): void {
    this._transport = transport
    this._arm(0, this._settings.handshakeTimeout)
  }

  /** The transport is connected. */
  onConnected(): void {
    this._isWriting = false
    this._flush()
  }

  /** Makes room behind `receiveRing.end`; returns how many bytes fit, 1 or more unless reading is paused. */
  makeRoom(): number {
    return this._connection.messages.makeRoom()
  }

  /** `count` bytes have been put behind `receiveRing.end`. */
  onReceived(count: number): void {
    const { receiveRing: ring, _connection: connection } = this
    ring.end += count
    this._reads = (this._reads + 1) | 0
    // The network has been read dry: what the peer does is no flood. (A target may keep the last octet free.)
    if (ring.end < ring.bytes.length - 1) connection.controlFrames = 0
    this._receive()
  }

  /** As `Transport.write` says. */
  onWritten(count: number): void {
    const { _outgoing: outgoing, _connection: connection } = this
    this._isWriting = outgoing.pinned = false
    outgoing.start += count
    if (this._isFlushing || this._isOver) return
    if (connection.isBlocked) this._readOn()
    this._flush()
    if (this._owesPing && connection.readyState === OPEN) {
      this._owesPing = !connection.ping(undefined, false)
      this._arm(0, this._settings.pongTimeout)
    }
    connection.announceRoom()
  }

  /** The peer sends no more, or the transport is closed. */
  onEnd(): void {
    this._peerHasEnded = true
    this._receive()
  }

  /** The transport has failed. */
  onTransportError(cause: unknown): void {
    this._drop(
      this._handshake ? 'CONNECT_FAILED' : 'CONNECTION_LOST',
      String((cause && (cause as Error).message) || cause),
      undefined,
      cause,
    )
  }

  // What the protocol calls.

  onOpen(protocol: string, response: string): void {
    const { _handshake: handshake, _connection: connection, _settings: settings } = this
    const { messages } = connection
    let rest = response
    try {
      this._extensions.forEach((extension) => {
        const accepted = extension.accept(rest, messages)
        rest = accepted.rest
        if (accepted.transform) {
          messages.transform = accepted.transform
          messages.frames.reservedBits = 0x30
        }
      })
      if (rest) throw new Error(rest + ', which was not asked for')
    } catch (error) {
      return this._drop('BAD_EXTENSIONS', (error as Error).message)
    }
    this._handshake = undefined
    messages.frames.skip(handshake!.length)
    this.protocol = protocol
    this.extensions = response
    connection.readyState = OPEN
    this._arm(0, settings.pingInterval)
    this._arm(1, settings.idleTimeout)
    if (this._isPaused) this._transport.pause()
    this._call('onOpen', this)
  }

  onRefused(id: string, detail: string, octet: number): void {
    this._drop(id, detail, octet)
  }

  onFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): void {
    try {
      this._handlers.onFragment!(bytes, start, end, kind, final, this)
    } catch (error) {
      this._platform.reportError(error)
    }
  }

  onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void {
    const { _handlers: handlers, _platform: platform } = this
    try {
      if (kind === BINARY) {
        if (handlers.onBinary) handlers.onBinary(bytes, start, end, this)
      } else if (handlers.onText) {
        handlers.onText(platform.utf8Read(bytes, start, end), this)
      }
    } catch (error) {
      platform.reportError(error)
    }
  }

  onPing(bytes: Uint8Array, start: number, end: number): void {
    this._call('onPing', bytes, start, end, this)
  }

  onPong(bytes: Uint8Array, start: number, end: number): void {
    if (this._awaitsPong && !this._owesPing) {
      this._awaitsPong = false
      this._arm(0, this._settings.pingInterval)
    }
    this._call('onPong', bytes, start, end, this)
  }

  onFailure(id: string, code: number, offset: number): void {
    this._report(id, code, 'at byte ' + offset, offset)
  }

  onClosing(): void {
    this._arm(0, this._settings.closeTimeout)
    this.resume()
  }

  onQueued(): void {
    if (!this._isReceiving && !this._isFlushDue) {
      this._isFlushDue = true
      this._platform.defer(this._flushLater)
    }
  }

  onFull(): void {
    this._flush()
  }

  onWritable(): void {
    this._call('onWritable', this)
  }

  /** Decodes what the receive ring holds, and sends what that has queued. */
  private _receive(): void {
    const { receiveRing: ring, _connection: connection, _handshake: handshake } = this
    if (this._isReceiving || this._isOver) return
    this._isReceiving = true
    if (handshake) ring.start = handshake.read(ring.bytes, ring.start, ring.end)
    if (!this._handshake) {
      connection.isBlocked = false
      connection.messages.decode()
      if (connection.isBlocked) this._transport.pause()
    }
    if (connection.isDone) {
      ring.start = ring.end
      ring.release()
    }
    this._isReceiving = false
    if (this._isOver) return
    this._flush()
    connection.announceRoom()
    if (this._peerHasEnded && !this._isPaused && !connection.isBlocked) {
      this._drop('CONNECTION_ENDED', 'without a Close frame')
    }
  }

  /** Goes on after a pause: first with what has been read already. */
  private _readOn(): void {
    this._receive()
    if (!this._isPaused && !this._connection.isBlocked && !this._isOver) this._transport.resume()
  }

  /** Writes until nothing is left, or the transport takes no more for now. */
  private _flush(): void {
    const { _connection: connection, _transport: transport } = this
    this._isFlushing = true
    while (!this._isWriting && !this._isOver) {
      const { _outgoing: outgoing } = this
      if (outgoing.start === outgoing.end && outgoing === this._sendRing) connection.refill()
      if (outgoing.start < outgoing.end) {
        this._isWriting = outgoing.pinned = true
        transport.write(outgoing.bytes, outgoing.start, outgoing.end)
      } else if (outgoing !== this._sendRing) {
        this._outgoing = this._sendRing
      } else {
        // Section 7.1.7: a failed connection is not left to the peer to close.
        if (this._hasError && connection.closeSent && !this._hasEnded) {
          this._hasEnded = true
          transport.end()
        }
        break
      }
    }
    this._isFlushing = false
  }

  /** Sets timer 0 or 1 anew, or clears it. */
  private _arm(index: number, delay: number): void {
    const { _platform: platform, _timers: timers } = this
    if (timers[index] !== undefined) platform.clearTimer(timers[index])
    timers[index] =
      delay > 0 && delay <= LONGEST_DELAY
        ? platform.setTimer(() => {
            timers[index] = undefined
            this._onTimer(index, this._reads !== this._readsBefore[index])
          }, delay)
        : undefined
    this._readsBefore[index] = this._reads
  }

  private _onTimer(index: number, hasReceived: boolean): void {
    const { readyState, _connection: connection, _settings: settings } = this
    let id = 'IDLE_TIMEOUT'
    if (index) {
      if (readyState !== OPEN) return
      if (hasReceived || this._isPaused) return this._arm(1, settings.idleTimeout)
    } else if (readyState === CONNECTING) {
      id = 'HANDSHAKE_TIMEOUT'
    } else if (readyState === CLOSING) {
      id = 'CLOSE_TIMEOUT'
    } else {
      id = 'PONG_TIMEOUT'
      const { remaining } = connection.messages.frames
      const isFirst = !this._awaitsPong
      // A pong cannot overtake a frame that is still arriving, and none is read during a pause.
      if (isFirst || this._isPaused || (remaining && hasReceived)) {
        this._awaitsPong = true
        if (isFirst) this._owesPing = !connection.ping(undefined, false)
        return this._arm(0, settings.pongTimeout)
      }
    }
    this._drop(id, 'the peer is silent')
  }

  /** Ends without a Close frame from the peer, unless it has sent one. */
  private _drop(id: string, detail: string, offset?: number, cause?: unknown): void {
    const { _connection: connection } = this
    if (this._isOver) return
    if (!connection.closeReceived && !this._hasError) {
      connection.closeReason = id
      this._report(id, ABNORMAL, detail, offset, cause)
    }
    this._finish()
  }

  private _report(
    id: string,
    code: number,
    detail: string,
    offset?: number,
    cause?: unknown,
  ): void {
    const { _handshake: handshake } = this
    const error = misuse(new Error(detail), id)
    this._hasError = true
    error.code = code
    error.offset = offset
    error.cause = cause
    if (handshake) {
      error.status = handshake.status
      error.headers = handshake.fields
    }
    this._call('onError', error)
  }

  private _finish(): void {
    const { _connection: connection } = this
    if (this._isOver) return
    this._isOver = connection.isDone = connection.messages.frames.stopped = true
    connection.readyState = CLOSED
    this._arm(0, 0)
    this._arm(1, 0)
    this._transport.abort()
    const { _handlers: handlers } = this
    this._handlers = {}
    this._platform.defer(() => {
      const { closeCode, closeReason, closeSent, closeReceived } = connection
      this._handlers = handlers
      this._call('onClose', closeCode, closeReason, closeSent && closeReceived && !this._hasError)
    })
  }

  private _call(name: keyof Handlers, ...values: unknown[]): void {
    const handlers = this._handlers as Record<string, (...values: unknown[]) => void>
    try {
      if (handlers[name]) handlers[name](...values)
    } catch (error) {
      this._platform.reportError(error)
    }
  }
}

function ring(
  memory: number | Uint8Array | undefined,
  size: number,
  platform: Platform,
): RingBuffer {
  return new RingBuffer(typeof memory === 'object' ? memory : platform.allocate(size))
}

function encode(text: string, platform: Platform): Uint8Array {
  const bytes = platform.allocate(platform.utf8Length(text))
  platform.utf8Write(text, bytes, 0)
  return bytes
}

/** The Host value and the further header lines; nothing of the user's can end a line early. */
function requestFields(endpoint: Endpoint, fields: Record<string, string>, platform: Platform) {
  let { host, userInfo } = endpoint
  let headers = ''
  for (const name in fields) {
    const value = String(fields[name])
    const key = name.toLowerCase()
    let isValid =
      isToken(name) &&
      key !== 'connection' &&
      key !== 'upgrade' &&
      key.indexOf('sec-websocket-') !== 0
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i)
      if ((code < 32 && code !== 9) || code > 126) isValid = false
    }
    if (!isValid) {
      throw misuse(
        new TypeError(
          JSON.stringify(name) +
            ", expected a field that is not the handshake's own, and printable ASCII",
        ),
        'BAD_HEADER',
      )
    }
    if (key === 'host') host = ''
    if (key === 'authorization') userInfo = ''
    headers += name + ': ' + value + '\r\n'
  }
  if (userInfo) {
    headers += 'Authorization: Basic ' + platform.base64(encode(userInfo, platform)) + '\r\n'
  }
  return { host, path: endpoint.path, headers }
}
