// Messages, RFC 6455 sections 5.4 to 6.2: fragments put in order, control frames between them, text checked
// as it arrives, sizes bounded before any memory is taken.
//
// Memory: a whole message is put together inside the receive ring, in place. A message that does not fit
// there gets one larger buffer, which becomes the ring's and is kept; it never exceeds `maxMessageSize` by
// more than a frame's overhead. Spans handed to the sink are valid during the call.

import { INVALID_PAYLOAD, MESSAGE_TOO_BIG, POLICY_VIOLATION } from './close-code'
import type { Transform, TransformSink } from './extension'
import { FrameDecoder, type FrameSink } from './frame-decoder'
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

export interface MessageSink {
  /** Part of a message, in fragment mode. `final` on the last span of a message and on no other. */
  onFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): void
  /** A message, in whole-message mode. */
  onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void
  /** As in FrameSink. */
  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean
  /** A rule was broken; `offset` counts from the first octet of the stream. Nothing comes after it. */
  onViolation(id: string, code: number, offset: number): void
}

export class MessageDecoder implements FrameSink, TransformSink {
  readonly frames: FrameDecoder = new FrameDecoder(this)
  transform: Transform | undefined
  /** Control frames since the last data frame; the owner sets it to 0 when the network has been read dry. */
  controlFrames = 0
  readonly isStreaming: boolean
  readonly maxMessageSize: number

  private readonly _text = new Utf8Validator()
  /** Octets announced by the headers of the current message so far. */
  private _size = 0
  private _fragments = 0
  private _emptyFragments = 0
  /** After a violation nothing is told, whatever a transform has still to give. */
  private _isBroken = false

  constructor(
    private readonly _ring: RingBuffer,
    isWhole: boolean,
    private readonly _limits: MessageLimits,
    readonly allocate: (size: number) => Uint8Array,
    private readonly _sink: MessageSink,
  ) {
    this.isStreaming = !isWhole
    this.maxMessageSize = _limits.maxMessageSize
  }

  isStopped(): boolean {
    return this.frames.stopped
  }

  /** Decodes what is pending in the ring. */
  decode(): void {
    const ring = this._ring
    ring.start = this.frames.decode(ring.bytes, ring.start, ring.end)
  }

  /** Makes room in the ring for the next read; returns how many octets fit, at least one. */
  makeRoom(): number {
    const ring = this._ring
    const capacity = ring.bytes.length
    const room = ring.room(capacity >> 1)
    if (capacity - ring.start >= CONTROL_FRAME_ROOM) return room
    // Only reached in the middle of a message that fills the ring. It grows with what has arrived,
    // not with what a header announced.
    ring.replace(
      this.allocate(Math.min(2 * capacity, this.maxMessageSize + 2 * CONTROL_FRAME_ROOM)),
    )
    return ring.bytes.length - ring.end
  }

  onDataFrame(index: number): void {
    const { frames, _limits: limits } = this
    const { remaining } = frames
    this.controlFrames = 0
    this._size += remaining
    // What was compressed may be larger than the original, if not by much.
    if (this._size > (frames.rsv1 ? 2 * this.maxMessageSize + 64 : this.maxMessageSize)) {
      this.onViolation('MESSAGE_TOO_BIG', MESSAGE_TOO_BIG, index)
    } else if (
      ++this._fragments > limits.maxFragments ||
      (!remaining && !frames.fin && ++this._emptyFragments > limits.maxEmptyFragments)
    ) {
      this.onViolation('TOO_MANY_FRAGMENTS', POLICY_VIOLATION, index)
    }
  }

  onPayload(bytes: Uint8Array, start: number, end: number): void {
    const { frames } = this
    let final = frames.fin && frames.remaining === 0
    if (frames.rsv1) {
      frames.untaken = end - this.transform!.receive(bytes, start, end, final)
      final = final && frames.untaken === 0
    } else {
      this.onSpan(bytes, start, end, final)
    }
    if (final) this._size = this._fragments = this._emptyFragments = 0
  }

  onSpan(bytes: Uint8Array, start: number, end: number, final: boolean): void {
    if (this._isBroken) return
    const { frames, _sink: sink } = this
    const ring = frames.rsv1 ? this.transform!.ring : this._ring
    const kind = frames.kind as Kind
    if (kind === TEXT) {
      // Section 8.1: fail at the first octet that is not UTF-8, or at the end of half a character.
      const wrong = this._text.findError(bytes, start, end, final)
      if (wrong >= 0) {
        return this.onViolation('INVALID_UTF8', INVALID_PAYLOAD, frames.rsv1 ? undefined : wrong)
      }
    }
    if (this.isStreaming) {
      if (start < end || final) sink.onFragment(bytes, start, end, kind, final)
    } else {
      // What is there as a whole is held where it lies.
      if (start < end) ring.hold(start, end)
      if (final) sink.onMessage(bytes, ring.heldStart, ring.heldEnd, kind)
    }
    if (final) ring.release()
  }

  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean {
    const isLegal = this.controlFrames < this._limits.maxControlFrames
    if (!isLegal) this.onViolation('TOO_MANY_CONTROL_FRAMES', POLICY_VIOLATION, start)
    else if (!this._sink.onControl(opcode, bytes, start, end)) return false
    this.controlFrames++
    return true
  }

  onViolation(id: string, code: number, index = this._ring.start): void {
    if (this._isBroken) return
    this._isBroken = this.frames.stopped = true
    this._sink.onViolation(id, code, this.frames.offsetOf(index))
  }
}
