// Sending, RFC 7692 section 7.2.1: a message compressed in pieces that respect the window, each made into
// non-final blocks that end with an octet, and each inflated again before it leaves: whatever the compressor does,
// nothing is sent that cannot be inflated to the original.
//
// Memory: an inflater, and the history if the context is kept. The result is a new array, never larger than the
// message.

import type { CompressionLevel, Compress } from './codec'
import { Inflater, type InflaterSink } from './inflater'

export class Sender implements InflaterSink {
  private readonly _inflater: Inflater
  private readonly _windowSize: number
  /** The end of what was sent compressed, if the context is kept. */
  private readonly _history: Uint8Array | undefined
  private _historyLength = 0
  /** What the inflater must give. */
  private _expected!: Uint8Array
  private _checked = 0

  constructor(
    windowBits: number,
    keepsContext: boolean,
    private readonly _compress: Compress,
    private readonly _level: CompressionLevel,
  ) {
    this._windowSize = 1 << windowBits
    this._inflater = new Inflater(new Uint8Array(this._windowSize), this)
    if (keepsContext) this._history = new Uint8Array(this._windowSize)
  }

  /** Returns the payload of the compressed message, or undefined if it would not be smaller. */
  send(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    const { _windowSize: size, _history: history } = this
    const result = new Uint8Array(end - start)
    let length = 0
    while (start < end) {
      // A distance is at most the octets of the piece and of the history it may refer to.
      const next = Math.min(end, start + (history ? size >> 1 : size))
      const piece = bytes.subarray(start, next)
      const kept = Math.min(this._historyLength, size - piece.length)
      const block = this._compress(
        piece,
        this._level,
        kept ? history!.subarray(this._historyLength - kept, this._historyLength) : undefined,
      )
      const blockLength = this._open(block, piece)
      const tail = next < end ? 4 : 0
      // An octet for the header of the empty block that ends the piece, where the last octet has no room for it.
      if (blockLength < 0 || length + blockLength + tail >= result.length) {
        this._forget()
        return undefined
      }
      result.set(block, length)
      length += blockLength
      if (tail) {
        result[length + 2] = result[length + 3] = 255
        length += 4
      }
      this._remember(piece)
      start = next
    }
    return length ? result.subarray(0, length) : undefined
  }

  /**
   * Makes the final block of `block` a non-final one, with the header of an empty stored block behind it. Returns
   * its length with that header, or −1 if it does not inflate to `piece`.
   */
  private _open(block: Uint8Array, piece: Uint8Array): number {
    const { _inflater: inflater } = this
    if (!this._history) inflater.reset()
    this._expected = piece
    this._checked = 0
    const taken = inflater.write(block, 0, block.length)
    const { blockStart, position, hasGoneOn } = inflater
    const isRight =
      taken === block.length &&
      inflater.hasEnded() &&
      !hasGoneOn &&
      (!inflater.hasOutput() || inflater.tell()) &&
      this._checked === piece.length &&
      inflater.endPiece()
    if (!isRight) return -1
    block[blockStart >> 3] &= ~(1 << (blockStart & 7))
    // Three zero bits, and zeros up to the octet's end.
    return (position + 3 + 7) >> 3
  }

  onOutput(window: Uint8Array, start: number, end: number): boolean {
    const { _expected: expected } = this
    while (start < end && window[start] === expected[this._checked]) {
      start++
      this._checked++
    }
    return start === end
  }

  /** Moves the history on by what has been sent. */
  private _remember(piece: Uint8Array): void {
    const { _history: history } = this
    if (!history) return
    const excess = this._historyLength + piece.length - history.length
    if (excess > 0) {
      history.copyWithin(0, excess, this._historyLength)
      this._historyLength -= excess
    }
    history.set(piece, this._historyLength)
    this._historyLength += piece.length
  }

  /** Begins anew: the message goes uncompressed, so the peer's history lacks it. Nothing before is referred to. */
  private _forget(): void {
    this._inflater.reset()
    this._historyLength = 0
  }
}
