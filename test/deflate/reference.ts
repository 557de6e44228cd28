// DEFLATE decoded in the plainest way, RFC 1951: bit by bit, all in memory, apart from the sources. It says what a
// stream is made of: which blocks, and how far back it refers.

export interface Structure {
  output: Uint8Array
  /** `stored`, `fixed` or `dynamic`, with ` final` where BFINAL is set. */
  blocks: string[]
  /** The largest distance. */
  distance: number
  /** Bits behind the last block, up to the end of the input. */
  rest: number
}

/** Thrown: `INVALID`, or `MORE` where the input ends within a block. */
export class Refusal {
  constructor(
    readonly verdict: 'INVALID' | 'MORE',
    readonly why: string,
  ) {}

  /** What came before. */
  output = new Uint8Array(0)
  distance = 0
  blocks: string[] = []
}

const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

interface Found {
  blocks: string[]
  distance: number
}

interface Code {
  counts: number[]
  symbols: number[]
}

function makeCode(lengths: number[], mayBeSingle: boolean): Code {
  const counts = new Array(16).fill(0)
  const symbols: number[] = []
  for (let length = 1; length < 16; length++) {
    lengths.forEach((one, symbol) => {
      if (one !== length) return
      counts[length]++
      symbols.push(symbol)
    })
  }
  let left = 1
  for (let length = 1; length < 16; length++) {
    left = left * 2 - counts[length]
    if (left < 0) throw new Refusal('INVALID', 'over-subscribed')
  }
  const isSingle = symbols.length === 0 || (symbols.length === 1 && counts[1] === 1)
  if (left > 0 && !(mayBeSingle && isSingle)) throw new Refusal('INVALID', 'incomplete')
  return { counts, symbols }
}

/** Decodes all blocks of `input` that refer to `history` and to themselves; nothing follows but less than 3 bits. */
export function inspect(input: Uint8Array, history: Uint8Array = new Uint8Array(0)): Structure {
  const out: number[] = []
  const found: Found = { blocks: [], distance: 0 }
  try {
    return decode(input, history, out, found)
  } catch (error) {
    if (error instanceof Refusal) {
      error.output = Uint8Array.from(out)
      error.distance = found.distance
      error.blocks = found.blocks
    }
    throw error
  }
}

function decode(input: Uint8Array, history: Uint8Array, out: number[], found: Found): Structure {
  const { blocks } = found
  let position = 0
  const bit = () => {
    if (position >= input.length * 8) throw new Refusal('MORE', 'end of input')
    const value = (input[position >> 3] >> (position & 7)) & 1
    position++
    return value
  }
  const take = (count: number) => {
    let value = 0
    for (let i = 0; i < count; i++) value += bit() * 2 ** i
    return value
  }
  const symbolOf = ({ counts, symbols }: Code) => {
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length < 16; length++) {
      code = code * 2 + bit()
      first *= 2
      if (code < first + counts[length]) return symbols[index + code - first]
      index += counts[length]
      first += counts[length]
    }
    throw new Refusal('INVALID', 'no code')
  }
  const body = (literals: Code, distances: Code) => {
    for (;;) {
      const symbol = symbolOf(literals)
      if (symbol === 256) return
      if (symbol < 256) {
        out.push(symbol)
        continue
      }
      if (symbol > 285) throw new Refusal('INVALID', 'length symbol')
      let length = 258
      if (symbol < 285) {
        const extra = symbol < 265 ? 0 : Math.floor((symbol - 261) / 4)
        let base = 3
        for (let s = 257; s < symbol; s++) base += 2 ** (s < 265 ? 0 : Math.floor((s - 261) / 4))
        length = base + take(extra)
      }
      const far = symbolOf(distances)
      if (far > 29) throw new Refusal('INVALID', 'distance symbol')
      let base = 1
      for (let s = 0; s < far; s++) base += 2 ** (s < 4 ? 0 : (s >> 1) - 1)
      const distance = base + take(far < 4 ? 0 : (far >> 1) - 1)
      if (distance > history.length + out.length) throw new Refusal('INVALID', 'too far back')
      found.distance = Math.max(found.distance, distance)
      for (let i = 0; i < length; i++) {
        const from = out.length - distance
        out.push(from < 0 ? history[history.length + from] : out[from])
      }
    }
  }
  while (input.length * 8 - position >= 3) {
    const isFinal = bit()
    const type = take(2)
    blocks.push(['stored', 'fixed', 'dynamic', 'reserved'][type] + (isFinal ? ' final' : ''))
    if (type === 0) {
      position = (position + 7) & ~7
      const length = take(16)
      if (take(16) !== 65535 - length) throw new Refusal('INVALID', 'stored length')
      for (let i = 0; i < length; i++) out.push(take(8))
    } else if (type === 1) {
      const fill = (count: number, length: number) => new Array(count).fill(length)
      body(
        makeCode([...fill(144, 8), ...fill(112, 9), ...fill(24, 7), ...fill(8, 8)], false),
        makeCode(fill(32, 5), false),
      )
    } else if (type === 2) {
      const literalCount = take(5) + 257
      const distanceCount = take(5) + 1
      const codeCount = take(4) + 4
      if (literalCount > 286 || distanceCount > 30) throw new Refusal('INVALID', 'sizes')
      const codeLengths = new Array(19).fill(0)
      for (let i = 0; i < codeCount; i++) codeLengths[LENGTH_ORDER[i]] = take(3)
      const code = makeCode(codeLengths, false)
      const lengths: number[] = []
      while (lengths.length < literalCount + distanceCount) {
        const symbol = symbolOf(code)
        if (symbol < 16) {
          lengths.push(symbol)
          continue
        }
        if (symbol === 16 && !lengths.length) throw new Refusal('INVALID', 'nothing to repeat')
        const length = symbol === 16 ? lengths[lengths.length - 1] : 0
        const count = symbol === 16 ? 3 + take(2) : symbol === 17 ? 3 + take(3) : 11 + take(7)
        for (let i = 0; i < count; i++) lengths.push(length)
      }
      if (lengths.length > literalCount + distanceCount) throw new Refusal('INVALID', 'repeats')
      if (!lengths[256]) throw new Refusal('INVALID', 'no end of block')
      body(
        makeCode(lengths.slice(0, literalCount), true),
        makeCode(lengths.slice(literalCount), true),
      )
    } else {
      throw new Refusal('INVALID', 'block type')
    }
    // Behind a final block the next one, if any, begins with an octet.
    if (isFinal) position = (position + 7) & ~7
  }
  return {
    output: Uint8Array.from(out),
    blocks,
    distance: found.distance,
    rest: input.length * 8 - position,
  }
}
