// Vectors for the inflater: a stream, and what comes of it. Windows are of 2^8 octets unless said otherwise, so that
// their end is never far.

import { show, wire } from '../support/wire'
import { bits, type Dynamic, lengthsOf } from './bits'

export interface InflaterVector {
  name: string
  in: Uint8Array
  /** The output, if there is some and all is in order, and how it ended: see `Ending`. */
  log: string[]
  windowBits?: number
}

/** The output as the log shows it. */
const says = (text: string) => show(new TextEncoder().encode(text))

const letters = (count: number) => 'abcdefghijklmnopqrstuvwxyz'.repeat(10).slice(0, count)

/** Matches, made the slow way. */
const copied = (text: string, matches: [number, number][]) =>
  matches.reduce((before, [length, distance]) => {
    const from = before.slice(-distance)
    return before + from.repeat(length).slice(0, length)
  }, text)

const STEPS = [4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 24, 25, 32, 33, 48, 49, 64, 65, 96, 97, 128, 129]
  .concat([192, 193, 256])
  .map((distance): [number, number] => [3, distance])

/** Literals a and b, a match of 3, the end; distances 1 and 2. */
const SMALL: Dynamic = {
  literals: lengthsOf(258, { 97: 2, 98: 2, 256: 2, 257: 2 }),
  distances: [1, 1],
}
const ALMOST: Dynamic = {
  ...SMALL,
  literals: lengthsOf(258, { 97: 2, 98: 2, 256: 2 }),
}
const LONG_CODES = lengthsOf(257, {
  ...Object.fromEntries(Array.from({ length: 14 }, (_, i) => [97 + i, i + 1])),
  111: 15,
  256: 15,
})

export const inflaterVectors: InflaterVector[] = [
  { name: 'nothing', in: wire(''), log: ['whole'] },

  // RFC 7692 section 7.2.3, with the four octets that the sender leaves off put back.
  {
    name: '7.2.3.1: one block',
    in: wire('f2 48 cd c9 c9 07 00 00 00 ff ff'),
    log: ['"Hello"', 'whole'],
  },
  {
    name: '7.2.3.2: the second message of a shared window',
    in: wire('f2 48 cd c9 c9 07 00 00 00 ff ff f2 00 11 00 00 00 00 ff ff'),
    log: ['"HelloHello"', 'whole'],
  },
  {
    name: '7.2.3.3: no compression',
    in: wire('00 05 00 fa ff 48 65 6c 6c 6f 00 00 00 ff ff'),
    log: ['"Hello"', 'whole'],
  },
  {
    name: '7.2.3.4: BFINAL, and an octet more',
    in: wire('f3 48 cd c9 c9 07 00 00 00 00 ff ff'),
    log: ['"Hello"', 'whole'],
  },
  {
    name: '7.2.3.5: two blocks',
    in: wire('f2 48 05 00 00 00 ff ff ca c9 c9 07 00 00 00 ff ff'),
    log: ['"Hello"', 'whole'],
  },

  // Stored blocks, RFC 1951 section 3.2.4.
  { name: 'stored', in: bits().stored('Hello').bytes(), log: ['"Hello"', 'whole'] },
  { name: 'stored, empty', in: bits().stored('').bytes(), log: ['whole'] },
  {
    name: 'stored, the unused bits set',
    in: bits().header(0).align(1).put(1, 16).put(~1, 16).octets('a').bytes(),
    log: ['"a"', 'whole'],
  },
  {
    name: 'stored, of the size of the window',
    in: bits().stored(letters(256)).bytes(),
    log: [says(letters(256)), 'whole'],
  },
  {
    name: 'stored, one octet larger than the window',
    in: bits().stored(new Uint8Array(257)).bytes(),
    log: ['00*257', 'whole'],
  },
  {
    name: 'stored, as large as can be',
    in: bits().stored(new Uint8Array(65535)).bytes(),
    log: ['00*65535', 'whole'],
    windowBits: 15,
  },
  { name: 'stored, wrong complement', in: bits().stored('Hello', 5).bytes(), log: ['invalid'] },
  {
    name: 'stored, one bit of the complement wrong',
    in: bits()
      .stored('Hello', ~5 ^ 0x8000)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'stored after fixed, within an octet',
    in: bits().fixed(['a']).stored('b').fixed(['c']).stored('').bytes(),
    log: ['"abc"', 'whole'],
  },

  // The fixed code, section 3.2.6.
  { name: 'fixed, empty', in: bits().fixed([]).stored('').bytes(), log: ['whole'] },
  {
    name: 'fixed, the first and the last literal of each length',
    in: bits()
      .fixed([Uint8Array.of(0, 143, 144, 255)])
      .stored('')
      .bytes(),
    log: ['00 8f 90 ff', 'whole'],
  },
  {
    name: 'fixed, every length that has no extra bits, and 258',
    in: bits()
      .fixed([
        'a',
        ...[3, 4, 5, 6, 7, 8, 9, 10, 258].map((length): [number, number] => [length, 1]),
      ])
      .stored('')
      .bytes(),
    log: ['61*311', 'whole'],
  },
  {
    name: 'fixed, the lengths around every step of the extra bits',
    in: bits()
      .fixed([
        'a',
        ...[11, 12, 18, 19, 22, 34, 35, 42, 66, 67, 82, 83, 130, 131, 162, 226, 227, 257].map(
          (length): [number, number] => [length, 1],
        ),
      ])
      .stored('')
      .bytes(),
    log: ['61*1625', 'whole'],
  },
  {
    name: 'fixed, 258 as 284 with all extra bits',
    in: bits().fixed(['a', 284], true).put(31, 5).fixedDistance(0).put(0, 7).stored('').bytes(),
    log: ['61*259', 'whole'],
  },
  {
    name: 'fixed, matches that overlap',
    in: bits()
      .fixed(['abc', [7, 3], [3, 1], [4, 2]])
      .stored('')
      .bytes(),
    log: ['"abcabcabcaaaaaaaa"', 'whole'],
  },
  {
    name: 'fixed, the distances around every step, as far as the window goes',
    in: bits()
      .fixed([letters(256), ...STEPS])
      .stored('')
      .bytes(),
    log: [says(copied(letters(256), STEPS)), 'whole'],
  },
  {
    name: 'fixed, symbol 286',
    in: bits().fixed(['a', 286], true).put(0, 24).bytes(),
    log: ['invalid'],
  },
  {
    name: 'fixed, symbol 287',
    in: bits().fixed(['a', 287], true).put(0, 24).bytes(),
    log: ['invalid'],
  },
  {
    name: 'fixed, distance symbol 30',
    in: bits().fixed(['a', 257], true).fixedDistance(30).put(0, 24).bytes(),
    log: ['invalid'],
  },
  {
    name: 'fixed, distance symbol 31',
    in: bits().fixed(['a', 257], true).fixedDistance(31).put(0, 24).bytes(),
    log: ['invalid'],
  },

  // Distances, before the window is full and after.
  {
    name: 'a match before anything',
    in: bits()
      .fixed([[3, 1]])
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'a distance of all that there is',
    in: bits()
      .fixed(['abc', [3, 3]])
      .stored('')
      .bytes(),
    log: ['"abcabc"', 'whole'],
  },
  {
    name: 'a distance of one more than there is',
    in: bits()
      .fixed(['abc', [3, 4]])
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'one more than there is, one octet before the window is full',
    in: bits()
      .fixed([new Uint8Array(255), [3, 256]])
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'the whole window back, when it has just been filled',
    in: bits()
      .fixed(['a', new Uint8Array(255), [3, 256]])
      .stored('')
      .bytes(),
    log: ['61 00*255 61 00 00', 'whole'],
  },
  {
    name: 'the whole window back, in its middle',
    in: bits()
      .fixed([new Uint8Array(100), 'abcdef', new Uint8Array(250), [258, 256]])
      .stored('')
      .bytes(),
    log: ['00*100 61 62 63 64 65 66 00*250 61 62 63 64 65 66 00*250 61 62', 'whole'],
  },
  {
    name: 'one more than the window, when it has just been filled',
    in: bits()
      .fixed([new Uint8Array(256), [3, 257]])
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'one more than the window, long after it has been filled',
    in: bits()
      .fixed([new Uint8Array(1000), [3, 257]])
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'the farthest distance in the largest window',
    in: bits()
      .stored('abc')
      .stored(new Uint8Array(32765))
      .fixed([[3, 32768]])
      .stored('')
      .bytes(),
    log: ['61 62 63 00*32765 61 62 63', 'whole'],
    windowBits: 15,
  },
  {
    name: 'the farthest distance in a window of half the size',
    in: bits()
      .stored(new Uint8Array(40000))
      .fixed([[3, 32768]])
      .bytes(),
    log: ['invalid'],
    windowBits: 14,
  },
  {
    name: 'a match across blocks',
    in: bits()
      .stored('abc')
      .fixed([[3, 3]])
      .dynamic(SMALL, ['a', [3, 2]])
      .stored('')
      .bytes(),
    log: ['"abcabcacac"', 'whole'],
  },

  // Dynamic codes, section 3.2.7.
  {
    name: 'dynamic',
    in: bits()
      .dynamic(SMALL, ['ab', [3, 2]])
      .stored('')
      .bytes(),
    log: ['"ababa"', 'whole'],
  },
  {
    name: 'dynamic, codes of every length up to 15',
    in: bits()
      .dynamic({ literals: LONG_CODES, distances: [0] }, [letters(15)])
      .stored('')
      .bytes(),
    log: ['"abcdefghijklmno"', 'whole'],
  },
  {
    name: 'dynamic, the end alone, of one bit',
    in: bits()
      .dynamic({ literals: lengthsOf(257, { 256: 1 }), distances: [0] }, [])
      .stored('')
      .bytes(),
    log: ['whole'],
  },
  {
    name: 'dynamic, a single distance of one bit',
    in: bits()
      .dynamic({ ...SMALL, distances: [1] }, ['a', [3, 1]])
      .stored('')
      .bytes(),
    log: ['"aaaa"', 'whole'],
  },
  {
    name: 'dynamic, the code that a single distance leaves free',
    in: bits()
      .dynamic({ ...SMALL, distances: [1] }, ['a', 257], true)
      .put(-1, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, a match where there are no distances',
    in: bits()
      .dynamic({ ...SMALL, distances: [0] }, ['a', 257], true)
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, lengths repeated: 16, 17 and 18 at their least and most',
    in: bits()
      .dynamic(
        {
          // 97–100 and 256–259 have 3 bits.
          literals: lengthsOf(260, { 97: 3, 98: 3, 99: 3, 100: 3, 256: 3, 257: 3, 258: 3, 259: 3 }),
          distances: lengthsOf(4, { 0: 2, 1: 2, 2: 2, 3: 2 }),
          code: lengthsOf(19, { 2: 3, 3: 2, 16: 2, 17: 3, 18: 2 }),
          // 86 + 11, four, 138 + 3 + 10 + 4, four, four of two bits.
          symbols: [
            [18, 75],
            [18, 0],
            3,
            [16, 0],
            [18, 127],
            [17, 0],
            [17, 7],
            [17, 1],
            3,
            [16, 0],
            2,
            [16, 0],
          ],
        },
        ['abcd', [4, 4]],
      )
      .stored('')
      .bytes(),
    log: ['"abcdabcd"', 'whole'],
  },
  {
    name: 'dynamic, a repeat from the literals into the distances',
    in: bits()
      .dynamic(
        {
          literals: lengthsOf(258, { 97: 2, 98: 2, 256: 2, 257: 2 }),
          distances: [2, 2, 2, 2],
          code: lengthsOf(19, { 2: 2, 0: 2, 16: 2, 18: 2 }),
          symbols: [[18, 86], 2, 2, [18, 127], [18, 8], 2, 2, [16, 1]],
        },
        ['ab', [3, 2]],
      )
      .stored('')
      .bytes(),
    log: ['"ababa"', 'whole'],
  },
  {
    name: 'dynamic, all 286 lengths and 30 distances',
    in: bits()
      .dynamic(
        {
          literals: Array.from({ length: 286 }, (_, i) => (i < 226 ? 8 : 9)),
          distances: [...new Array(28).fill(5), 4, 4],
        },
        ['ab', [3, 2]],
      )
      .stored('')
      .bytes(),
    log: ['"ababa"', 'whole'],
  },
  {
    name: 'dynamic, then fixed, then dynamic: each has its own code',
    in: bits()
      .dynamic(SMALL, ['ab'])
      .fixed(['ab'])
      .dynamic(SMALL, ['ba'])
      .fixed(['yz'])
      .stored('')
      .bytes(),
    log: ['"ababbayz"', 'whole'],
  },
  {
    name: 'dynamic, HLIT 287',
    in: bits()
      .tables({ ...SMALL, hlit: 30 })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, HDIST 31',
    in: bits()
      .tables({ ...SMALL, hdist: 30 })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, HDIST 32',
    in: bits()
      .tables({ ...SMALL, hdist: 31 })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, no code for the end of the block',
    in: bits()
      .tables({ literals: lengthsOf(257, { 97: 1, 98: 1 }), distances: [1, 1] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, too many literals',
    in: bits()
      .tables({ ...SMALL, literals: lengthsOf(258, { 97: 1, 98: 1, 256: 1 }) })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, too few literals',
    in: bits().tables(ALMOST).put(0, 24).bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, the end alone, of two bits',
    in: bits()
      .tables({ literals: lengthsOf(257, { 256: 2 }), distances: [0] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, too many distances',
    in: bits()
      .tables({ ...SMALL, distances: [1, 1, 1] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, too few distances',
    in: bits()
      .tables({ ...SMALL, distances: [2, 2, 2] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, a single distance of two bits',
    in: bits()
      .tables({ ...SMALL, distances: [2] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, too many lengths of lengths',
    in: bits()
      .tables({ ...SMALL, code: lengthsOf(19, { 0: 1, 1: 1, 2: 1 }), symbols: [] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, too few lengths of lengths',
    in: bits()
      .tables({ ...SMALL, code: lengthsOf(19, { 0: 2, 1: 2, 2: 2 }), symbols: [] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, a single length of lengths',
    in: bits()
      .tables({ ...SMALL, code: lengthsOf(19, { 0: 1 }), symbols: [] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'dynamic, a repeat with nothing before it',
    in: bits()
      .tables({ ...SMALL, code: lengthsOf(19, { 0: 1, 16: 1 }), symbols: [[16, 0]] })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  },
  ...(
    [
      [16, 3],
      [17, 7],
      [18, 127],
    ] as const
  ).map(([symbol, extra]) => ({
    name: 'dynamic, a repeat of ' + symbol + ' beyond the last length',
    in: bits()
      .tables({
        ...SMALL,
        code: lengthsOf(19, { 0: 2, 2: 2, 1: 2, [symbol]: 2 }),
        symbols: [...SMALL.literals, 1, [symbol, extra]],
      })
      .put(0, 24)
      .bytes(),
    log: ['invalid'],
  })),

  // Blocks.
  { name: 'block type 3', in: bits().header(3).put(0, 29).bytes(), log: ['invalid'] },
  {
    name: 'block type 3 in the last three bits',
    in: bits()
      .fixed([Uint8Array.of(200, 200, 200)])
      .header(3)
      .bytes(),
    log: ['invalid'],
  },
  {
    name: 'block type 3 with BFINAL',
    in: bits().final.header(3).put(0, 29).bytes(),
    log: ['invalid'],
  },
  {
    name: 'block type 3 behind a block',
    in: bits().fixed(['a']).header(3).put(0, 29).bytes(),
    log: ['invalid'],
  },
  { name: 'BFINAL, stored', in: bits().final.stored('ab').bytes(), log: ['"ab"', 'final'] },
  { name: 'BFINAL, fixed', in: bits().final.fixed(['ab']).bytes(), log: ['"ab"', 'final'] },
  {
    name: 'BFINAL, dynamic',
    in: bits().final.dynamic(SMALL, ['ab']).bytes(),
    log: ['"ab"', 'final'],
  },
  {
    name: 'BFINAL, with ones in the rest of the octet',
    in: bits().final.fixed(['a']).align(1).bytes(),
    log: ['"a"', 'final'],
  },
  {
    name: 'BFINAL in the middle',
    in: bits().final.fixed(['ab']).align().fixed(['cd']).stored('').bytes(),
    log: ['"abcd"', 'whole'],
  },
  {
    name: 'BFINAL in the middle, with ones in the rest of the octet',
    in: bits()
      .final.fixed(['ab'])
      .align(1)
      .fixed([[4, 2]])
      .stored('')
      .bytes(),
    log: ['"ababab"', 'whole'],
  },
  {
    name: 'BFINAL in every block',
    in: bits()
      .final.fixed(['a'])
      .align()
      .final.stored('b')
      .final.dynamic(SMALL, ['a'])
      .align()
      .final.fixed(['b'])
      .bytes(),
    log: ['"abab"', 'final'],
  },
  {
    name: 'BFINAL, and then half a block',
    in: bits().final.fixed(['a']).align().fixed(['bcd'], true).bytes(),
    log: ['"abcd"', 'more'],
  },
  {
    name: 'many empty blocks',
    in: wire('00 00 00 ff ff '.repeat(200)),
    log: ['whole'],
  },
  {
    name: 'many empty fixed blocks',
    in: Array.from({ length: 500 })
      .reduce((stream: ReturnType<typeof bits>) => stream.fixed([]), bits())
      .stored('')
      .bytes(),
    log: ['whole'],
  },
  {
    name: 'a block without its end',
    in: bits().fixed(['abc'], true).bytes(),
    log: ['"abc"', 'more'],
  },
  {
    name: 'a stored block without its end',
    in: bits().stored('abc').bytes().subarray(0, 7),
    log: ['"ab"', 'more'],
  },
  { name: 'a lone header', in: bits().header(1).bytes(), log: ['more'] },
]
