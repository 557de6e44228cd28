// Joins a Transport and a Connection: connecting, deadlines, keepalive, and when the send ring is written out.
// What the user holds, on every target.

import type { Endpoint } from './endpoint'
import type { Platform } from './platform'
import { ABNORMAL } from './protocol/close-code'
import { CLOSED, CLOSING, Connection, OPEN } from './protocol/connection'
import { encodeText } from './protocol/encode-text'
import type { Extension } from './protocol/extension'
import { Handshake, type HandshakeSink } from './protocol/handshake'
import { MessageEncoder } from './protocol/message-encoder'
import { BINARY, type Kind, PING } from './protocol/opcode'
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
  /** From the first Close frame, behind all that was taken before, to the end of the connection. Default 5000. */
  closeTimeout?: number
  /** Without a byte received; detected within twice the time. Default 0. */
  idleTimeout?: number
  /** From the last pong, or the opening, to the next ping. Default 0: no pings. */
  pingInterval?: number
  /** From a ping to its pong. Default 10000. */
  pongTimeout?: number
  /** Such as `deflate()`, or a list. Default: none. */
  extensions?: Extension | Extension[]
  /** Fills the array with unpredictable bytes, for masking keys and the handshake's key. Default: the platform's. If
   * it throws, the connection ends, and the exception goes on. */
  random?: (bytes: Uint8Array) => void
}

/** A WebSocket connection. Sends return false if the message did not fit: nothing of it was queued, and
 * `onWritable` says when to try again. Sending throws unless `readyState` is OPEN. Put no properties of your own on
 * it: its private members have short names. Keep what belongs to a connection in a variable, or a WeakMap. */
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
  /**
   * Stops reading, and with it the callbacks, until `resume()` or `close()`; the peer is held back by TCP. The opening
   * comes all the same.
   */
  pause(): void
  resume(): void
}

/** What counts or times may be, and what they are unless the user says otherwise. Shared by all who say nothing else. */
const DEFAULTS = {
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
/** In fragment mode. */
const STREAMING = { ...DEFAULTS, maxMessageSize: Infinity, maxFragments: Infinity }

/** Of each ring, unless the user says otherwise. */
const DEFAULT_RING = 4096
/** The least size of a ring: any control frame fits, with room for a fragment beside it. */
const LEAST_RING = 256
const LARGEST_RING = 1 << 30
/** The longest delay that every platform's timers take. */
const LONGEST_DELAY = 2147483647
/** From a deadline to what it leads to. */
const GRACE = 50

/** Keepalive: no ping is under way, undefined; one waits for room in the send ring; one waits for its pong. */
const OWES_PING = 1
const AWAITS_PONG = 2

/** Timers. */
const DEADLINE = 0
const IDLE = 1

/** What has been missed when the deadline passes, by `readyState`. */
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
  /** The deadline of what is awaited, and that of the next byte. As many as there will ever be: an array grows by more. */
  private readonly _timers: unknown[] = [undefined, undefined]
  /** Counts what is received, in 32 bits: a timer that fires knows whether there was something. */
  private _heard = 0
  private _isPaused?: boolean
  private _isReceiving = false
  private _isFlushing = false
  private _isFlushDue?: boolean
  /** The peer's side of the transport has ended. */
  private _peerHasEnded?: boolean
  private _keepalive?: number
  /** Made when first needed. */
  private _flushLater?: () => void
  declare readonly limits: typeof DEFAULTS

  constructor(
    endpoint: Endpoint,
    private _handlers: Handlers = {},
    options: ClientOptions,
    platform: Platform,
  ) {
    options = ownProperties(options)
    const { random } = options
    const isStreaming = !!_handlers.onFragment
    if (random) {
      platform = {
        ...platform,
        randomWord: randomWords((bytes) => {
          try {
            random(bytes)
          } catch (error) {
            // It may come in the middle of anything. Within `connect` there is no transport yet, and nothing to end.
            if (this._transport) this.onTransportError(error)
            throw error
          }
        }, 16),
      }
    }
    super(
      new RingBuffer(memoryOf(options, 'receiveBuffer')),
      new MessageEncoder(memoryOf(options, 'sendBuffer'), platform),
      isStreaming,
      limitsOf(options, isStreaming ? STREAMING : DEFAULTS),
      platform,
    )
    const handshake = new Handshake(endpoint, options, platform, this.limits.maxResponseHead, this)
    const outgoing = new RingBuffer(encodeText(handshake.request, platform))
    outgoing.end = outgoing.bytes.length
    outgoing.pinned = true
    this._handshake = handshake
    this._outgoing = outgoing
  }

  abort(): void {
    const { _handlers: handlers } = this
    if (this.readyState === CLOSED) return
    this.isDone = this.stopped = true
    this.readyState = CLOSED
    this._handlers = {}
    this._arm(DEADLINE, 0)
    this._arm(IDLE, 0)
    this._transport.abort()
    this.platform.defer(() => {
      this._handlers = handlers
      this._call(
        handlers.onClose,
        this.closeCode || ABNORMAL,
        this.closeReason || '',
        !!this.closeSent && !!this.closeReceived,
      )
    })
  }

  pause(): void {
    // Where nothing is told any more, only the end is read for.
    if (this.isDone) return
    this._isPaused = this.stopped = true
    // While connecting nothing is told yet, and the answer is read.
    if (this.readyState) this._transport.pause()
  }

  resume(): void {
    if (this._isPaused) {
      this._isPaused = false
      this.stopped = !!this.isDone
      this.platform.defer(() => this._readOn())
    }
  }

  // What the target calls.

  /** The transport that was opened for this client. First. */
  start(transport: Transport): void {
    this._transport = transport
    this._arm(DEADLINE, this.limits.handshakeTimeout)
  }

  /** The transport is connected. */
  onConnected(): void {
    this._outgoing.pinned = false
    this.flush()
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
    this._heard = (this._heard + 1) | 0
    if (isDry) this.controlFrames = 0
    this._receive()
  }

  /** As `Transport.write` says. */
  onWritten(count: number): void {
    const { _outgoing: outgoing } = this
    outgoing.pinned = false
    outgoing.start += count
    if (this._isFlushing || this.readyState === CLOSED) return
    // What was taken before `close()` still leaves, however long that takes: only a peer that takes none of it is late.
    if (this.readyState === CLOSING && !this.isDone) this._arm(DEADLINE, this.limits.closeTimeout)
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
    this.drop(
      this._handshake ? 'CONNECT_FAILED' : 'CONNECTION_LOST',
      // Where Node has tried several addresses, there is no message.
      String((cause && ((cause as Error).message || (cause as { code?: string }).code)) || cause),
      undefined,
      cause,
    )
  }

  // What the handshake and the connection tell.

  onOpen(protocol: string, response: string): void {
    const { limits, _handshake: handshake } = this
    let rest = response
    try {
      handshake!.extensions.forEach((extension) => {
        const accepted = extension.accept(rest, this)
        rest = accepted.rest
        if (accepted.transform) {
          this.transform = accepted.transform
          this.reservedBits = 0x30
        }
      })
      if (rest) throw new Error(rest + ', which was not asked for')
    } catch (error) {
      return this.drop('BAD_EXTENSIONS', (error as Error).message)
    }
    this._handshake = undefined
    this.position = handshake!.length
    this.protocol = protocol
    this.extensions = response
    this.readyState = OPEN
    this._arm(DEADLINE, limits.pingInterval)
    this._arm(IDLE, limits.idleTimeout)
    if (this.stopped) this._transport.pause()
    this._call(this._handlers.onOpen, this)
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
      this._keepalive = undefined
      this._arm(DEADLINE, this.limits.pingInterval)
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
    // A pong that is still to come has no part in the deadline of the end.
    this._keepalive = undefined
    this._arm(DEADLINE, this.limits.closeTimeout)
    this.resume()
  }

  onQueued(): void {
    if (!this._isReceiving && !this._isFlushDue) {
      this._isFlushDue = true
      this.platform.defer(this._flushLater || this._makeFlushLater())
    }
  }

  /** Here, because where a closure is made an engine allocates at each call. */
  private _makeFlushLater(): () => void {
    return (this._flushLater = () => {
      this._isFlushDue = false
      this.flush()
      this.announceRoom()
    })
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
      this.decodeRing()
      if (this.isBlocked) this._transport.pause()
    }
    if (this.isDone) {
      ring.start = ring.end
      ring.release()
    }
    this._isReceiving = false
    this.flush()
    this.announceRoom()
    if (this._peerHasEnded && (!this._isPaused || this._handshake) && !this.isBlocked) {
      this.drop('CONNECTION_ENDED', 'without a Close frame')
    }
  }

  /** Goes on after a pause: first with what has been read already. */
  private _readOn(): void {
    this._receive()
    if (!this._isPaused && !this.isBlocked && this.readyState !== CLOSED) {
      this._transport.resume()
    }
  }

  /** Sets one of the timers anew, or clears it. */
  private _arm(index: number, delay: number): void {
    const { platform, _timers: timers, _heard: heard } = this
    if (timers[index] !== undefined) platform.clearTimer(timers[index])
    timers[index] = undefined
    if (delay > 0 && delay <= LONGEST_DELAY) {
      timers[index] = platform.setTimer(() => {
        // A busy program sees its timers late, and before what has come meanwhile: that is read first.
        timers[index] = platform.setTimer(() => {
          timers[index] = undefined
          this._onTimer(index, heard === this._heard)
        }, GRACE)
      }, delay)
    }
  }

  private _onTimer(index: number, isSilent: boolean): void {
    const { readyState, stopped } = this
    if (index) {
      if (readyState !== OPEN) return
      if (!isSilent || stopped) return this._arm(IDLE, this.limits.idleTimeout)
    } else if (readyState === OPEN) {
      if (!this._keepalive) return this._sendPing()
      // A pong cannot overtake a frame that is still arriving, and none is read during a pause.
      if (stopped || (!isSilent && this.remaining > 0)) {
        return this._arm(DEADLINE, this.limits.pongTimeout)
      }
    }
    this.drop(index ? 'IDLE_TIMEOUT' : DEADLINES[readyState], 'the peer is silent')
  }

  /** Queues a ping of the keepalive, or owes it until there is room; the pong is awaited from now on. */
  private _sendPing(): void {
    this._keepalive = this.sendControl(PING, '', 0, 0) ? AWAITS_PONG : OWES_PING
    this._arm(DEADLINE, this.limits.pongTimeout)
  }

  /** Ends without a Close frame from the peer, unless it has sent one. */
  drop(id: string, detail: string, offset?: number, cause?: unknown): void {
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

/** The options that count or time, checked; `defaults` themselves, or what differs from them, over them. */
function limitsOf(options: ClientOptions, defaults: typeof DEFAULTS): typeof DEFAULTS {
  let others: object | undefined
  let name: keyof typeof DEFAULTS
  // A copy has nothing that somebody has added to prototypes.
  for (name in ownProperties(defaults)) {
    const value = options[name]
    if (value !== undefined) {
      others = { __proto__: defaults, ...others, [name]: requireNumber(name, value, 0, Infinity) }
    }
  }
  return (others || defaults) as typeof DEFAULTS
}

/** The memory of a ring. A Buffer becomes a Uint8Array: the `slice` of what callbacks get must copy. */
function memoryOf(options: ClientOptions, name: 'receiveBuffer' | 'sendBuffer'): Uint8Array {
  const { [name]: memory = DEFAULT_RING } = options
  const isMemory = memory instanceof Uint8Array
  const size = requireNumber(name, isMemory ? memory.length : memory, LEAST_RING, LARGEST_RING)
  if (!isMemory) return new Uint8Array(size)
  return memory.slice === Uint8Array.prototype.slice
    ? memory
    : new Uint8Array(memory.buffer, memory.byteOffset, size)
}

function requireNumber(name: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw errorOf(
      RangeError,
      'BAD_OPTION',
      name + ' ' + value + ', expected ' + least + ' to ' + most,
    )
  }
  return value
}
