// Receiving, RFC 7692 section 7.2.2: a message's payload, as it comes, through the inflater to the sink.
//
// Memory: the inflater's, and where whole messages are wanted and one is cut by the window's end, a ring that
// grows up to `maxMessageSize`. What is delivered lies in one of them, and is valid during the call.

import { INVALID_PAYLOAD, MESSAGE_TOO_BIG } from '../protocol/close-code'
import type { TransformSink } from '../protocol/extension'
import { RingBuffer } from '../protocol/ring-buffer'
import { Inflater, type InflaterSink } from './inflater'

const FIRST_SIZE = 4096

export class Receiver implements InflaterSink {
  readonly ring: RingBuffer

  private readonly _inflater: Inflater
  /** Octets that the sender has left off the end of each message. */
  private readonly _tail = new Uint8Array([0, 0, 255, 255])
  /** Octets of the current message delivered so far. */
  private _size = 0
  private _isFinal = false

  constructor(
    windowBits: number,
    private readonly _keepsContext: boolean,
    private readonly _maxSize: number,
    private readonly _sink: TransformSink,
  ) {
    this.ring = new RingBuffer(new Uint8Array(0))
    this._inflater = new Inflater(new Uint8Array(1 << windowBits), this)
  }

  receive(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const { _inflater: inflater, _tail: tail, _sink: sink } = this
    const taken = inflater.write(bytes, start, end)
    if (taken < 0) {
      this._fail(inflater.brokenAt)
    } else if (taken === end) {
      if (final) {
        // A final block needs no tail: nothing was left off behind it. The tail gives output only where a sender
        // has left off four octets of its data that look like it; that is not worth stopping for.
        let at = inflater.hasEnded() ? 4 : 0
        while (at >= 0 && at < 4) at = inflater.write(tail, at, 4)
        if (at < 0) this._fail(end)
        else this._end(end)
      } else if (sink.isStreaming && inflater.hasOutput()) {
        inflater.tell()
      }
    }
    return taken < 0 ? end : taken
  }

  private _end(at: number): void {
    const { _inflater: inflater } = this
    if (!inflater.endPiece()) return this._fail(at)
    this._isFinal = true
    inflater.tell()
    this._isFinal = false
    this._size = 0
    if (!this._keepsContext) inflater.reset()
  }

  onOutput(window: Uint8Array, start: number, end: number): boolean {
    const { ring, _sink: sink, _isFinal: isFinal } = this
    this._size += end - start
    if (this._size > this._maxSize) {
      sink.onViolation('MESSAGE_TOO_BIG', MESSAGE_TOO_BIG)
    } else if (sink.isStreaming || (isFinal && ring.heldEnd === 0)) {
      sink.onSpan(window, start, end, isFinal)
    } else {
      const at = ring.heldEnd
      const next = at + end - start
      if (next > ring.bytes.length) {
        ring.replace(new Uint8Array(Math.max(next, FIRST_SIZE, Math.min(2 * next, this._maxSize))))
      }
      ring.bytes.set(window.subarray(start, end), at)
      sink.onSpan(ring.bytes, at, next, isFinal)
    }
    return !sink.stopped
  }

  private _fail(at: number): void {
    this._sink.onViolation('INVALID_DEFLATE', INVALID_PAYLOAD, at)
  }
}
