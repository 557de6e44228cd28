// A canonical Huffman code, RFC 1951 section 3.2.2, as a decoder uses it.
// Memory: 1 KiB for the look-up and 2 octets a symbol, taken by the constructor.

/** Codes up to this length are looked up; longer ones, rare by construction, are counted out. */
const LOOKUP_BITS = 9
const LOOKUP_SIZE = 512
export const LOOKUP_MASK = LOOKUP_SIZE - 1
const LONGEST = 15

/** What `find` answers when the bits at hand are no code. */
export const NEEDS_MORE = -1
export const NO_CODE = -2

export class Huffman {
  /** By the next 9 bits: symbol × 16 + length, or 0 for a longer code. */
  readonly lookup = new Uint16Array(LOOKUP_SIZE)
  /** Number of codes by length. */
  private readonly _counts = new Uint16Array(LONGEST + 1)
  private readonly _offsets = new Uint16Array(LONGEST + 1)
  /** Symbols in the order of their codes. */
  private readonly _symbols: Uint16Array

  constructor(symbols: number) {
    this._symbols = new Uint16Array(symbols)
  }

  /**
   * Takes the code whose lengths are `[from, to)` of `lengths`. False if no code has them: too many short ones, or
   * too few; but `mayBeSingle` lets there be a single one of one bit, or none.
   */
  build(lengths: Uint8Array, from: number, to: number, mayBeSingle: boolean): boolean {
    const { _counts: counts, _offsets: offsets, lookup, _symbols: symbols } = this
    counts.fill(0)
    lookup.fill(0)
    for (let i = from; i < to; i++) counts[lengths[i]]++
    const used = to - from - counts[0]
    let left = 1
    for (let length = 1; length <= LONGEST; length++) {
      left = left * 2 - counts[length]
      if (left < 0) return false
    }
    if (left > 0 && !(mayBeSingle && used === counts[1])) return false
    offsets[1] = 0
    for (let length = 1; length < LONGEST; length++)
      offsets[length + 1] = offsets[length] + counts[length]
    for (let i = from; i < to; i++) {
      if (lengths[i]) symbols[offsets[lengths[i]]++] = i - from
    }
    let index = 0
    let code = 0
    for (let length = 1; length <= LOOKUP_BITS; length++, code <<= 1) {
      for (let count = counts[length]; count > 0; count--) {
        // Codes come with their most significant bit first.
        let reversed = 0
        for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit)
        const entry = (symbols[index++] << 4) | length
        for (; reversed < LOOKUP_SIZE; reversed += 1 << length) lookup[reversed] = entry
        code++
      }
    }
    return true
  }

  /** The code at the low end of `hold`, of which `bits` are there: symbol × 16 + length. */
  find(hold: number, bits: number): number {
    const entry = this.lookup[hold & LOOKUP_MASK]
    if (entry) return (entry & 15) > bits ? NEEDS_MORE : entry
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length <= LONGEST; length++) {
      if (length > bits) return NEEDS_MORE
      code |= hold & 1
      hold >>>= 1
      const count = this._counts[length]
      if (code - count < first) return (this._symbols[index + code - first] << 4) | length
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    return NO_CODE
  }
}
