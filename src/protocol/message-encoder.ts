// Messages to send, RFC 6455 sections 5.4 and 6.1: framed and masked straight into the send ring.
//
// All or nothing: what does not fit is refused, and nothing was queued. What could never fit is taken when no
// other such message waits; its source, the caller's bytes or string, is kept until its last fragment is in the
// ring, and is cut into fragments as the ring drains. Each fragment leaves room for a control frame behind it.

import type { Platform } from '../platform'
import { encodeHeader, headerLength } from './frame-encoder'
import { Mask } from './mask'
import type { RingBuffer } from './ring-buffer'

const FIN = 0x80
/** Room that a fragment of a large message leaves: the largest control frame, with its header and key. */
const CONTROL_FRAME_ROOM = 131

export class MessageEncoder {
  /** Octets of the large message that are not in the ring yet. */
  waiting = 0
  /** Octets of one that was given up. */
  lost = 0

  private readonly _mask: InstanceType<NonNullable<Platform['Mask']>>
  private _source: Uint8Array | string = ''
  /** Offset of the first octet, or UTF-16 code unit, of the source that is not in the ring yet. */
  private _next = 0
  private _end = 0
  /** First octet of the next fragment's header, without FIN. */
  private _opcode = 0
  private _final = 0

  constructor(
    private readonly _ring: RingBuffer,
    private readonly _platform: Platform,
  ) {
    this._mask = new (_platform.Mask || Mask)()
  }

  /** Whether a payload of `length` octets can be taken now. Control frames pass a large message. */
  canTake(length: number, isControl: boolean): boolean {
    const size = headerLength(length) + length
    return (
      (isControl || !this.waiting) &&
      (this._ring.room(size) >= size || size > this._ring.bytes.length)
    )
  }

  /** Takes a message, or a fragment, of `length` octets, for which there is room: `canTake` was asked. */
  take(
    opcode: number,
    source: Uint8Array | string,
    start: number,
    end: number,
    length: number,
    final: boolean,
  ): void {
    const size = headerLength(length) + length
    const fin = final ? FIN : 0
    if (this._ring.room(size) >= size) {
      this.frame(fin | opcode, source, start, length)
    } else {
      this._source = source
      this._next = start
      this._end = end
      this._opcode = opcode
      this._final = fin
      this.waiting = length
    }
  }

  /** Moves the large message on, when the ring is empty: one fragment of it. */
  pump(): void {
    const room = this._ring.room(this._ring.bytes.length) - CONTROL_FRAME_ROOM
    const { waiting } = this
    const isLast = headerLength(waiting) + waiting <= room
    let start = this._next
    let source = this._source
    let end = isLast ? this._end : start + room - 14
    if (!(source instanceof Uint8Array)) {
      if (!isLast) {
        // A code unit, or a code point where strings are made of them, takes at most 4 octets. No pair is cut in two.
        end = start + ((room - 14) >> 2)
        if ((source.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--
      }
      source = source.slice(start, end)
      start = 0
    }
    const length = source instanceof Uint8Array ? end - start : this._platform.utf8Length(source)
    this._next = end
    this.waiting -= length
    this.frame((isLast ? this._final : 0) | this._opcode, source, start, length)
    this._opcode = 0
    // The mask's view of the array stays: the next message from the same one costs nothing.
    if (isLast) this._source = ''
  }

  /** Writes a whole frame; there is room. */
  frame(firstOctet: number, source: Uint8Array | string, start: number, length: number): void {
    const ring = this._ring
    const { bytes } = ring
    const at = encodeHeader(bytes, ring.end, firstOctet, length, this._platform.randomWord())
    ring.end = at + length
    // Not by `typeof`, which makes a string in some engines.
    if (source instanceof Uint8Array) {
      this._mask.copy(source, start, start + length, bytes, at)
    } else {
      this._platform.utf8Write(source, bytes, at)
      this._mask.copy(bytes, at, ring.end, bytes, at)
    }
  }

  /** Gives up what is left of the large message. */
  drop(): void {
    this.lost += this.waiting
    this.waiting = 0
    this._source = ''
    this._mask.forget()
  }
}
