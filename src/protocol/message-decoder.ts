// Messages, RFC 6455 sections 5.4 to 6.2: fragments put in order, control frames between them, text checked
// as it arrives, sizes bounded before any memory is taken.
//
// Memory: a whole message is put together inside the receive ring, in place. A message that does not fit
// there gets one larger buffer, which becomes the ring's and is kept; it never exceeds `maxMessageSize` by
// more than a frame's overhead. Spans handed on are valid during the call.

import { INVALID_PAYLOAD, MESSAGE_TOO_BIG, POLICY_VIOLATION } from './close-code'
import type { Transform, TransformSink } from './extension'
import { FrameDecoder } from './frame-decoder'
import { type Kind, TEXT } from './opcode'
import type { RingBuffer } from './ring-buffer'
import { Utf8Validator } from './utf8-validator'

/** Room that the largest control frame, and any header, needs. */
export const CONTROL_FRAME_ROOM = 127

export interface MessageLimits {
  /** Octets of a message, before and after inflating. */
  maxMessageSize: number
  /** Frames of a message. */
  maxFragments: number
  /** Frames without payload, in one message, before its last. */
  maxEmptyFragments: number
  /** Control frames in a row, while the network has more to read. */
  maxControlFrames: number
}

/** Who extends it hears what comes. */
export abstract class MessageDecoder extends FrameDecoder implements TransformSink {
  transform: Transform | undefined
  /** Control frames since the last data frame; the owner sets it to 0 when the network has been read dry. */
  controlFrames = 0
  /** Nothing that arrives counts any more, whatever a transform has still to give. */
  isDone?: boolean

  /** Made when first needed. */
  private _text: Utf8Validator | undefined
  /** Octets announced by the headers of the current message so far. */
  private _size = 0
  private _fragments = 0
  private _emptyFragments = 0

  constructor(
    /** Where what is read is put: behind `end`, up to `makeRoom()` octets. */
    readonly receiveRing: RingBuffer,
    /** Fragment mode. */
    readonly isStreaming: boolean,
    readonly limits: MessageLimits,
  ) {
    super()
  }

  /** Part of a message, in fragment mode. `final` on the last span of a message and on no other. */
  abstract onFragment(
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: Kind,
    final: boolean,
  ): void
  /** A message, in whole-message mode. */
  abstract onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void
  /** As `onControl`, within the bound. */
  abstract onControlFrame(opcode: number, bytes: Uint8Array, start: number, end: number): boolean
  /** Fails the connection: a rule was broken; `offset` counts from the first octet of the stream. Nothing comes after it. */
  abstract fail(id: string, code: number, offset: number): void

  /** Decodes what is pending in the ring. */
  decodeRing(): void {
    const { receiveRing: ring } = this
    ring.start = this.decode(ring.bytes, ring.start, ring.end)
  }

  /** Makes room in the ring for the next read; returns how many octets fit, at least one. */
  makeRoom(): number {
    const { receiveRing: ring } = this
    const capacity = ring.bytes.length
    ring.room(capacity >> 1)
    // Only in the middle of a message that fills the ring. It grows with what has arrived, not with what a header
    // announced.
    if (capacity - ring.start < CONTROL_FRAME_ROOM) {
      ring.replace(
        new Uint8Array(Math.min(2 * capacity, this.limits.maxMessageSize + 2 * CONTROL_FRAME_ROOM)),
      )
    }
    return ring.bytes.length - ring.end
  }

  onDataFrame(index: number): void {
    const { limits, remaining } = this
    const { maxMessageSize } = limits
    this.controlFrames = 0
    this._size += remaining
    // What was compressed may be larger than the original, if not by much.
    if (this._size > (this.rsv1 ? 2 * maxMessageSize + 64 : maxMessageSize)) {
      this.onViolation('MESSAGE_TOO_BIG', MESSAGE_TOO_BIG, index)
    } else if (
      ++this._fragments > limits.maxFragments ||
      (!remaining && !this.fin && ++this._emptyFragments > limits.maxEmptyFragments)
    ) {
      this.onViolation('TOO_MANY_FRAGMENTS', POLICY_VIOLATION, index)
    }
  }

  onPayload(bytes: Uint8Array, start: number, end: number): number {
    const isLast = this.fin && !this.remaining
    let next = end
    if (this.rsv1) next = this.transform!.receive(bytes, start, end, isLast)
    else this.onSpan(bytes, start, end, isLast)
    if (isLast && next === end) this._size = this._fragments = this._emptyFragments = 0
    return next
  }

  onSpan(bytes: Uint8Array, start: number, end: number, final: boolean): void {
    const ring = this.rsv1 ? this.transform!.ring : this.receiveRing
    const kind = this.kind as Kind
    if (this.isDone) return
    if (kind === TEXT) {
      // Section 8.1: fail at the first octet that is not UTF-8, or at the end of half a character.
      const text = (this._text = this._text || new Utf8Validator())
      const wrong = text.findError(bytes, start, end, final)
      if (wrong >= 0) {
        return this.onViolation('INVALID_UTF8', INVALID_PAYLOAD, this.rsv1 ? undefined : wrong)
      }
    }
    if (this.isStreaming) {
      if (start < end || final) this.onFragment(bytes, start, end, kind, final)
    } else {
      // What is there as a whole is held where it lies.
      if (start < end) ring.hold(start, end)
      if (final) this.onMessage(bytes, ring.heldStart, ring.heldEnd, kind)
    }
    if (final) ring.release()
  }

  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean {
    const isLegal = this.controlFrames < this.limits.maxControlFrames
    if (!isLegal) this.onViolation('TOO_MANY_CONTROL_FRAMES', POLICY_VIOLATION, start)
    else if (!this.onControlFrame(opcode, bytes, start, end)) return false
    this.controlFrames++
    return true
  }

  onViolation(id: string, code: number, index = this.receiveRing.start): void {
    if (this.isDone) return
    this.isDone = this.stopped = true
    this.fail(id, code, this.position + index)
  }
}
