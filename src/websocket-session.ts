// One connection of a WebSocket object: what it has still to send, and what it has still to tell, each in order.
//
// The WebSockets standard tells each event in a task of its own, with whatever promises it resolves settled before the
// next; so what comes in is kept until its task. Beyond a bound reading waits for that.
//
// Memory: what is to be sent and does not fit the send ring is copied, and kept here without bound, or up to
// `maxBufferedAmount`. Strings are kept as they are, Blobs are read piece by piece.

import type { Handlers, Socket } from './client'
import { errorOf, type RingletError } from './protocol/protocol-error'

export const CONNECTING = 0
export const OPEN = 1
export const CLOSING = 2
export const CLOSED = 3

const BINARY = 2

/** Octets of the largest frame header. */
const HEADER = 14
/** Octets of messages that wait for their events, above which reading waits; an event counts as so many besides. */
const LARGEST_BACKLOG = 1 << 16
const EVENT_SIZE = 64
/** Octets of a Blob that are read at once. */
const BLOB_SLICE = 1 << 16

/** What the session uses of a Blob. */
export interface BlobLike {
  readonly size: number
  slice(start: number, end: number): BlobLike
  arrayBuffer(): Promise<ArrayBuffer>
}

interface Waiting {
  /** A string, or bytes that are ours: of a Blob those of the slice that is to be sent next, when they have been read. */
  source: string | Uint8Array | undefined
  blob?: BlobLike
  /** Octets that are to be sent, and of a Blob where the next slice begins. */
  size: number
  start: number
}

/** What the session tells. */
export interface SessionSink {
  queueTask(task: () => void): void
  onOpen(): void
  onMessage(data: string | Uint8Array<ArrayBuffer>, type: string): void
  onError(error: RingletError): void
  onClose(code: number, reason: string, wasClean: boolean): void
}

export class Session {
  protocol = ''
  extensions = ''
  /** Whether somebody listens for pings and pongs: what comes without is not copied. */
  tellsPings = false

  private _state = CONNECTING
  private _socket!: Socket
  /** What is to be told, each in a task. */
  private readonly _events: (() => void)[] = []
  private _backlog = 0
  private _isPaused = false
  /** Reading waits for the events. */
  private _isHeldBack = false
  /** Why the connection failed. */
  private _error: RingletError | undefined

  private readonly _waiting: Waiting[] = []
  private _isReadingBlob = false
  /** Octets in `_waiting`; handed to the socket since it was last empty; sent when nothing could be sent any more. */
  private _waitingSize = 0
  private _handed = 0
  private _lost = 0
  /** `bufferedAmount` in a task that has sent: nothing is taken off before it is over. */
  private _amount = -1
  /** What `close` has asked for. */
  private _closing: { code: number | undefined; reason: string } | undefined

  constructor(
    private readonly _sink: SessionSink,
    /** The size of the send ring: what is larger is kept by the socket, and must be a copy. */
    private readonly _ringSize: number,
    private readonly _maxBufferedAmount: number,
    private readonly _wantsProtocol: boolean,
  ) {}

  /** Begins; `connect` returns the socket, and throws at bad options. */
  start(connect: (handlers: Handlers) => Socket): void {
    this._socket = connect({
      onOpen: (socket) => this._onOpen(socket),
      onText: (text) => this._onMessage(text, text.length),
      onBinary: (bytes, start, end) => this._onMessage(bytes.slice(start, end), end - start),
      onPing: (bytes, start, end) => this._onControl('ping', bytes, start, end),
      onPong: (bytes, start, end) => this._onControl('pong', bytes, start, end),
      onWritable: () => this._drain(),
      onError: (error) => {
        // Once we are closing, a peer that leaves without its Close frame is no failure.
        if (!this._closing || error.code !== 1006) this._error = error
      },
      onClose: (code, reason, wasClean) => this._onClose(code, reason, wasClean),
    })
  }

  get readyState(): number {
    // The peer has closed, and all that came before has been told.
    return this._state === OPEN && !this._events.length && this._socket.readyState > OPEN
      ? CLOSING
      : this._state
  }

  get bufferedAmount(): number {
    return this._amount < 0 ? this._measure() : this._amount
  }

  /** Takes a message of `size` octets; the caller may change its bytes afterwards. */
  send(source: string | Uint8Array | BlobLike, size: number): void {
    const { _waiting: waiting, _socket: socket } = this
    if (this._amount < 0) {
      this._amount = this._measure()
      this._sink.queueTask(() => {
        this._amount = -1
      })
    }
    this._amount += size
    const isOpen = this._state === OPEN && socket.readyState === OPEN
    if (!isOpen || this._amount > this._maxBufferedAmount) {
      this._lost += size
      if (isOpen)
        this.fail('SEND_BUFFER_FULL', this._amount + ' bytes are more than maxBufferedAmount')
      return
    }
    const isBlob = typeof source !== 'string' && !(source instanceof Uint8Array)
    if (!isBlob && !waiting.length) {
      const isKept = typeof source !== 'string' && size + HEADER > this._ringSize
      if (this._offer(isKept ? source.slice() : source, size)) return
    }
    waiting.push(
      isBlob
        ? { source: undefined, blob: source, size, start: 0 }
        : { source: typeof source === 'string' ? source : source.slice(), size, start: 0 },
    )
    this._waitingSize += size
    if (isBlob && waiting.length === 1) this._drain()
  }

  /** What was sent before goes out first. */
  close(code: number | undefined, reason: string): void {
    const { _state: state } = this
    if (state >= CLOSING) return
    this._state = CLOSING
    if (state === CONNECTING) {
      this.fail('CLOSED_EARLY', 'before the connection was open')
    } else {
      this._closing = { code, reason }
      // No message is told any more. A peer that waits until it is read might not take what is still to be sent.
      this.resume()
      this._drain()
    }
  }

  /** Drops the connection, without an error. */
  terminate(): void {
    if (this._state === CLOSED) return
    this._state = CLOSING
    this._socket.abort()
  }

  ping(bytes?: Uint8Array): boolean {
    // The peer may have closed, behind messages that are not told yet.
    return this._socket.readyState === OPEN && this._socket.ping(bytes)
  }

  pause(): void {
    if (this._state > OPEN) return
    this._isPaused = true
    this._socket.pause()
  }

  resume(): void {
    if (!this._isPaused) return
    this._goOn()
    if (!this._isHeldBack) this._socket.resume()
  }

  /** Ends the connection with an error, if nothing else has ended it. */
  fail(id: string, detail: string): void {
    if (this._error || this._state === CLOSED) return
    this._error = errorOf(Error, id, detail)
    this._error.code = 1006
    this._socket.abort()
  }

  private _goOn(): void {
    this._isPaused = false
    this._events.forEach(() => this._sink.queueTask(this._next))
  }

  private _tell(event: () => void): void {
    this._events.push(event)
    this._sink.queueTask(this._next)
  }

  private readonly _next = (): void => {
    const { _events: events } = this
    // A pause holds back what comes once it is open.
    if ((this._isPaused && this._state === OPEN) || !events.length) return
    try {
      events[0]()
    } finally {
      // What a `binaryType` of the user's throws, or a `dispatchEvent`, loses one event, and not those behind it.
      events.splice(0, 1)
      if (this._isHeldBack && !this._backlog) {
        this._isHeldBack = false
        if (!this._isPaused) this._socket.resume()
      }
    }
  }

  private _onOpen(socket: Socket): void {
    // The Fetch standard: that none of the subprotocols was chosen is a failure.
    if (this._wantsProtocol && !socket.protocol) {
      return this.fail('BAD_PROTOCOL', 'none was chosen')
    }
    this._tell(() => {
      if (this._state !== CONNECTING) return
      this._state = OPEN
      this.protocol = socket.protocol
      this.extensions = socket.extensions
      this._sink.onOpen()
    })
  }

  private _onControl(type: string, bytes: Uint8Array, start: number, end: number): void {
    if (this.tellsPings) this._onMessage(bytes.slice(start, end), end - start, type)
  }

  private _onMessage(
    message: string | Uint8Array<ArrayBuffer>,
    length: number,
    type = 'message',
  ): void {
    const size = length + EVENT_SIZE
    if (this._state > OPEN) return
    this._backlog += size
    if (this._backlog > LARGEST_BACKLOG && !this._isHeldBack) {
      this._isHeldBack = true
      this._socket.pause()
    }
    this._tell(() => {
      this._backlog -= size
      if (this._state === OPEN) this._sink.onMessage(message, type)
    })
  }

  private _onClose(code: number, reason: string, wasClean: boolean): void {
    const { _error: error } = this
    // The code and the reason are those of the peer's Close frame; what ours said is none of them.
    if (error || code === 1006) {
      code = 1006
      reason = ''
      wasClean = false
    }
    this._lost += this._waitingSize + this._inSocket()
    this._waitingSize = this._handed = this._waiting.length = 0
    // The end does not wait for `resume`, but a message before it does, unless it is given up.
    if (this._state > OPEN || !this._backlog) this._goOn()
    this._tell(() => {
      this._state = CLOSED
      if (error) this._sink.onError(error)
    })
    this._tell(() => this._sink.onClose(code, reason, wasClean))
  }

  private _inSocket(): number {
    return Math.min(this._handed, this._socket.bufferedAmount)
  }

  private _measure(): number {
    return this._lost + this._waitingSize + this._inSocket()
  }

  /** Hands to the socket what waits, as far as it takes it, and then the wish to close. */
  private _drain(): void {
    const { _waiting: waiting, _closing: closing, _socket: socket } = this
    while (waiting.length) {
      const { source, blob, size, start } = waiting[0]
      if (socket.readyState !== OPEN) return
      if (source === undefined) return this._readBlob(waiting[0])
      const end = start + (blob ? source.length : size)
      if (!this._offer(source, end - start, !start && end === size ? undefined : end === size))
        return
      this._waitingSize -= end - start
      if (end < size) {
        waiting[0].source = undefined
        waiting[0].start = end
      } else {
        waiting.splice(0, 1)
      }
    }
    if (closing && socket.readyState === OPEN) socket.close(closing.code, closing.reason)
  }

  /** False if the socket does not take it now; `onWritable` comes. `isLast` is for the pieces of a message. */
  private _offer(source: string | Uint8Array, size: number, isLast?: boolean): boolean {
    const { _socket: socket } = this
    const wasEmpty = !socket.bufferedAmount
    const isTaken =
      typeof source === 'string'
        ? socket.sendText(source)
        : isLast === undefined
          ? socket.sendBinary(source)
          : socket.sendFragment(source, 0, size, BINARY, isLast)
    if (isTaken) this._handed = size + (wasEmpty ? 0 : this._handed)
    return isTaken
  }

  private _readBlob(entry: Waiting): void {
    const { start } = entry
    const end = Math.min(start + BLOB_SLICE, entry.size)
    if (this._isReadingBlob) return
    this._isReadingBlob = true
    entry
      .blob!.slice(start, end)
      .arrayBuffer()
      .then((buffer) => {
        if (buffer.byteLength < end - start) throw new Error('it has become shorter')
        this._isReadingBlob = false
        entry.source = new Uint8Array(buffer)
        this._drain()
      })
      .catch((error) => this.fail('BAD_BLOB', String(error)))
  }
}
