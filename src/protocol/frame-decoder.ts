// Frames, RFC 6455 section 5.2, as a client receives them: header and payload states, every rule of the
// header checked at the first octet that breaks it, payloads handed on as spans of the caller's memory.
//
// Owns no memory. It takes all that it is given, with two exceptions, both for the caller to keep and give
// again: a control frame's payload (at most 125 octets) is taken only when it is there as a whole, and
// nothing is taken while `stopped`.

import { MESSAGE_TOO_BIG, PROTOCOL_ERROR } from './close-code'
import { BINARY, CLOSE, CONTINUATION, PONG, TEXT } from './opcode'

// What is awaited.
const READ_FIRST_OCTET = 0
const READ_LENGTH = 1
const READ_EXTENDED_LENGTH = 2
const READ_PAYLOAD = 3

/** The one rule of a header that has a close code of its own. */
const FRAME_TOO_BIG = 'FRAME_TOO_BIG'

// Sets of opcodes, a bit each.
const CONTROL = 0x700
const BEGINS_MESSAGE = CONTROL | (1 << TEXT) | (1 << BINARY)
const CONTINUES_MESSAGE = CONTROL | (1 << CONTINUATION)

export interface FrameSink {
  /** A data frame's header, which ends with the octet at `index`, is in order. Comes before its payload. */
  onDataFrame(index: number): void
  /**
   * Payload of a data frame as it comes: once with an empty span for an empty frame, else as often as
   * there is some. `remaining` octets of the frame follow.
   */
  onPayload(bytes: Uint8Array, start: number, end: number): void
  /** A whole control frame. False: not now; it stays with the caller, and is offered again. */
  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean
  /** A rule was broken by the octet at `index`. Nothing is decoded after it. */
  onViolation(id: string, code: number, index: number): void
}

export class FrameDecoder {
  /** FIN of the current data frame. */
  fin = false
  /** The kind of the current message: the opcode of its first frame. */
  kind = 0
  /** RSV1 of the first frame of the current message. */
  rsv1 = false
  /** Octets of the current payload that have not been decoded yet. */
  remaining = 0
  /** Whether the next data frame must be a continuation. */
  isFragmented = false
  /** Set by the sink within `onPayload`: how many octets at the end of the span it has not taken. */
  untaken = 0
  /** Set by the sink to make `decode` return after the current callback. */
  stopped = false
  /** The RSV bits that must be zero in the first frame of a message; 0x30 once an extension uses RSV1. */
  reservedBits = 0x70

  private readonly _sink: FrameSink
  private _state = READ_FIRST_OCTET
  private _opcode = 0
  /** Octets of the extended length still to come. */
  private _lengthOctets = 0
  /** The least length that needs the encoding in use. */
  private _leastLength = 0
  /** Offset in the stream of index 0 of the array that was decoded last. */
  private _base = 0
  /** Octets taken so far. */
  private _taken = 0

  constructor(sink: FrameSink) {
    this._sink = sink
  }

  /** The offset in the stream of `index` in the array being decoded. */
  offsetOf(index: number): number {
    return this._base + index
  }

  /** Counts `count` octets that came before the first frame. */
  skip(count: number): void {
    this._taken += count
  }

  /** Decodes `[start, end)`, and returns the offset of the first octet that was not taken. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    let index = start
    this._base = this._taken - start
    while (!this.stopped) {
      if (this._state === READ_PAYLOAD) {
        const isControl = this._opcode >= CLOSE
        const available = end - index
        let count = this.remaining
        if (count > available) {
          if (isControl || available === 0) break
          count = available
        }
        const next = index + count
        if (isControl) {
          if (!this._sink.onControl(this._opcode, bytes, index, next)) break
          this.remaining = 0
          this._state = READ_FIRST_OCTET
        } else {
          this.remaining -= count
          this._sink.onPayload(bytes, index, next)
          this.remaining += this.untaken
          if (this.remaining === 0) this._state = READ_FIRST_OCTET
        }
        index = next - this.untaken
        this.untaken = 0
      } else {
        if (index === end) break
        const broken = this._readHeader(bytes[index], index)
        if (broken) {
          this.stopped = true
          this._sink.onViolation(
            broken,
            broken === FRAME_TOO_BIG ? MESSAGE_TOO_BIG : PROTOCOL_ERROR,
            index,
          )
        }
        index++
      }
    }
    this._taken = this._base + index
    return index
  }

  /** Reads the octet at `index`; returns the id of the rule that it breaks, or ''. */
  private _readHeader(octet: number, index: number): string {
    if (this._state === READ_FIRST_OCTET) {
      const opcode = octet & 15
      const isControl = opcode >= CLOSE
      // Section 5.2: RSV1–3 MUST be 0 unless an extension gives them a meaning.
      if (octet & (opcode === TEXT || opcode === BINARY ? this.reservedBits : 0x70)) {
        return 'RESERVED_BITS'
      }
      // Sections 5.2 and 5.4: known opcodes, and the fragments of one message not mixed with another's.
      if (!(((this.isFragmented ? CONTINUES_MESSAGE : BEGINS_MESSAGE) >> opcode) & 1)) {
        return opcode > PONG || (opcode > BINARY && !isControl)
          ? 'RESERVED_OPCODE'
          : opcode
            ? 'EXPECTED_CONTINUATION'
            : 'UNEXPECTED_CONTINUATION'
      }
      // Section 5.5: control frames MUST NOT be fragmented.
      if (isControl && octet < 128) return 'FRAGMENTED_CONTROL'
      this._opcode = opcode
      if (!isControl) {
        this.fin = octet > 127
        this.isFragmented = !this.fin
        if (opcode) {
          this.kind = opcode
          this.rsv1 = (octet & 0x40) !== 0
        }
      }
      this._state = READ_LENGTH
    } else if (this._state === READ_LENGTH) {
      // Section 5.1: a server MUST NOT mask.
      if (octet > 127) return 'MASKED_FRAME'
      if (octet < 126) {
        this.remaining = octet
        this._endHeader(index)
      } else {
        // Section 5.5: control frames carry at most 125 octets.
        if (this._opcode >= CLOSE) return 'CONTROL_TOO_LONG'
        this.remaining = 0
        this._lengthOctets = octet === 126 ? 2 : 8
        this._leastLength = octet === 126 ? 126 : 65536
        this._state = READ_EXTENDED_LENGTH
      }
    } else {
      // Section 5.2: the most significant bit of a 64-bit length MUST be 0.
      if (this._lengthOctets === 8 && octet > 127) return 'LENGTH_SIGN_BIT'
      this.remaining = this.remaining * 256 + octet
      if (--this._lengthOctets === 0) {
        // Section 5.2: the minimal number of octets MUST be used.
        if (this.remaining < this._leastLength) return 'LENGTH_NOT_MINIMAL'
        if (this.remaining > 9007199254740991) return FRAME_TOO_BIG
        this._endHeader(index)
      }
    }
    return ''
  }

  private _endHeader(index: number): void {
    this._state = READ_PAYLOAD
    if (this._opcode < CLOSE) this._sink.onDataFrame(index)
  }
}
