// Joins a Transport and a Connection: connecting, deadlines, keepalive, and when the send ring is written out.
// What the user holds, on every target.

import type { Endpoint } from './endpoint'
import type { Platform } from './platform'
import { CLOSED, Connection, OPEN } from './protocol/connection'
import { encodeText } from './protocol/encode-text'
import type { Extension } from './protocol/extension'
import { Handshake, type HandshakeSink, isToken } from './protocol/handshake'
import { BINARY, type Kind, PING } from './protocol/opcode'
import { ABNORMAL } from './protocol/close-code'
import { ownProperties } from './protocol/own-properties'
import { errorOf, type RingletError } from './protocol/protocol-error'
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
  /** Bytes accepted for sending, with their headers, and not yet handed to the network. In `onClose`: that never were. */
  readonly bufferedAmount: number
  /** The message larger than the send ring that the socket keeps, or kept when it ended, or undefined. */
  readonly unsent: Uint8Array | string | undefined
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
/** From a deadline to what it leads to. */
const GRACE = 50

/** Keepalive: no ping is under way; one waits for room in the send ring; one waits for its pong. */
const NO_PING = 0
const OWES_PING = 1
const AWAITS_PONG = 2

/** What has been missed when timer 0 fires, by `readyState`. */
const DEADLINES = ['HANDSHAKE_TIMEOUT', 'PONG_TIMEOUT', 'CLOSE_TIMEOUT']

/** A Connection that has a transport, a clock and somebody who is told. */
export class Client extends Connection implements Socket, HandshakeSink {
  protocol = ''
  extensions = ''

  /**
   * What is being written: the request first, then the send ring. Pinned: a write is under way, or the transport is
   * not connected yet.
   */
  private _outgoing: RingBuffer
  private _handshake: Handshake | undefined
  private _transport!: Transport
  /** The deadline of what is awaited, and that of `idleTimeout`. */
  private readonly _timers: unknown[] = []
  private _isPaused = false
  private _isReceiving = false
  private _isFlushing = false
  private _isFlushDue = false
  /** The peer's side of the transport has ended. */
  private _peerHasEnded = false
  private _keepalive = NO_PING
  /** Whether something was received since timer 0 was set, 1, and since timer 1 was, 2. */
  private _heard = 0
  private readonly _extensions: Extension[]
  private readonly _flushLater: () => void

  constructor(
    endpoint: Endpoint,
    private _handlers: Handlers = {},
    options: ClientOptions,
    platform: Platform,
    private readonly _settings = settingsOf(
      (options = ownProperties(options)),
      !_handlers.onFragment,
    ),
  ) {
    const { protocols = [], random, headers = {}, extensions = [] } = options
    const list = ([] as string[]).concat(protocols)
    list.forEach((protocol, i) => {
      if (typeof protocol !== 'string' || !isToken(protocol) || list.indexOf(protocol) < i) {
        throw errorOf(
          TypeError,
          'BAD_SUBPROTOCOL',
          // Not the text: some put tokens of another kind there.
          'number ' + i + ' is not a token, or twice',
        )
      }
    })
    if (random) platform = { ...platform, randomWord: randomWords(random, 16) }
    super(
      ring(options.receiveBuffer, _settings.receiveBuffer, platform),
      ring(options.sendBuffer, _settings.sendBuffer, platform),
      !_handlers.onFragment,
      _settings,
      platform,
    )
    this._extensions = extensions
    this._handshake = new Handshake(
      {
        ...requestFields(endpoint, headers, platform),
        protocols: list,
        offer: extensions.map((extension) => extension.offer).join(', '),
      },
      platform,
      _settings.maxResponseHead,
      this,
    )
    this._outgoing = new RingBuffer(encodeText(this._handshake.request(), platform))
    this._outgoing.end = this._outgoing.bytes.length
    this._outgoing.pinned = true
    this._flushLater = () => {
      this._isFlushDue = false
      this.flush()
      this.announceRoom()
    }
  }

  abort(): void {
    const { _handlers: handlers } = this
    if (this.readyState === CLOSED) return
    this.isDone = this.messages.frames.stopped = true
    this.readyState = CLOSED
    this._handlers = {}
    this._arm(0, 0)
    this._arm(1, 0)
    this._transport.abort()
    this.platform.defer(() => {
      this._handlers = handlers
      this._call(
        handlers.onClose,
        this.closeCode,
        this.closeReason,
        this.closeSent && this.closeReceived,
      )
    })
  }

  pause(): void {
    this._isPaused = this.messages.frames.stopped = true
    // Open or closing: before, it is not needed, and afterwards there is nothing to pause.
    if (this.readyState % CLOSED) this._transport.pause()
  }

  resume(): void {
    if (this._isPaused) {
      this._isPaused = false
      this.messages.frames.stopped = this.isDone
      this.platform.defer(() => this._readOn())
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
    this._outgoing.pinned = false
    this.flush()
  }

  /** Makes room behind `receiveRing.end`; returns how many bytes fit, 1 or more unless reading is paused. */
  makeRoom(): number {
    return this.messages.makeRoom()
  }

  /**
   * `count` bytes have been put behind `receiveRing.end`. `isDry`: no more waits, so what the peer does is no flood. By
   * default that is told by the room left in the ring; a target may keep the last octet free.
   */
  onReceived(
    count: number,
    isDry = this.receiveRing.end + count < this.receiveRing.bytes.length - 1,
  ): void {
    this.receiveRing.end += count
    this._heard = 3
    if (isDry) this.messages.controlFrames = 0
    this._receive()
  }

  /** As `Transport.write` says. */
  onWritten(count: number): void {
    const { _outgoing: outgoing } = this
    outgoing.pinned = false
    outgoing.start += count
    if (this._isFlushing || this.readyState === CLOSED) return
    if (this.isBlocked) this._readOn()
    this.flush()
    if (this._keepalive === OWES_PING && this.readyState === OPEN) this._sendPing()
    this.announceRoom()
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

  // What the handshake and the connection tell.

  onOpen(protocol: string, response: string): void {
    const { _handshake: handshake, _settings: settings, messages } = this
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
    this.readyState = OPEN
    this._arm(0, settings.pingInterval)
    this._arm(1, settings.idleTimeout)
    if (this._isPaused) this._transport.pause()
    this._call(this._handlers.onOpen, this)
  }

  onRefused(id: string, detail: string, octet: number): void {
    this._drop(id, detail, octet)
  }

  onFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): void {
    const { _handlers: handlers } = this
    // Not by `_call`: where an engine makes an array of rest arguments, that is all that a message would allocate.
    try {
      handlers.onFragment!(bytes, start, end, kind, final, this)
    } catch (error) {
      this.platform.reportError(error)
    }
  }

  onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void {
    const { onBinary, onText } = this._handlers
    this._call(kind === BINARY ? onBinary : onText && deliverText, bytes, start, end, this)
  }

  onPing(bytes: Uint8Array, start: number, end: number): void {
    this._call(this._handlers.onPing, bytes, start, end, this)
  }

  onPong(bytes: Uint8Array, start: number, end: number): void {
    if (this._keepalive === AWAITS_PONG) {
      this._keepalive = NO_PING
      this._arm(0, this._settings.pingInterval)
    }
    this._call(this._handlers.onPong, bytes, start, end, this)
  }

  onFailure(id: string, code: number, detail: string, offset?: number, cause?: unknown): void {
    const { _handshake: handshake } = this
    const error = errorOf(Error, id, detail)
    error.code = code
    error.offset = offset
    error.cause = cause
    if (handshake) {
      error.status = handshake.status
      error.headers = handshake.fields
    }
    this._call(this._handlers.onError, error)
  }

  onClosing(): void {
    this._arm(0, this._settings.closeTimeout)
    this.resume()
  }

  onQueued(): void {
    if (!this._isReceiving && !this._isFlushDue) {
      this._isFlushDue = true
      this.platform.defer(this._flushLater)
    }
  }

  onWritable(): void {
    this._call(this._handlers.onWritable, this)
  }

  /** Writes until nothing is left, or the transport takes no more for now. */
  flush(): void {
    this._isFlushing = true
    while (!this._outgoing.pinned && this.readyState !== CLOSED) {
      let { _outgoing: outgoing } = this
      if (outgoing.start === outgoing.end) {
        this._outgoing = outgoing = this.sendRing
        this.refill()
      }
      outgoing.pinned = true
      if (outgoing.start < outgoing.end) {
        this._transport.write(outgoing.bytes, outgoing.start, outgoing.end)
      } else if (this.closeSent && this.isDone && !this.closeReceived) {
        // Section 7.1.7: a failed connection is not left to the peer to close. It stays pinned: nothing follows.
        this._transport.end()
      } else {
        outgoing.pinned = false
        break
      }
    }
    this._isFlushing = false
  }

  /** Decodes what the receive ring holds, and sends what that has queued. */
  private _receive(): void {
    const { receiveRing: ring, _handshake: handshake } = this
    if (this._isReceiving || this.readyState === CLOSED) return
    this._isReceiving = true
    if (handshake) ring.start = handshake.read(ring.bytes, ring.start, ring.end)
    if (!this._handshake) {
      this.isBlocked = false
      this.messages.decode()
      if (this.isBlocked) this._transport.pause()
    }
    if (this.isDone) {
      ring.start = ring.end
      ring.release()
    }
    this._isReceiving = false
    this.flush()
    this.announceRoom()
    if (this._peerHasEnded && !this._isPaused && !this.isBlocked) {
      this._drop('CONNECTION_ENDED', 'without a Close frame')
    }
  }

  /** Goes on after a pause: first with what has been read already. */
  private _readOn(): void {
    this._receive()
    if (!this._isPaused && !this.isBlocked && this.readyState !== CLOSED) this._transport.resume()
  }

  /** Sets timer 0 or 1 anew, or clears it. */
  private _arm(index: number, delay: number): void {
    const { platform, _timers: timers } = this
    if (timers[index] !== undefined) platform.clearTimer(timers[index])
    timers[index] = undefined
    this._heard &= ~(1 << index)
    if (delay > 0 && delay <= LONGEST_DELAY) {
      timers[index] = platform.setTimer(() => {
        // A busy program sees its timers late, and before what has come meanwhile: that is read first.
        timers[index] = platform.setTimer(() => {
          timers[index] = undefined
          this._onTimer(index, this._heard & (1 << index))
        }, GRACE)
      }, delay)
    }
  }

  private _onTimer(index: number, hasReceived: number): void {
    const { readyState } = this
    if (index) {
      if (readyState !== OPEN) return
      if (hasReceived || this._isPaused) return this._arm(1, this._settings.idleTimeout)
    } else if (readyState === OPEN) {
      if (!this._keepalive) return this._sendPing()
      // A pong cannot overtake a frame that is still arriving, and none is read during a pause.
      if (this._isPaused || (hasReceived && this.messages.frames.remaining)) {
        return this._arm(0, this._settings.pongTimeout)
      }
    }
    this._drop(index ? 'IDLE_TIMEOUT' : DEADLINES[readyState], 'the peer is silent')
  }

  /** Queues a ping of the keepalive, or owes it until there is room; the pong is awaited from now on. */
  private _sendPing(): void {
    this._keepalive = this.sendControl(PING, '', 0, 0) ? AWAITS_PONG : OWES_PING
    this._arm(0, this._settings.pongTimeout)
  }

  /** Ends without a Close frame from the peer, unless it has sent one. */
  private _drop(id: string, detail: string, offset?: number, cause?: unknown): void {
    if (!this.isDone) {
      this.finish(ABNORMAL, id)
      this.onFailure(id, ABNORMAL, detail, offset, cause)
    }
    this.abort()
  }

  private _call<Values extends unknown[]>(
    handler: ((...values: Values) => void) | undefined,
    ...values: Values
  ): void {
    try {
      if (handler) handler.apply(this._handlers, values)
    } catch (error) {
      this.platform.reportError(error)
    }
  }
}

function deliverText(
  this: Handlers,
  bytes: Uint8Array,
  start: number,
  end: number,
  client: Client,
): void {
  this.onText!(client.platform.utf8Read(bytes, start, end), client)
}

/** The options that count or time, checked, and completed by their defaults. */
function settingsOf(options: ClientOptions, isWhole: boolean): typeof DEFAULTS {
  const settings = ownProperties(DEFAULTS)
  if (!isWhole) settings.maxMessageSize = settings.maxFragments = Infinity
  for (const key in settings) {
    const name = key as keyof typeof DEFAULTS
    const value = options[name]
    const isRing = name.slice(-6) === 'Buffer'
    const number =
      value === undefined
        ? settings[name]
        : isRing && value instanceof Uint8Array
          ? value.length
          : value
    if (
      typeof number !== 'number' ||
      !(number >= (isRing ? LEAST_RING : 0) && number <= (isRing ? LARGEST_RING : Infinity))
    ) {
      throw errorOf(RangeError, 'BAD_OPTION', name + ' ' + value)
    }
    settings[name] = number
  }
  return settings
}

function ring(
  memory: number | Uint8Array | undefined,
  size: number,
  platform: Platform,
): RingBuffer {
  return new RingBuffer(typeof memory === 'object' ? memory : platform.allocate(size))
}

/** The Host value and the further header lines; nothing of the user's can end a line early. */
function requestFields(endpoint: Endpoint, fields: Record<string, string>, platform: Platform) {
  let { host, userInfo } = endpoint
  let headers = ''
  for (const name in ownProperties(fields)) {
    const value = String(fields[name])
    const key = name.toLowerCase()
    if (
      !isToken(name) ||
      key === 'connection' ||
      key === 'upgrade' ||
      key.indexOf('sec-websocket-') === 0 ||
      !/^[\t -~]*$/.test(value)
    ) {
      throw errorOf(
        TypeError,
        'BAD_HEADER',
        JSON.stringify(name) + ' is of the handshake, or not printable ASCII',
      )
    }
    if (key === 'host') host = ''
    if (key === 'authorization') userInfo = ''
    headers += name + ': ' + value + '\r\n'
  }
  if (userInfo) {
    headers += 'Authorization: Basic ' + platform.base64(encodeText(userInfo, platform)) + '\r\n'
  }
  return { host, path: endpoint.path, headers }
}
