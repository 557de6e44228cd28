// The state of a connection, RFC 6455 sections 5.5 and 7: when what may be sent, pongs by itself, the closing
// handshake. No I/O and no timers: it decodes what lies in the receive ring, and leaves what is to be sent in
// the send ring.

import type { Platform } from '../platform'
import {
  ABNORMAL,
  INVALID_PAYLOAD,
  isWireCloseCode,
  NO_STATUS,
  POLICY_VIOLATION,
  PROTOCOL_ERROR,
} from './close-code'
import { MessageDecoder, type MessageLimits, type MessageSink } from './message-decoder'
import { MessageEncoder } from './message-encoder'
import { BINARY, CLOSE, CONTINUATION, type Kind, PING, PONG, TEXT } from './opcode'
import { misuse } from './protocol-error'
import type { RingBuffer } from './ring-buffer'
import { Utf8Validator } from './utf8-validator'

export const CONNECTING = 0
export const OPEN = 1
export const CLOSING = 2
export const CLOSED = 3

const FIN = 0x80
const RSV1 = 0x40

export interface ConnectionLimits extends MessageLimits {
  /** Control frames in a row, while the network has more to read. */
  maxControlFrames: number
}

export interface ConnectionSink {
  onFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): void
  onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void
  onPing(bytes: Uint8Array, start: number, end: number): void
  onPong(bytes: Uint8Array, start: number, end: number): void
  /** The connection has failed; the Close frame, if one may be sent, is queued. */
  onFailure(id: string, code: number, offset: number): void
  /** The closing handshake has begun, by either side. */
  onClosing(): void
  /** Something has been queued. */
  onQueued(): void
  /** The send ring is full: write it out if possible. */
  onFull(): void
  /** There is room for what was refused, and nothing of the caller's is kept any more. */
  onWritable(): void
}

export class Connection implements MessageSink {
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
  /** Control frames since the last data frame; the owner sets it to 0 when the network has been read dry. */
  controlFrames = 0
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
    receiveRing: RingBuffer,
    private readonly _sendRing: RingBuffer,
    wholeMessages: boolean,
    private readonly _limits: ConnectionLimits,
    private readonly _platform: Platform,
    private readonly _sink: ConnectionSink,
  ) {
    this.messages = new MessageDecoder(
      receiveRing,
      wholeMessages,
      _limits,
      (size) => _platform.allocate(size),
      this,
    )
    this._out = new MessageEncoder(_sendRing, _platform)
  }

  /** Octets accepted for sending that have not been written. */
  bufferedAmount(): number {
    return this._sendRing.end - this._sendRing.start + this._out.waiting
  }

  sendText(text: string): boolean {
    if (typeof text !== 'string') throw misuse(new TypeError('a string is expected'), 'BAD_TEXT')
    return this._send(TEXT, text, 0, text.length, this._platform.utf8Length(text), true, false)
  }

  /** A message, or with `isFragment` a part of one, from `[start, end)`. */
  sendBytes(
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: number,
    final: boolean,
    isFragment: boolean,
  ): boolean {
    requireBytes(bytes)
    // What is left of a whole number when its fraction is taken off is that number; of a string, never that string.
    if (
      !(start >= 0 && start <= end && end <= bytes.length) ||
      start - (start % 1) !== start ||
      end - (end % 1) !== end
    ) {
      throw misuse(
        new RangeError(
          '[' + start + ', ' + end + ') does not lie within ' + bytes.length + ' bytes',
        ),
        'BAD_RANGE',
      )
    }
    if (kind !== TEXT && kind !== BINARY) {
      throw misuse(new RangeError('kind ' + kind + ', expected 1 (text) or 2 (binary)'), 'BAD_KIND')
    }
    return this._send(kind, bytes, start, end, end - start, final, isFragment)
  }

  private _send(
    kind: number,
    source: Uint8Array | string,
    start: number,
    end: number,
    length: number,
    final: boolean,
    isFragment: boolean,
  ): boolean {
    const { _out: out, _openKind: openKind } = this
    this._requireOpen()
    if (openKind && (!isFragment || kind !== openKind)) {
      throw misuse(
        new Error('a message of kind ' + openKind + ' has been begun and not ended'),
        'MESSAGE_OPEN',
      )
    }
    if (!out.canTake(length)) {
      this._sink.onFull()
      if (!out.canTake(length)) {
        this._wanted = length
        return false
      }
    }
    if (isFragment) {
      // Section 5.6: a text message MUST be UTF-8; a string always is, once encoded.
      if (kind === TEXT) this._checkText(source as Uint8Array, start, end, final)
      this._openKind = final ? 0 : kind
    }
    const { transform } = this.messages
    let opcode = openKind ? CONTINUATION : kind
    if (transform && !isFragment) {
      const bytes = typeof source === 'string' ? this._platform.allocate(length) : source
      if (typeof source === 'string') this._platform.utf8Write(source, bytes, 0)
      const transformed = transform.send(bytes, start, start + length)
      if (transformed) {
        opcode |= RSV1
        source = transformed
        start = 0
        end = length = transformed.length
      }
    }
    out.take(opcode, source, start, end, length, final)
    if (out.waiting) this._wanted = 0
    this._sink.onQueued()
    return true
  }

  /** Throws if a text fragment is not UTF-8, and then leaves the message as it was, to be gone on with. */
  private _checkText(bytes: Uint8Array, start: number, end: number, final: boolean): void {
    const check = (this._textCheck = this._textCheck || new Utf8Validator())
    const before = (this._textBefore = this._textBefore || new Utf8Validator())
    before.copy(check)
    const checked = check.validate(bytes, start, end)
    if (checked < end || (final && !check.isComplete())) {
      check.copy(before)
      throw misuse(new TypeError('not UTF-8 at ' + checked), 'BAD_TEXT')
    }
  }

  /** `isWanted`: whether `onWritable` is to tell when there is room for it after all. */
  ping(payload: Uint8Array | undefined, isWanted: boolean): boolean {
    if (payload) requireBytes(payload)
    const length = payload ? payload.length : 0
    // Section 5.5.
    if (length > 125) throw misuse(new RangeError(length + ' bytes, 125 at most'), 'BAD_PING')
    this._requireOpen()
    const isTaken = this._control(PING, payload, 0, length)
    if (!isTaken && isWanted) this._wanted = Math.max(this._wanted, length)
    return isTaken
  }

  /** Begins the closing handshake, section 7.1.2; the Close frame follows what was accepted before. */
  close(code: number | undefined, reason: string): void {
    if (typeof reason !== 'string') {
      throw misuse(new TypeError('a string is expected'), 'BAD_CLOSE_REASON')
    }
    if (code === undefined ? reason : typeof code !== 'number' || !isWireCloseCode(code)) {
      throw misuse(
        new RangeError(code + ', expected 1000–1003, 1007–1014 or 3000–4999'),
        'BAD_CLOSE_CODE',
      )
    }
    const length = this._platform.utf8Length(reason)
    if (length > 123)
      throw misuse(new RangeError(length + ' bytes, 123 at most'), 'BAD_CLOSE_REASON')
    if (this.readyState === OPEN) this._beginClose(code, reason, length)
  }

  private _beginClose(code: number | undefined, reason: string, length: number): void {
    if (this.readyState === OPEN) {
      this.readyState = CLOSING
      this._sink.onClosing()
    }
    if (code === undefined) {
      this._closeBody = new Uint8Array(0)
    } else {
      const body = (this._closeBody = this._platform.allocate(2 + length))
      body[0] = code >> 8
      body[1] = code
      this._platform.utf8Write(reason, body, 2)
    }
    this.refill()
    this._sink.onQueued()
  }

  /** Puts into the send ring what waits for room there. Called when it has been drained, too. */
  refill(): void {
    const { _out: out, _sendRing: ring, _closeBody: body } = this
    if (out.waiting) {
      if (ring.start === ring.end) out.pump()
    } else if (body && out.canTakeControl(body.length)) {
      this.closeSent = true
      this._closeBody = undefined
      out.frame(FIN | CLOSE, body, 0, body.length)
    }
  }

  /** Tells `onWritable` if somebody waits for it and there is room. */
  announceRoom(): void {
    if (this._wanted >= 0 && this.readyState === OPEN && this._out.canTake(this._wanted)) {
      this._wanted = -1
      this._sink.onWritable()
    }
  }

  onFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): void {
    this.controlFrames = 0
    this._sink.onFragment(bytes, start, end, kind, final)
  }

  onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void {
    this.controlFrames = 0
    this._sink.onMessage(bytes, start, end, kind)
  }

  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.controlFrames >= this._limits.maxControlFrames) {
      this.messages.onViolation('TOO_MANY_CONTROL_FRAMES', POLICY_VIOLATION, start)
    } else if (opcode === CLOSE) {
      this._onClose(bytes, start, end)
    } else {
      // Section 5.5.3: the pong carries the ping's application data. Where the send ring has no room for it,
      // the ping stays unread until there is: a peer that does not read cannot make us queue without bound.
      if (opcode === PING && !this.closeSent && !this._control(PONG, bytes, start, end)) {
        this.isBlocked = true
        return false
      }
      this.controlFrames++
      if (opcode === PING) this._sink.onPing(bytes, start, end)
      else this._sink.onPong(bytes, start, end)
    }
    return true
  }

  private _control(
    opcode: number,
    source: Uint8Array | undefined,
    start: number,
    end: number,
  ): boolean {
    const { _out: out } = this
    const length = end - start
    if (!out.canTakeControl(length)) {
      this._sink.onFull()
      if (!out.canTakeControl(length)) return false
    }
    out.frame(FIN | opcode, source || '', start, length)
    this._sink.onQueued()
    return true
  }

  /** Section 7.1.5 to 7.1.6. */
  private _onClose(bytes: Uint8Array, start: number, end: number): void {
    const { messages } = this
    const length = end - start
    const code = length ? bytes[start] * 256 + bytes[start + 1] : NO_STATUS
    if (length && !isWireCloseCode(code)) {
      return messages.onViolation('BAD_CLOSE_FRAME', PROTOCOL_ERROR, start)
    }
    if (length) {
      const check = new Utf8Validator()
      const checked = check.validate(bytes, start + 2, end)
      if (checked < end || !check.isComplete()) {
        return messages.onViolation('INVALID_UTF8', INVALID_PAYLOAD, checked)
      }
      this.closeReason = this._platform.utf8Read(bytes, start + 2, end)
    }
    this._end(code)
    this.closeReceived = true
    // Section 5.5.1: the answer echoes the code. A message that is under way is given up: the peer reads no more.
    if (!this.closeSent) this._beginClose(length ? code : undefined, '', 0)
  }

  onViolation(id: string, code: number, offset: number): void {
    this._end(code)
    this.closeReason = id
    if (!this.closeSent) this._beginClose(code, '', 0)
    this._sink.onFailure(id, code, offset)
  }

  private _end(code: number): void {
    this.isDone = this.messages.frames.stopped = true
    this.closeCode = code
    this._out.drop()
  }

  private _requireOpen(): void {
    if (this.readyState !== OPEN) {
      throw misuse(
        new Error('readyState is ' + this.readyState + ', 1 (OPEN) is expected'),
        'NOT_OPEN',
      )
    }
  }
}

function requireBytes(bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array))
    throw misuse(new TypeError('a Uint8Array is expected'), 'BAD_BYTES')
}
