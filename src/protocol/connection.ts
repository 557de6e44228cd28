// The state of a connection, RFC 6455 sections 5.5 and 7: when what may be sent, pongs by itself, the closing
// handshake. No I/O and no timers: it decodes what lies in the receive ring, and leaves what is to be sent in
// the send ring. Who extends it moves the bytes and hears what comes.

import type { Platform } from '../platform'
import { ABNORMAL, INVALID_PAYLOAD, isWireCloseCode, NO_STATUS, PROTOCOL_ERROR } from './close-code'
import { encodeText } from './encode-text'
import { MessageDecoder, type MessageLimits, type MessageSink } from './message-decoder'
import { MessageEncoder } from './message-encoder'
import { BINARY, CLOSE, CONTINUATION, type Kind, PING, PONG, TEXT } from './opcode'
import { errorOf } from './protocol-error'
import type { RingBuffer } from './ring-buffer'
import { Utf8Validator } from './utf8-validator'

export const CONNECTING = 0
export const OPEN = 1
export const CLOSING = 2
export const CLOSED = 3

const NO_STRING = 'a string is expected'

const FIN = 0x80
const RSV1 = 0x40

export abstract class Connection implements MessageSink {
  readyState = CONNECTING
  /** What `onClose` will say. */
  closeCode = ABNORMAL
  closeReason = ''
  /** Whether a Close frame has been queued; nothing is queued after it. */
  closeSent = false
  closeReceived = false
  /** Nothing that arrives counts any more: the connection has failed, or the peer has closed it. */
  isDone = false
  /** Decoding waits for room in the send ring, for a pong. */
  isBlocked = false
  /** The large message that is kept by reference, or was when the connection ended. */
  unsent: Uint8Array | string | undefined
  readonly messages: MessageDecoder

  private readonly _out: MessageEncoder
  /** Of text fragments sent: up to the last one, and up to the one before it. */
  private _textCheck: Utf8Validator | undefined
  private _textBefore: Utf8Validator | undefined
  /** The payload of the Close frame that waits to be queued. */
  private _closeBody: Uint8Array | undefined
  /** The opcode of the message that `sendFragment` has begun and not ended, or 0. */
  private _openKind = 0
  /** Octets that the last refused payload needs, or −1. */
  private _wanted = -1

  constructor(
    /** Where what is read is put: behind `end`, up to `makeRoom()` octets. */
    readonly receiveRing: RingBuffer,
    /** What is to be written: `[start, end)`. */
    readonly sendRing: RingBuffer,
    isWhole: boolean,
    limits: MessageLimits,
    readonly platform: Platform,
  ) {
    this.messages = new MessageDecoder(receiveRing, isWhole, limits, platform.allocate, this)
    this._out = new MessageEncoder(sendRing, platform)
  }

  abstract onFragment(
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: Kind,
    final: boolean,
  ): void
  abstract onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void
  abstract onPing(bytes: Uint8Array, start: number, end: number): void
  abstract onPong(bytes: Uint8Array, start: number, end: number): void
  /** The connection has failed; the Close frame, if one may be sent, is queued. */
  abstract onFailure(id: string, code: number, detail: string, offset?: number): void
  /** The closing handshake has begun, by either side. */
  abstract onClosing(): void
  /** Something has been queued. */
  abstract onQueued(): void
  /** There is room for what was refused, and nothing of the caller's is kept any more. */
  abstract onWritable(): void
  /** Writes out of the send ring what can be written now. */
  abstract flush(): void
  /** Drops the connection. */
  abstract abort(): void

  /** Octets accepted for sending that have not been written; at the end, those that never will be. */
  get bufferedAmount(): number {
    const { sendRing: ring, _out: out } = this
    return ring.end - ring.start + out.waiting + out.lost
  }

  sendText(text: string): boolean {
    if (typeof text !== 'string') throw errorOf(TypeError, 'BAD_TEXT', NO_STRING)
    const { platform } = this
    const source = platform.utf8Encode ? platform.utf8Encode(text) : text
    return this._send(source, 0, undefined, TEXT, true, false)
  }

  sendBinary(bytes: Uint8Array, start?: number, end?: number): boolean {
    return this._send(requireBytes(bytes), start, end, BINARY, true, false)
  }

  sendFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): boolean {
    return this._send(requireBytes(bytes), start, end, kind, final, true)
  }

  private _send(
    source: Uint8Array | string,
    start = 0,
    end = source.length,
    kind: Kind,
    final: boolean,
    isFragment: boolean,
  ): boolean {
    const { _out: out, _openKind: openKind, platform } = this
    const { transform } = this.messages
    const message = source
    let length = source instanceof Uint8Array ? end - start : platform.utf8Length(source)
    let opcode: number = openKind ? CONTINUATION : kind
    // What is left of a whole number when its fraction is taken off is that number; of a string, never that string.
    if (
      !(start >= 0 && start <= end && end <= source.length) ||
      start - (start % 1) !== start ||
      end - (end % 1) !== end
    ) {
      throw errorOf(
        RangeError,
        'BAD_RANGE',
        '[' + start + ', ' + end + ') does not lie within ' + source.length + ' bytes',
      )
    }
    if (kind !== TEXT && kind !== BINARY) {
      throw errorOf(RangeError, 'BAD_KIND', 'kind ' + kind + ', expected 1 (text) or 2 (binary)')
    }
    this._requireOpen()
    if (openKind && (!isFragment || kind !== openKind)) {
      throw errorOf(Error, 'MESSAGE_OPEN', 'kind ' + openKind + ' is not ended')
    }
    if (!this._hasRoom(length, false)) {
      this._wanted = length
      return false
    }
    if (isFragment) {
      // Section 5.6: a text message MUST be UTF-8; a string always is, once encoded.
      if (kind === TEXT) this._checkText(source as Uint8Array, start, end, final)
      this._openKind = final ? 0 : kind
    } else if (transform) {
      if (!(source instanceof Uint8Array)) {
        source = encodeText(source, platform)
        end = length
      }
      const transformed = transform.send(source, start, end)
      if (transformed) {
        opcode |= RSV1
        source = transformed
        start = 0
        end = length = transformed.length
      }
    }
    out.take(opcode, source, start, end, length, final)
    if (out.waiting) {
      this._wanted = 0
      this.unsent = message
    }
    this.onQueued()
    return true
  }

  /** Throws if a text fragment is not UTF-8, and then leaves the message as it was, to be gone on with. */
  private _checkText(bytes: Uint8Array, start: number, end: number, final: boolean): void {
    const check = (this._textCheck = this._textCheck || new Utf8Validator())
    const before = (this._textBefore = this._textBefore || new Utf8Validator())
    before.copy(check)
    const wrong = check.findError(bytes, start, end, final)
    if (wrong >= 0) {
      check.copy(before)
      throw errorOf(TypeError, 'BAD_TEXT', 'not UTF-8 at ' + wrong)
    }
  }

  ping(bytes?: Uint8Array): boolean {
    const length = bytes ? requireBytes(bytes).length : 0
    // Section 5.5.
    if (length > 125) throw errorOf(RangeError, 'BAD_PING', length + ' bytes, 125 at most')
    this._requireOpen()
    const isTaken = this.sendControl(PING, bytes || '', 0, length)
    if (!isTaken) this._wanted = Math.max(this._wanted, length)
    return isTaken
  }

  /** Begins the closing handshake, section 7.1.2; the Close frame follows what was accepted before. */
  close(code?: number, reason = ''): void {
    if (typeof reason !== 'string') throw errorOf(TypeError, 'BAD_CLOSE_REASON', NO_STRING)
    if (code === undefined ? reason : typeof code !== 'number' || !isWireCloseCode(code)) {
      throw errorOf(
        RangeError,
        'BAD_CLOSE_CODE',
        code + ', expected 1000–1003, 1007–1014 or 3000–4999',
      )
    }
    const length = this.platform.utf8Length(reason)
    if (length > 123) throw errorOf(RangeError, 'BAD_CLOSE_REASON', length + ' bytes, 123 at most')
    if (this.readyState === OPEN) this._beginClose(code, reason)
    else if (this.readyState === CONNECTING) this.abort()
  }

  private _beginClose(code = NO_STATUS, reason = ''): void {
    if (this.readyState === OPEN) {
      this.readyState = CLOSING
      this.onClosing()
    }
    if (code === NO_STATUS) {
      this._closeBody = new Uint8Array(0)
    } else {
      const body = (this._closeBody = encodeText(reason, this.platform, 2))
      body[0] = code >> 8
      body[1] = code
    }
    this.refill()
    this.onQueued()
  }

  /** Puts into the send ring what waits for room there. Called when it has been drained, too. */
  refill(): void {
    const { _out: out, sendRing: ring, _closeBody: body } = this
    if (out.waiting) {
      if (ring.start === ring.end) out.pump()
      if (!out.waiting) this.unsent = undefined
    } else if (body && out.canTake(body.length, true)) {
      this.closeSent = true
      this._closeBody = undefined
      out.frame(FIN | CLOSE, body, 0, body.length)
    }
  }

  /** Tells `onWritable` if somebody waits for it and there is room. */
  announceRoom(): void {
    if (this._wanted >= 0 && this.readyState === OPEN && this._out.canTake(this._wanted, false)) {
      this._wanted = -1
      this.onWritable()
    }
  }

  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (opcode === CLOSE) {
      this._onClose(bytes, start, end)
    } else if (opcode === PONG) {
      this.onPong(bytes, start, end)
    } else {
      // Section 5.5.3: the pong carries the ping's application data. Where the send ring has no room for it,
      // the ping stays unread until there is: a peer that does not read cannot make us queue without bound.
      this.isBlocked = !this.sendControl(PONG, bytes, start, end) && !this.closeSent
      if (this.isBlocked) return false
      this.onPing(bytes, start, end)
    }
    return true
  }

  /** Queues a control frame if there is room. */
  sendControl(opcode: number, source: Uint8Array | string, start: number, end: number): boolean {
    const isTaken = this._hasRoom(end - start, true)
    if (isTaken) {
      this._out.frame(FIN | opcode, source, start, end - start)
      this.onQueued()
    }
    return isTaken
  }

  /** Whether a payload of `length` octets can be taken, once what can be written has been. */
  private _hasRoom(length: number, isControl: boolean): boolean {
    const { _out: out } = this
    if (!out.canTake(length, isControl)) this.flush()
    // Section 5.5.1: nothing follows a Close frame, and flushing may have let one in that waited for room.
    return !this.closeSent && out.canTake(length, isControl)
  }

  /** Section 7.1.5 to 7.1.6. */
  private _onClose(bytes: Uint8Array, start: number, end: number): void {
    const { messages } = this
    const length = end - start
    const reasonStart = Math.min(start + 2, end)
    const code = length ? bytes[start] * 256 + bytes[start + 1] : NO_STATUS
    if (length && !isWireCloseCode(code)) {
      return messages.onViolation('BAD_CLOSE_FRAME', PROTOCOL_ERROR, start)
    }
    const wrong = new Utf8Validator().findError(bytes, reasonStart, end, true)
    if (wrong >= 0) return messages.onViolation('INVALID_UTF8', INVALID_PAYLOAD, wrong)
    this.finish(code, this.platform.utf8Read(bytes, reasonStart, end))
    this.closeReceived = true
    // Section 5.5.1: the answer echoes the code. A message that is under way is given up: the peer reads no more.
    if (!this.closeSent) this._beginClose(code)
  }

  onViolation(id: string, code: number, offset: number): void {
    this.finish(code, id)
    if (!this.closeSent) this._beginClose(code)
    this.onFailure(id, code, 'at byte ' + offset, offset)
  }

  /** Takes nothing in any more; `onClose` will say `code` and `reason`. */
  finish(code: number, reason: string): void {
    this.isDone = this.messages.frames.stopped = true
    this.closeCode = code
    this.closeReason = reason
    this._out.drop()
  }

  private _requireOpen(): void {
    if (this.readyState !== OPEN) {
      throw errorOf(Error, 'NOT_OPEN', 'readyState is ' + this.readyState)
    }
  }
}

function requireBytes(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array))
    throw errorOf(TypeError, 'BAD_BYTES', 'a Uint8Array is expected')
  return bytes
}
