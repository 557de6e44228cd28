// Frames, RFC 6455 section 5.2, as a client receives them: header and payload states, every rule of the
// header checked at the first octet that breaks it, payloads handed on as spans of the caller's memory.
//
// Owns no memory, and takes all that it is given, but for what the caller is to keep and give again: a header that is
// not there as a whole, a control frame (127 octets at most) that is not, and all that comes while `stopped`.

import { MESSAGE_TOO_BIG, PROTOCOL_ERROR } from './close-code'
import { BINARY, CLOSE, CONTINUATION, PONG, TEXT } from './opcode'

// Sets of opcodes, a bit each.
const CONTROL = 0x700
const BEGINS_MESSAGE = CONTROL | (1 << TEXT) | (1 << BINARY)
const CONTINUES_MESSAGE = CONTROL | (1 << CONTINUATION)

/** Who extends it hears what comes: so a connection is one object, and not one for each layer. */
export abstract class FrameDecoder {
  /** FIN of the current data frame; if false, the next one must be a continuation. */
  fin = true
  /** The kind of the current message: the opcode of its first frame. */
  kind = 0
  /** RSV1 of the first frame of the current message. */
  rsv1 = false
  /** Octets of the current payload that have not been decoded yet; −1 where a header is awaited. */
  remaining = -1
  /** Set to make `decode` return after the current callback. */
  stopped = false
  /** The RSV bits that must be zero in the first frame of a message; 0x30 once an extension uses RSV1. */
  reservedBits = 0x70
  /** Where in the stream the next octet is; within `decode`, where index 0 of the array is. */
  position = 0

  /** A data frame's header, which ends with the octet at `index`, is in order. Comes before its payload. */
  abstract onDataFrame(index: number): void
  /**
   * Payload of a data frame as it comes: once with an empty span for an empty frame, else as often as
   * there is some. `remaining` octets of the frame follow. Returns the offset of the first octet not taken.
   */
  abstract onPayload(bytes: Uint8Array, start: number, end: number): number
  /** A whole control frame. False: not now; it stays with the caller, and is offered again. */
  abstract onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean
  /** A rule was broken by the octet at `index`. Nothing is decoded after it. */
  abstract onViolation(id: string, code: number, index: number): void

  /** Decodes `[start, end)`, and returns the offset of the first octet that was not taken. */
  decode(bytes: Uint8Array, start: number, end: number): number {
    let index = start
    this.position -= start
    while (!this.stopped) {
      if (this.remaining < 0) {
        const next = this._readHeader(bytes, index, end)
        if (next === 0) break
        index = next
      } else {
        const next = Math.min(index + this.remaining, end)
        if (this.remaining && next === index) break
        this.remaining -= next - index
        index = this.onPayload(bytes, index, next)
        // What was not taken first: a sum with `remaining` may be above 2^53.
        this.remaining = next - index + this.remaining || -1
      }
    }
    this.position += index
    return index
  }

  /**
   * Reads the header at `index`, and the whole frame if it is a control frame. Returns the offset behind it, or 0 if
   * it is not all there, is refused, or breaks a rule. Each octet is checked as soon as it is there.
   */
  private _readHeader(bytes: Uint8Array, index: number, end: number): number {
    if (index === end) return 0
    const first = bytes[index]
    const opcode = first & 15
    const isControl = opcode >= CLOSE
    // Section 5.2: RSV1–3 MUST be 0 unless an extension gives them a meaning.
    if (first & (opcode === TEXT || opcode === BINARY ? this.reservedBits : 0x70)) {
      return this._fail('RESERVED_BITS', index)
    }
    // Sections 5.2 and 5.4: known opcodes, and the fragments of one message not mixed with another's.
    if (!(((this.fin ? BEGINS_MESSAGE : CONTINUES_MESSAGE) >> opcode) & 1)) {
      return this._fail(
        opcode > PONG || (opcode > BINARY && !isControl)
          ? 'RESERVED_OPCODE'
          : opcode
            ? 'EXPECTED_CONTINUATION'
            : 'UNEXPECTED_CONTINUATION',
        index,
      )
    }
    // Section 5.5: control frames MUST NOT be fragmented.
    if (isControl && first < 128) return this._fail('FRAGMENTED_CONTROL', index)
    if (++index === end) return 0
    let length = bytes[index]
    // Section 5.1: a server MUST NOT mask.
    if (length > 127) return this._fail('MASKED_FRAME', index)
    // Section 5.5.1: the body of a Close frame, if any, begins with a code of two octets.
    if (length === 1 && opcode === CLOSE) return this._fail('BAD_CLOSE_FRAME', index)
    if (length > 125) {
      // Section 5.5: control frames carry at most 125 octets.
      if (isControl) return this._fail('CONTROL_TOO_LONG', index)
      const last = index + (length > 126 ? 8 : 2)
      length = 0
      while (index < last) {
        if (++index === end) return 0
        // Section 5.2: the most significant bit of a 64-bit length MUST be 0.
        if (index === last - 7 && bytes[index] > 127) return this._fail('LENGTH_SIGN_BIT', index)
        length = length * 256 + bytes[index]
        // Section 5.2: the minimal number of octets MUST be used. Of eight, the first six cannot all be 0; of two,
        // the value must be above 125.
        if (index === last - 2 ? !length : index === last && length < 126) {
          return this._fail('LENGTH_NOT_MINIMAL', index)
        }
      }
      if (length > 9007199254740991) return this._fail('FRAME_TOO_BIG', index, MESSAGE_TOO_BIG)
    }
    const payload = index + 1
    if (isControl) {
      const next = payload + length
      return next <= end && this.onControl(opcode, bytes, payload, next) ? next : 0
    }
    this.fin = first > 127
    if (opcode) {
      this.kind = opcode
      this.rsv1 = (first & 0x40) !== 0
    }
    this.remaining = length
    this.onDataFrame(index)
    return payload
  }

  private _fail(id: string, index: number, code = PROTOCOL_ERROR): number {
    this.stopped = true
    this.onViolation(id, code, index)
    return 0
  }
}
