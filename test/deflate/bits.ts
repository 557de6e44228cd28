// DEFLATE streams made by hand, RFC 1951: the vectors say what they contain, block by block and symbol by symbol.

/** A text is its literals, a number one symbol, and a pair a match: its length and its distance. */
export type Item = string | number | Uint8Array | [length: number, distance: number]

export const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83,
]
LENGTH_BASE.push(99, 115, 131, 163, 195, 227, 258)
export const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769,
]
DISTANCE_BASE.push(1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577)

/** Section 3.2.5: how many extra bits the symbol takes whose number within the table is `index`. */
export const lengthExtra = (index: number) => (index < 8 || index === 28 ? 0 : (index >> 2) - 1)
export const distanceExtra = (index: number) => (index < 4 ? 0 : (index >> 1) - 1)

/** Section 3.2.2: codes by their lengths; also where they are no complete code. */
function codesOf(lengths: number[]): number[] {
  const codes: number[] = []
  let code = 0
  for (let length = 1; length < 16; length++) {
    lengths.forEach((one, symbol) => {
      if (one === length) codes[symbol] = code++
    })
    code *= 2
  }
  return codes
}

/** `count` lengths of 0, and those that `set` names: symbol → length. */
export function lengthsOf(count: number, set: Record<number, number>): number[] {
  return Array.from({ length: count }, (_, symbol) => set[symbol] || 0)
}

const fill = (count: number, length: number): number[] => new Array(count).fill(length)
const FIXED_LITERALS = [...fill(144, 8), ...fill(112, 9), ...fill(24, 7), ...fill(8, 8)]
const FIXED_DISTANCES = fill(32, 5)
export const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

export interface Dynamic {
  literals: number[]
  distances: number[]
  /** Lengths of the code of the lengths. Default: 4 bits for each of 0–15. */
  code?: number[]
  /** The lengths as symbols of that code, `[symbol, extra]` for 16–18. Default: one by one. */
  symbols?: (number | [symbol: number, extra: number])[]
  /** The three sizes. Default: those of the arrays. */
  hlit?: number
  hdist?: number
  hclen?: number
}

export class Bits {
  private readonly _bits: number[] = []
  private _isFinal = 0

  /** The next block has BFINAL. */
  get final(): this {
    this._isFinal = 1
    return this
  }

  /** `count` bits of `value`, the lowest first. */
  put(value: number, count: number): this {
    for (let i = 0; i < count; i++) this._bits.push((value >>> i) & 1)
    return this
  }

  /** A Huffman code: the highest bit first. */
  private _code(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) this._bits.push((value >>> i) & 1)
    return this
  }

  header(type: number): this {
    this.put(this._isFinal, 1)
    this._isFinal = 0
    return this.put(type, 2)
  }

  /** Up to the octet's end, with ones if `filler` is 1. */
  align(filler = 0): this {
    while (this._bits.length % 8) this._bits.push(filler)
    return this
  }

  octets(bytes: Uint8Array | string): this {
    const octets = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    for (const octet of octets) this.put(octet, 8)
    return this
  }

  stored(bytes: Uint8Array | string, complement?: number): this {
    const { length } = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
    this.header(0).align().put(length, 16)
    return this.put(complement === undefined ? ~length : complement, 16).octets(bytes)
  }

  /** A block in the fixed code, with its end unless `isOpen`. */
  fixed(items: Item[], isOpen = false): this {
    return this.header(1)._items(isOpen ? items : [...items, 256], FIXED_LITERALS, FIXED_DISTANCES)
  }

  dynamic(tables: Dynamic, items: Item[], isOpen = false): this {
    this.tables(tables)
    return this._items(isOpen ? items : [...items, 256], tables.literals, tables.distances)
  }

  /** The head of a dynamic block, section 3.2.7. */
  tables({ literals, distances, code = [...fill(16, 4), 0, 0, 0], ...rest }: Dynamic): this {
    const { hlit = literals.length - 257, hdist = distances.length - 1, hclen = 15 } = rest
    const { symbols = [...literals, ...distances] } = rest
    const codes = codesOf(code)
    this.header(2).put(hlit, 5).put(hdist, 5).put(hclen, 4)
    for (let i = 0; i < hclen + 4; i++) this.put(code[LENGTH_ORDER[i]], 3)
    for (const one of symbols) {
      const [symbol, extra] = typeof one === 'number' ? [one, 0] : one
      this._code(codes[symbol], code[symbol])
      if (symbol > 15) this.put(extra, symbol === 16 ? 2 : symbol === 17 ? 3 : 7)
    }
    return this
  }

  private _items(items: Item[], literals: number[], distances: number[]): this {
    const literalCodes = codesOf(literals)
    const distanceCodes = codesOf(distances)
    const symbol = (one: number) => this._code(literalCodes[one], literals[one])
    for (const item of items) {
      if (typeof item === 'number') {
        symbol(item)
      } else if (typeof item === 'string') {
        for (const octet of new TextEncoder().encode(item)) symbol(octet)
      } else if (item instanceof Uint8Array) {
        item.forEach((octet) => void symbol(octet))
      } else {
        const [length, distance] = item
        const index = LENGTH_BASE.filter((base) => base <= length).length - 1
        symbol(257 + index).put(length - LENGTH_BASE[index], lengthExtra(index))
        const far = DISTANCE_BASE.filter((base) => base <= distance).length - 1
        this._code(distanceCodes[far], distances[far])
        this.put(distance - DISTANCE_BASE[far], distanceExtra(far))
      }
    }
    return this
  }

  /** A distance symbol of the fixed code by itself. */
  fixedDistance(symbol: number): this {
    return this._code(symbol, 5)
  }

  /** All octets; the last one is filled up with zeros. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array((this._bits.length + 7) >> 3)
    this._bits.forEach((bit, i) => (bytes[i >> 3] |= bit << (i & 7)))
    return bytes
  }
}

export const bits = (): Bits => new Bits()
