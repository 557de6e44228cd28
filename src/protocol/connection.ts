// The state of a connection, RFC 6455 sections 5.5 and 7: when what may be sent, pongs by itself, the closing
// handshake. No I/O and no timers: it decodes what lies in the receive ring, and leaves what is to be sent in
// the send ring. Who extends it moves the bytes and hears what comes.

import type { Platform } from '../platform'
import { INVALID_PAYLOAD, isWireCloseCode, NO_STATUS, PROTOCOL_ERROR } from './close-code'
import { encodeText } from './encode-text'
import { MessageDecoder, type MessageLimits } from './message-decoder'
import type { MessageEncoder } from './message-encoder'
import { BINARY, CLOSE, CONTINUATION, type Kind, PING, PONG, TEXT } from './opcode'
import { errorOf } from './protocol-error'
import type { RingBuffer } from './ring-buffer'
import { Utf8Validator } from './utf8-validator'

export const CONNECTING = 0
export const OPEN = 1
export const CLOSING = 2
export const CLOSED = 3

const FIN = 0x80
const RSV1 = 0x40

// What is set once in a while only has no initial value: an absent member costs no memory.

export abstract class Connection extends MessageDecoder {
  readyState = CONNECTING
  /** What `onClose` will say; nothing yet for 1006 and ''. */
  closeCode?: number
  closeReason?: string
  /** Whether a Close frame has been queued; nothing is queued after it. */
  closeSent?: boolean
  closeReceived?: boolean
  /** Decoding waits for room in the send ring, for a pong. */
  isBlocked = false
  /** The large message that is kept by reference, or was when the connection ended. */
  unsent: Uint8Array | string | undefined
  /** Octets that the last refused payload needs, or −1: `onWritable` comes when there is room for them. */
  private _wanted = -1

  /** Of text fragments sent. */
  private _textCheck: Utf8Validator | undefined
  /** The payload of the Close frame that waits to be queued. */
  private _closeBody: Uint8Array | undefined
  /** The opcode of the message that `sendFragment` has begun and not ended; otherwise 0, or nothing yet. */
  private _openKind?: number

  constructor(
    receiveRing: RingBuffer,
    /** What is to be written: `[start, end)`. */
    readonly sendRing: MessageEncoder,
    isStreaming: boolean,
    limits: MessageLimits,
    readonly platform: Platform,
  ) {
    super(receiveRing, isStreaming, limits)
  }

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
    const { sendRing: ring } = this
    return ring.end - ring.start + ring.waiting + (ring.lost || 0)
  }

  sendText(text: string): boolean {
    requireString(text, 'BAD_TEXT')
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
    const { sendRing: ring, _openKind: openKind, platform, transform } = this
    const message = source
    let length = source instanceof Uint8Array ? end - start : platform.utf8Length(source)
    let firstOctet = (final ? FIN : 0) | (openKind ? CONTINUATION : kind)
    // What is left of a whole number when its fraction is taken off is that number; of a string, never that string.
    if (
      !(start >= 0 && start <= end && end <= source.length) ||
      start - (start % 1) !== start ||
      end - (end % 1) !== end
    ) {
      throw errorOf(RangeError, 'BAD_RANGE', start + ' to ' + end + ' of ' + source.length)
    }
    if (kind !== TEXT && kind !== BINARY)
      throw errorOf(RangeError, 'BAD_KIND', kind + ', expected 1 or 2')
    this._requireOpen()
    if (openKind && (!isFragment || kind !== openKind)) {
      throw errorOf(Error, 'MESSAGE_OPEN', 'kind ' + openKind + ' is not ended')
    }
    if (!this._hasRoom(length, false)) {
      this.awaitRoom(length)
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
        firstOctet |= RSV1
        source = transformed
        start = 0
        end = length = transformed.length
      }
    }
    ring.take(firstOctet, source, start, end, length)
    if (ring.waiting) {
      this.awaitRoom(0)
      this.unsent = message
    }
    this.onQueued()
    return true
  }

  /** Throws if a text fragment is not UTF-8, and then leaves the message as it was, to be gone on with. */
  private _checkText(bytes: Uint8Array, start: number, end: number, final: boolean): void {
    const check = (this._textCheck = this._textCheck || new Utf8Validator())
    const { state } = check
    const wrong = check.findError(bytes, start, end, final)
    if (wrong >= 0) {
      check.state = state
      throw errorOf(TypeError, 'BAD_TEXT', 'not UTF-8 at ' + wrong)
    }
  }

  ping(bytes?: Uint8Array): boolean {
    const length = bytes ? requireBytes(bytes).length : 0
    // Section 5.5.
    if (length > 125) throw errorOf(RangeError, 'BAD_PING', length + ' bytes, expected 125 at most')
    this._requireOpen()
    const isTaken = this.sendControl(PING, bytes || '', 0, length)
    if (!isTaken) this._wanted = Math.max(this._wanted, length)
    return isTaken
  }

  /** Begins the closing handshake, section 7.1.2; the Close frame follows what was accepted before. */
  close(code?: number, reason = ''): void {
    requireString(reason, 'BAD_CLOSE_REASON')
    if (code === undefined ? reason : typeof code !== 'number' || !isWireCloseCode(code)) {
      throw errorOf(
        RangeError,
        'BAD_CLOSE_CODE',
        code + ', expected 1000–1003, 1007–1014 or 3000–4999',
      )
    }
    const length = this.platform.utf8Length(reason)
    if (length > 123)
      throw errorOf(RangeError, 'BAD_CLOSE_REASON', length + ' bytes, expected 123 at most')
    if (this.readyState === OPEN) this._beginClose(code, reason)
    else if (this.readyState === CONNECTING) this.abort()
  }

  private _beginClose(code = NO_STATUS, reason = ''): void {
    const hasCode = code !== NO_STATUS
    const body = (this._closeBody = encodeText(reason, this.platform, hasCode ? 2 : 0))
    if (hasCode) {
      body[0] = code >> 8
      body[1] = code
    }
    if (this.readyState === OPEN) {
      this.readyState = CLOSING
      this.onClosing()
    }
    this.refill()
    this.onQueued()
  }

  /** Puts into the send ring what waits for room there. Called when it has been drained, too. */
  refill(): void {
    const { sendRing: ring, _closeBody: body } = this
    if (ring.waiting) {
      if (ring.start === ring.end) ring.pump()
      if (!ring.waiting) this.unsent = undefined
    } else if (body && ring.canTake(body.length, true)) {
      this.closeSent = true
      this._closeBody = undefined
      ring.frame(FIN | CLOSE, body, 0, body.length)
    }
  }

  /** `onWritable` will come when there is room for a payload of `length` octets. */
  awaitRoom(length: number): void {
    this._wanted = length
  }

  /** Tells `onWritable` if somebody waits for it and there is room. */
  announceRoom(): void {
    if (
      this._wanted >= 0 &&
      this.readyState === OPEN &&
      this.sendRing.canTake(this._wanted, false)
    ) {
      this._wanted = -1
      this.onWritable()
    }
  }

  onControlFrame(opcode: number, bytes: Uint8Array, start: number, end: number): boolean {
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
      this.sendRing.frame(FIN | opcode, source, start, end - start)
      this.onQueued()
    }
    return isTaken
  }

  /** Whether a payload of `length` octets can be taken, once what can be written has been. */
  private _hasRoom(length: number, isControl: boolean): boolean {
    const { sendRing: ring } = this
    if (!ring.canTake(length, isControl)) this.flush()
    // Section 5.5.1: nothing follows a Close frame, and flushing may have let one in that waited for room.
    return !this.closeSent && ring.canTake(length, isControl)
  }

  /** Section 7.1.5 to 7.1.6. */
  private _onClose(bytes: Uint8Array, start: number, end: number): void {
    const reasonStart = Math.min(start + 2, end)
    const code = start < end ? bytes[start] * 256 + bytes[start + 1] : NO_STATUS
    if (start < end && !isWireCloseCode(code)) {
      return this.onViolation('BAD_CLOSE_FRAME', PROTOCOL_ERROR, start)
    }
    const wrong = new Utf8Validator().findError(bytes, reasonStart, end, true)
    if (wrong >= 0) return this.onViolation('INVALID_UTF8', INVALID_PAYLOAD, wrong)
    this.finish(code, this.platform.utf8Read(bytes, reasonStart, end))
    this.closeReceived = true
    // Section 5.5.1: the answer echoes the code. A message that is under way is given up: the peer reads no more.
    if (!this.closeSent) this._beginClose(code)
  }

  fail(id: string, code: number, offset: number): void {
    this.finish(code, id)
    if (!this.closeSent) this._beginClose(code)
    this.onFailure(id, code, 'at byte ' + offset, offset)
  }

  /** Takes nothing in any more; `onClose` will say `code` and `reason`. */
  finish(code: number, reason: string): void {
    this.isDone = this.stopped = true
    this.closeCode = code
    this.closeReason = reason
    this.sendRing.drop()
  }

  private _requireOpen(): void {
    if (this.readyState !== OPEN) {
      throw errorOf(Error, 'NOT_OPEN', 'readyState is ' + this.readyState)
    }
  }
}

function requireString(text: string, id: string): void {
  if (typeof text !== 'string') throw errorOf(TypeError, id, 'not a string')
}

function requireBytes(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw errorOf(TypeError, 'BAD_BYTES', 'not a Uint8Array')
  return bytes
}
