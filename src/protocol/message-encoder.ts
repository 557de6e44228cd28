// The send ring, and messages framed and masked straight into it: RFC 6455 sections 5.4 and 6.1.
//
// All or nothing: what does not fit is refused, and nothing was queued. What could never fit is taken when no
// other such message waits; its source, the caller's bytes or string, is kept until its last fragment is in the
// ring, and is cut into fragments as the ring drains. Each fragment leaves room for a control frame behind it.

import type { Platform } from '../platform'
import { encodeHeader, headerLength } from './frame-encoder'
import { Mask } from './mask'
import { RingBuffer } from './ring-buffer'

const FIN = 0x80
/** Room that a fragment of a large message leaves: the largest control frame, with its header and key. */
const CONTROL_FRAME_ROOM = 131

export class MessageEncoder extends RingBuffer {
  /** Octets of the large message that are not in the ring yet. */
  waiting = 0
  /** Octets of one that was given up. */
  lost?: number

  /** Made when first needed. Keeps a view of the last array: the next message from the same one costs nothing. */
  private _mask: InstanceType<NonNullable<Platform['Mask']>> | undefined
  /** Of the large message, set when there is the first. */
  private _source?: Uint8Array | string
  /** Offset of the first octet, or UTF-16 code unit, of the source that is not in the ring yet. */
  private _next!: number
  private _sourceEnd!: number
  /** First octet of the next fragment's header, with the FIN of the last. */
  private _firstOctet!: number

  constructor(
    bytes: Uint8Array,
    private readonly _platform: Platform,
  ) {
    super(bytes)
  }

  /** Whether a payload of `length` octets can be taken now. Control frames pass a large message. */
  canTake(length: number, isControl: boolean): boolean {
    const size = headerLength(length) + length
    return (isControl || !this.waiting) && (this.room(size) >= size || size > this.bytes.length)
  }

  /** Takes a message, or a fragment, of `length` octets, for which there is room: `canTake` was asked. */
  take(
    firstOctet: number,
    source: Uint8Array | string,
    start: number,
    end: number,
    length: number,
  ): void {
    const size = headerLength(length) + length
    if (this.room(size) >= size) {
      this.frame(firstOctet, source, start, length)
    } else {
      this._source = source
      this._next = start
      this._sourceEnd = end
      this._firstOctet = firstOctet
      this.waiting = length
    }
  }

  /** Moves the large message on, when the ring is empty: one fragment of it. */
  pump(): void {
    const room = this.room(this.bytes.length) - CONTROL_FRAME_ROOM
    const { waiting } = this
    const isLast = headerLength(waiting) + waiting <= room
    let start = this._next
    let source = this._source!
    let end = isLast ? this._sourceEnd : start + room - 14
    let length = end - start
    this._next = end
    if (!(source instanceof Uint8Array)) {
      if (!isLast) {
        // A code unit, or a code point where strings are made of them, takes at most 4 octets. No pair is cut in two.
        end = start + ((room - 14) >> 2)
        if ((source.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--
        this._next = end
      }
      source = source.slice(start, end)
      start = 0
      length = this._platform.utf8Length(source)
    }
    this.waiting -= length
    this.frame(this._firstOctet & (isLast ? 0xff : 0x7f), source, start, length)
    // Fragments that follow are continuations.
    this._firstOctet &= FIN
    if (isLast) this._source = undefined
  }

  /** Writes a whole frame; there is room. */
  frame(firstOctet: number, source: Uint8Array | string, start: number, length: number): void {
    const { bytes, end } = this
    const { _platform: platform } = this
    const mask = (this._mask = this._mask || new (platform.Mask || Mask)())
    const at = encodeHeader(bytes, end, firstOctet, length, platform.randomWord())
    // Not by `typeof`, which makes a string in some engines.
    if (!(source instanceof Uint8Array)) {
      platform.utf8Write(source, bytes, at)
      source = bytes
      start = at
    }
    mask.copy(source, start, start + length, bytes, at)
    this.end = at + length
  }

  /** Gives up what is left of the large message, and lets go of the caller's array. */
  drop(): void {
    this.lost = this.waiting
    this.waiting = 0
    this._source = this._mask = undefined
  }
}
