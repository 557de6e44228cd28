// DEFLATE decoding, RFC 1951, in a window of 2^bits octets and 3 KiB of tables, for permessage-deflate:
// input in pieces of any size, output in spans of the window as it comes, stoppable after every span.
//
// Why not fflate: its `inflateSync` needs the whole message and a buffer for the whole output, and tells neither
// truncated data nor where a final block ends; its `Inflate` has no bound on its output.
//
// Memory: the window is given, the rest is taken by the constructor. Spans given to the sink are valid during the call.

import { Huffman, LOOKUP_MASK, NEEDS_MORE } from './huffman'

// What is awaited.
const BLOCK_HEADER = 0
const STORED_LENGTH = 1
const STORED_OCTETS = 2
const TABLE_SIZES = 3
const CODE_LENGTHS = 4
const LENGTHS = 5
const SYMBOL = 6
const DISTANCE = 7
const DISTANCE_EXTRA = 8
const COPY = 9
const BROKEN = 10

/** Section 3.2.7: the lengths of the code of the lengths come in this order. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

const END_OF_BLOCK = 256
const LITERALS = 288
const DISTANCES = 32

export interface InflaterSink {
  /** Output. False: stop, and go on with the next call of `write`. */
  onOutput(window: Uint8Array, start: number, end: number): boolean
}

export class Inflater {
  /** After −1: the offset of the octet, in what was being written, that is not DEFLATE. */
  brokenAt = 0
  /** Whether something has followed a final block of this piece. */
  hasGoneOn = false
  /** Where the last block began: as `position`. */
  blockStart = 0

  private readonly _lengths = new Uint8Array(LITERALS + DISTANCES)
  private readonly _literals = new Huffman(LITERALS)
  private readonly _distances = new Huffman(DISTANCES)
  private _hasFixedCode = false
  private _state = BLOCK_HEADER
  /** Octets read of this piece, up to the current call of `write`. */
  private _taken = 0
  private _isFinalBlock = false
  /** Bits read and not used yet, the next one lowest. */
  private _hold = 0
  private _bits = 0
  /** The next output goes here; what lies before it, from `_told` on, has not been told. */
  private _next = 0
  private _told = 0
  /** The window has been filled once: all of it is history. */
  private _isFull = false
  /** Octets of a match or a stored block to come. */
  private _length = 0
  private _distance = 0
  /** Code lengths: how many there are of each kind, and how many have been read. */
  private _literalCount = 0
  private _lengthCount = 0
  private _index = 0
  /** The first octet of the next piece has been used already. */
  private _debt = 0

  /** `window`: 2^8 to 2^15 octets, which the inflater owns from now on. */
  constructor(
    private readonly _window: Uint8Array,
    private readonly _sink: InflaterSink,
  ) {}

  /** Where the input stands, in bits, from where this piece began. */
  get position(): number {
    return this._taken * 8 - this._bits
  }

  /**
   * Decodes `[start, end)`, telling each span of output that the window's end cuts off. Returns the offset of the
   * first octet not taken: `end`, unless the sink stopped it; then what is left must come again. −1: not DEFLATE.
   */
  write(bytes: Uint8Array, start: number, end: number): number {
    const { _window: window, _lengths: lengths, _literals: literals, _distances: distances } = this
    const size = window.length
    const literalLookup = literals.lookup
    const distanceLookup = distances.lookup
    const first = start + this._debt
    let at = first
    let hold = this._hold
    let bits = this._bits
    let next = this._next
    let state = this._state
    let isStopped = false
    this._debt = 0
    decoding: while (!isStopped) {
      if (state !== STORED_OCTETS) {
        while (bits < 25 && at < end) {
          hold |= bytes[at++] << bits
          bits += 8
        }
      }
      let used = 0
      switch (state) {
        case SYMBOL: {
          // Far from the end of the input and of the window, without the checks for either.
          while (end - at > 8 && size - next > 258) {
            let entry = literalLookup[hold & LOOKUP_MASK] || literals.find(hold, bits)
            // The end of the block, and what is no code, are left to the slower way.
            if (entry < 0 || entry >> 4 === END_OF_BLOCK || entry >> 4 > 285) break
            hold >>>= entry & 15
            bits -= entry & 15
            let symbol = entry >> 4
            if (symbol < END_OF_BLOCK) {
              window[next++] = symbol
            } else {
              const lengthBits = extraLengthBits(symbol)
              let count = leastLength(symbol, lengthBits) + (hold & ((1 << lengthBits) - 1))
              hold >>>= lengthBits
              bits -= lengthBits
              this._length = count
              while (bits < 25) {
                hold |= bytes[at++] << bits
                bits += 8
              }
              entry = distanceLookup[hold & LOOKUP_MASK] || distances.find(hold, bits)
              symbol = entry >> 4
              if (entry < 0 || symbol > 29) {
                state = DISTANCE
                break
              }
              hold >>>= entry & 15
              bits -= entry & 15
              this._distance = symbol
              const extra = extraDistanceBits(symbol)
              while (bits < 25) {
                hold |= bytes[at++] << bits
                bits += 8
              }
              let from = next - leastDistance(symbol, extra) - (hold & ((1 << extra) - 1))
              if (from < 0) {
                state = DISTANCE_EXTRA
                break
              }
              hold >>>= extra
              bits -= extra
              for (; count > 0; count--) window[next++] = window[from++]
            }
            while (bits < 25) {
              hold |= bytes[at++] << bits
              bits += 8
            }
          }
          if (state !== SYMBOL) break
          const entry = literals.find(hold, bits)
          if (entry < 0) {
            if (entry === NEEDS_MORE) break decoding
            state = BROKEN
            break
          }
          used = entry & 15
          const symbol = entry >> 4
          if (symbol < END_OF_BLOCK) {
            window[next++] = symbol
          } else if (symbol === END_OF_BLOCK) {
            state = BLOCK_HEADER
          } else if (symbol > 285) {
            state = BROKEN
          } else {
            const extra = extraLengthBits(symbol)
            if (used + extra > bits) break decoding
            this._length = leastLength(symbol, extra) + ((hold >>> used) & ((1 << extra) - 1))
            used += extra
            state = DISTANCE
          }
          break
        }
        case DISTANCE: {
          const entry = distances.find(hold, bits)
          if (entry < 0) {
            if (entry === NEEDS_MORE) break decoding
            state = BROKEN
            break
          }
          used = entry & 15
          this._distance = entry >> 4
          state = this._distance > 29 ? BROKEN : DISTANCE_EXTRA
          break
        }
        case DISTANCE_EXTRA: {
          const symbol = this._distance
          const extra = extraDistanceBits(symbol)
          if (extra > bits) break decoding
          used = extra
          const distance = leastDistance(symbol, extra) + (hold & ((1 << extra) - 1))
          this._distance = distance
          state = distance > (this._isFull ? size : next) ? BROKEN : COPY
          break
        }
        case COPY: {
          let from = next - this._distance
          if (from < 0) from += size
          let count = this._length
          if (count > size - next) count = size - next
          if (count > size - from) count = size - from
          this._length -= count
          for (; count > 0; count--) window[next++] = window[from++]
          if (!this._length) state = SYMBOL
          break
        }
        case BLOCK_HEADER: {
          if (this._isFinalBlock) {
            // RFC 7692 section 7.2.3.4: what follows a final block, if anything, begins with the next octet.
            if (bits < 8) break decoding
            this._isFinalBlock = false
            this.hasGoneOn = true
            used = bits & 7
            break
          }
          if (bits < 3) break decoding
          this.blockStart = (this._taken + at - first) * 8 - bits
          this._isFinalBlock = (hold & 1) === 1
          const type = (hold >>> 1) & 3
          used = 3
          if (type === 0) {
            used += (bits - 3) & 7
            state = STORED_LENGTH
          } else if (type === 1) {
            if (!this._hasFixedCode) {
              // Section 3.2.6.
              lengths
                .fill(8, 0, 144)
                .fill(9, 144, 256)
                .fill(7, 256, 280)
                .fill(8, 280, 288)
                .fill(5, 288)
              literals.build(lengths, 0, LITERALS, false)
              distances.build(lengths, LITERALS, LITERALS + DISTANCES, false)
              this._hasFixedCode = true
            }
            state = SYMBOL
          } else {
            state = type === 2 ? TABLE_SIZES : BROKEN
          }
          break
        }
        case STORED_LENGTH:
          if (bits < 32) break decoding
          used = 32
          this._length = hold & 0xffff
          state = hold >>> 16 === (~hold & 0xffff) ? STORED_OCTETS : BROKEN
          break
        case STORED_OCTETS: {
          if (this._length && at === end) break decoding
          let count = Math.min(this._length, end - at, size - next)
          this._length -= count
          for (; count > 0; count--) window[next++] = bytes[at++]
          if (!this._length) state = BLOCK_HEADER
          break
        }
        case TABLE_SIZES:
          if (bits < 14) break decoding
          used = 14
          this._literalCount = (hold & 31) + 257
          this._lengthCount = this._literalCount + ((hold >>> 5) & 31) + 1
          this._length = ((hold >>> 10) & 15) + 4
          this._index = 0
          this._hasFixedCode = false
          lengths.fill(0)
          state =
            this._literalCount > 286 || this._lengthCount > this._literalCount + 30
              ? BROKEN
              : CODE_LENGTHS
          break
        case CODE_LENGTHS:
          if (this._index < this._length) {
            if (bits < 3) break decoding
            used = 3
            lengths[LENGTH_ORDER[this._index++]] = hold & 7
          } else {
            // The distances' table serves for the lengths' code, until they are known.
            state = distances.build(lengths, 0, 19, false) ? LENGTHS : BROKEN
            this._index = 0
          }
          break
        case LENGTHS:
          if (this._index < this._lengthCount) {
            const entry = distances.find(hold, bits)
            // This code is complete: what is none yet needs more.
            if (entry < 0) break decoding
            used = entry & 15
            const symbol = entry >> 4
            if (symbol < 16) {
              lengths[this._index++] = symbol
              break
            }
            // Section 3.2.7: 16 repeats the last length 3–6 times, 17 and 18 zero 3–10 and 11–138 times.
            const extra = symbol === 16 ? 2 : symbol === 17 ? 3 : 7
            if (used + extra > bits) break decoding
            const count = ((hold >>> used) & ((1 << extra) - 1)) + (symbol === 18 ? 11 : 3)
            used += extra
            const length = symbol === 16 ? lengths[this._index - 1] : 0
            if (length === undefined || this._index + count > this._lengthCount) {
              state = BROKEN
              break
            }
            lengths.fill(length, this._index, this._index + count)
            this._index += count
          } else {
            state =
              lengths[END_OF_BLOCK] &&
              literals.build(lengths, 0, this._literalCount, true) &&
              distances.build(lengths, this._literalCount, this._lengthCount, true)
                ? SYMBOL
                : BROKEN
          }
          break
        default:
          this._state = BROKEN
          this.brokenAt = (at * 8 - bits) >> 3
          return -1
      }
      hold = used < 32 ? hold >>> used : 0
      bits -= used
      if (next === size) {
        const told = this._told
        this._isFull = true
        this._told = next = 0
        isStopped = !this._sink.onOutput(window, told, size)
      }
    }
    this._taken += at - first
    if (isStopped && at === end) {
      this._debt = 1
      at--
    }
    this._hold = hold
    this._bits = bits
    this._next = next
    this._state = state
    return at
  }

  /** Tells what has been decoded and not told, maybe nothing: the end of a message, or of a piece. */
  tell(): boolean {
    const told = this._told
    this._told = this._next
    return this._sink.onOutput(this._window, told, this._next)
  }

  /** Whether something has been decoded and not told. */
  hasOutput(): boolean {
    return this._told < this._next
  }

  /** Whether the input so far ends with a final block. */
  hasEnded(): boolean {
    return this._isFinalBlock && this._state === BLOCK_HEADER
  }

  /** Whether the input so far ends with a whole block, and an octet: begins anew behind it. */
  endPiece(): boolean {
    const isWhole = this._state === BLOCK_HEADER && (this._isFinalBlock || this._bits === 0)
    this._isFinalBlock = this.hasGoneOn = false
    this._hold = this._bits = this._taken = 0
    return isWhole
  }

  /** Begins anew, without history: no context takeover, or after what was not DEFLATE. */
  reset(): void {
    this._state = BLOCK_HEADER
    this._isFinalBlock = this.hasGoneOn = false
    this._hold = this._bits = this._taken = this._debt = 0
    this._next = this._told = 0
    this._isFull = false
  }
}

/** Section 3.2.5: extra bits of a length's symbol: none up to 264 and in 285, else one more every four symbols. */
function extraLengthBits(symbol: number): number {
  return symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2
}

/** Section 3.2.5: the length of a symbol with its extra bits 0. */
function leastLength(symbol: number, extra: number): number {
  if (symbol === 285) return 258
  return extra ? ((4 + ((symbol - 261) & 3)) << extra) + 3 : symbol - 254
}

/** Section 3.2.5: extra bits of a distance's symbol: none up to 3, else one more every two symbols. */
function extraDistanceBits(symbol: number): number {
  return symbol < 4 ? 0 : (symbol - 2) >> 1
}

/** Section 3.2.5: the distance of a symbol with its extra bits 0. */
function leastDistance(symbol: number, extra: number): number {
  return symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1
}
