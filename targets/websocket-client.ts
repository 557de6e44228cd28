// In place of Moddable's `embedded:network/websocket/client`: the same options, callbacks and methods over Ringlet, which
// checks all that the other does not. A violation by the peer ends in `onError`, as a lost connection does.
//
// Where it differs: `headers` and `protocol` are checked; `onControl` with the peer's Close frame comes directly before
// `onClose`, when TCP has ended; a Close frame is written with a code that may be sent, or none; `attach`, which is for
// servers, is refused; an exception in a callback is traced, and does not end the machine. All of Ringlet's options may be
// given besides.
//
// Ownership: what is read is the caller's; what is written is copied.

import type { Client } from '../src/client'
import { encodeText } from '../src/protocol/encode-text'
import { trim } from '../src/protocol/characters'
import { BINARY, CLOSE, type Kind, PING, PONG, TEXT } from '../src/protocol/opcode'
import { ownProperties } from '../src/protocol/own-properties'
import { errorOf } from '../src/protocol/protocol-error'
import type { Options } from './ecma419-connect'
import { connect } from './moddable'

/** As in the SDK; `this` is the client in each callback. */
export interface WebSocketClientOptions extends Omit<Options, 'headers' | 'protocols'> {
  host: string
  /** Default: 80, or 443 if `socket` is for TLS. */
  port?: number
  /** Default: '/'. */
  path?: string
  /** Subprotocols, separated by commas. */
  protocol?: string
  headers?: Iterable<[string, string]>
  /** Of what `read` gives: 'buffer', the default, or 'number'. */
  format?: string
  target?: unknown
  attach?: never
  /** `count` bytes of a message can be read; `more` of it follows. Comes again only when they have been read. */
  onReadable?(
    this: WebSocketClient,
    count: number,
    options: { more: boolean; binary: boolean },
  ): void
  /** A message of `count` bytes can be written. First when the connection is open. */
  onWritable?(this: WebSocketClient, count: number): void
  /** A ping (answered already), a pong or a Close frame. */
  onControl?(this: WebSocketClient, opcode: number, bytes: ArrayBuffer): void
  /** The end, after a Close frame from either side. */
  onClose?(this: WebSocketClient): void
  /** The end, for any other reason. */
  onError?(this: WebSocketClient): void
}

type Bytes = ArrayBuffer | ArrayBufferView

/** Octets of the largest header, with its masking key. */
const HEADER = 14

export default class WebSocketClient {
  static readonly text = TEXT
  static readonly binary = BINARY
  static readonly close = CLOSE
  static readonly ping = PING
  static readonly pong = PONG

  target: unknown

  private readonly _client: Client
  private _isNumber = false
  /** Of a message: what has come and has not been read. */
  private _bytes: Uint8Array | undefined
  private _start = 0
  private _end = 0
  /** It has been copied, and reading waits until it is read. */
  private _isKept = false
  /** The kind of the message that is being written in pieces, or 0. */
  private _openKind: Kind | 0 = 0
  private _hasWrittenClose = false
  private _isClosed = false

  constructor(options: WebSocketClientOptions) {
    const own = ownProperties(options)
    const { host, port, path = '/', protocol, headers, socket } = own
    if (own.attach) throw errorOf(RangeError, 'BAD_OPTION', 'attach, which is for servers')
    const fields: Record<string, string> = {}
    for (const [name, value] of headers || []) fields[name] = value
    this.target = own.target
    this.format = own.format || 'buffer'
    const isSecure = socket && (socket.TCP || socket.secure)
    const callControl = (opcode: number, bytes: Uint8Array, start: number, end: number) =>
      this._call(options.onControl, opcode, bytes.slice(start, end).buffer as ArrayBuffer)
    this._client = connect(
      (isSecure ? 'wss://' : 'ws://') + host + (port === undefined ? '' : ':' + port) + path,
      {
        onOpen: () => this._tellWritable(options),
        onWritable: () => this._tellWritable(options),
        onFragment: (bytes, start, end, kind, final) => {
          this._bytes = bytes
          this._start = start
          this._end = end
          this._call(options.onReadable, end - start, { more: !final, binary: kind === BINARY })
          if (this._start < this._end && !this._isClosed) {
            this._bytes = bytes.slice(this._start, this._end)
            this._end -= this._start
            this._start = 0
            this._isKept = true
            this._client.pause()
          }
        },
        onPing: (bytes, start, end) => callControl(PING, bytes, start, end),
        onPong: (bytes, start, end) => callControl(PONG, bytes, start, end),
        onClose: (code, reason, wasClean) => {
          if (this._isClosed) return
          this._isClosed = true
          if (wasClean) {
            const { platform } = this._client
            const body = code === 1005 ? new Uint8Array(0) : encodeText(reason, platform, 2)
            if (body.length) {
              body[0] = code >> 8
              body[1] = code
            }
            callControl(CLOSE, body, 0, body.length)
          }
          this._call(wasClean || this._hasWrittenClose ? options.onClose : options.onError)
        },
      },
      {
        ...(own as object as Options),
        headers: fields,
        protocols: protocol ? protocol.split(',').map(trim) : [],
      },
    ) as Client
  }

  /** 'buffer' or 'number': whether `read` gives many bytes or one. */
  get format(): string {
    return this._isNumber ? 'number' : 'buffer'
  }

  set format(format: string) {
    if (format !== 'buffer' && format !== 'number') {
      throw errorOf(
        RangeError,
        'BAD_OPTION',
        'format ' + format + ", expected 'buffer' or 'number'",
      )
    }
    this._isNumber = format === 'number'
  }

  /**
   * Reads at most `count` bytes of what `onReadable` has told, by default all, into a new ArrayBuffer; or fills a view, and
   * returns how many bytes; or one byte, in the format 'number'. Nothing if nothing is left.
   */
  read(count?: number | Bytes): ArrayBuffer | number | undefined {
    const { _bytes: bytes, _start: start } = this
    const available = this._end - start
    if (!bytes || available <= 0) return undefined
    let result: ArrayBuffer | number
    let length = 1
    if (this._isNumber) {
      result = bytes[start]
    } else if (typeof count === 'object') {
      const target = bytesOf(count)
      result = length = Math.min(target.length, available)
      target.set(bytes.subarray(start, start + length))
    } else {
      length = Math.min(count === undefined ? available : count, available)
      result = bytes.slice(start, start + length).buffer as ArrayBuffer
    }
    this._start += length
    if (this._isKept && this._start === this._end) {
      this._isKept = false
      this._client.resume()
    }
    return result
  }

  /**
   * Writes a message, or with `more` a piece of one, or with `opcode` a control frame. `binary` is true by default. Returns
   * how many bytes may be written then; throws if it is more than may be written, if text is not UTF-8, or if the
   * connection is not open.
   */
  write(data: Bytes, options: { binary?: boolean; more?: boolean; opcode?: number } = {}): number {
    const { _client: client } = this
    const { opcode = 0, binary = true, more = false } = options
    const bytes = bytesOf(data)
    const { length } = bytes
    if (opcode === CLOSE) {
      this._hasWrittenClose = true
      if (length === 1) throw errorOf(RangeError, 'BAD_CLOSE_CODE', 'one byte')
      client.close(
        length ? bytes[0] * 256 + bytes[1] : undefined,
        client.platform.utf8Read(bytes, Math.min(2, length), length),
      )
      return 0
    }
    if (opcode > BINARY && opcode !== PING && opcode !== PONG) {
      throw errorOf(RangeError, 'BAD_KIND', 'opcode ' + opcode)
    }
    if (opcode > CLOSE && length > 125) {
      throw errorOf(RangeError, 'BAD_PING', length + ' bytes, 125 at most')
    }
    const kind = this._openKind || (opcode === TEXT || (!opcode && !binary) ? TEXT : BINARY)
    if (client.readyState !== 1) {
      throw errorOf(Error, 'NOT_OPEN', 'readyState is ' + client.readyState)
    }
    if (
      length > this._room() ||
      !(opcode > CLOSE
        ? client.sendControl(opcode, bytes, 0, length)
        : client.sendFragment(bytes, 0, length, kind, !more))
    ) {
      throw errorOf(Error, 'NO_ROOM', length + ' bytes, ' + this._room() + ' may be written')
    }
    if (opcode < CLOSE) this._openKind = more ? kind : 0
    // Told again when all of it has left, as if a message of that size had been refused.
    client.awaitRoom(client.sendRing.bytes.length - HEADER)
    return this._room()
  }

  /** Drops the connection; no callback comes any more. To close it, write a Close frame. */
  close(): void {
    this._isClosed = true
    this._client.abort()
  }

  /** Bytes of a message that can be written now. */
  private _room(): number {
    const { _client: client } = this
    return Math.max(0, client.sendRing.bytes.length - client.bufferedAmount - HEADER)
  }

  private _tellWritable({ onWritable }: WebSocketClientOptions): void {
    this._call(onWritable, this._room())
  }

  private _call<Values extends unknown[]>(
    callback: ((this: WebSocketClient, ...values: Values) => void) | undefined,
    ...values: Values
  ): void {
    if (callback) callback.apply(this, values)
  }
}

/** The bytes of a buffer, or of a view of bytes. */
function bytesOf(data: Bytes): Uint8Array {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT = 1 } = data as Uint8Array
  if (BYTES_PER_ELEMENT > 1 || byteLength === undefined) {
    throw errorOf(TypeError, 'BAD_BYTES', 'an ArrayBuffer or a view of bytes is expected')
  }
  return buffer
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : new Uint8Array(data as ArrayBuffer)
}
