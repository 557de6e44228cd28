// The memory of one direction of a connection: fixed capacity, always one contiguous readable span
// and one contiguous writable span.
//
// It is a ring that is kept unrolled. The readers and writers on both sides of it drain it completely
// nearly every time, and then it starts again at offset 0. Where bytes do remain when the end is reached,
// they slide to the front instead of wrapping, so a frame, a control payload and a whole message are never
// in two pieces, and no code has to handle the seam. A message slides at most once, so the cost per byte
// stays constant however small the reads are.
//
//        heldStart   heldEnd   start      end
//   ─────────┴──────────┴────────┴─────────┴──────── capacity
//        the message so far      pending     room
//
// Ownership: the ring owns `bytes` from construction on; spans handed out are valid until the next call.

export class RingBuffer {
  bytes: Uint8Array
  /** Offset of the first pending byte: put in, not yet taken out. */
  start = 0
  /** One past the last pending byte. */
  end = 0
  /** The part of a message that has been taken out, but must stay: `[heldStart, heldEnd)`, before `start`. */
  heldStart = 0
  heldEnd = 0
  /** While true (a write of the span is under way), nothing moves. */
  pinned?: boolean

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /**
   * Contiguous free bytes behind `end`. Slides what is held and pending to the front
   * if less than `wanted` bytes are free there.
   */
  room(wanted: number): number {
    const { bytes } = this
    if (!this.pinned) {
      if (this.start === this.end) this.start = this.end = this.heldEnd
      if (bytes.length - this.end < wanted) {
        // Not onto itself: a large message would be gone over again at each read.
        if (this.heldStart) bytes.copyWithin(0, this.heldStart, this.heldEnd)
        this.heldEnd -= this.heldStart
        this.heldStart = 0
        bytes.copyWithin(this.heldEnd, this.start, this.end)
        this.end += this.heldEnd - this.start
        this.start = this.heldEnd
      }
    }
    return bytes.length - this.end
  }

  /** Appends `[start, end)` of the ring, which lies behind what is held, to what is held. */
  hold(start: number, end: number): void {
    if (this.heldStart === this.heldEnd) {
      this.heldStart = start
    } else if (this.heldEnd < start) {
      this.bytes.copyWithin(this.heldEnd, start, end)
      end += this.heldEnd - start
    }
    this.heldEnd = end
  }

  /** Lets go of what is held. */
  release(): void {
    this.heldStart = this.heldEnd = 0
  }

  /** Moves everything into `bytes`, which must be larger; the old memory is let go. */
  replace(bytes: Uint8Array): void {
    bytes.set(this.bytes)
    this.bytes = bytes
  }
}
