import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Huffman, NEEDS_MORE, NO_CODE } from '../../src/deflate/huffman'
import { lengthsOf } from './bits'
import { randomFrom, seedOf } from './random'

const huffman = suite('Huffman')

/** The code that has `lengths`, or undefined where there is none. */
function build(lengths: number[], mayBeSingle = false): Huffman | undefined {
  const code = new Huffman(lengths.length)
  // Not at the beginning, so that the offset counts.
  const all = Uint8Array.from([9, 9, ...lengths, 9])
  return code.build(all, 2, 2 + lengths.length, mayBeSingle) ? code : undefined
}

/** What `text`, the first bit first, is: a symbol and how many bits it took. */
function find(code: Huffman, text: string): string {
  let hold = 0
  Array.from(text).forEach((bit, i) => (hold |= Number(bit) << i))
  const entry = code.find(hold, text.length)
  if (entry === NEEDS_MORE) return 'more'
  if (entry === NO_CODE) return 'none'
  return (entry >> 4) + ' in ' + (entry & 15)
}

huffman("finds RFC 1951's example, section 3.2.2", () => {
  const code = build([3, 3, 3, 3, 3, 2, 4, 4])!
  const codes = ['010', '011', '100', '101', '110', '00', '1110', '1111']
  codes.forEach((bits, symbol) => {
    assert.is(find(code, bits), symbol + ' in ' + bits.length)
    assert.is(find(code, bits + '1011001'), symbol + ' in ' + bits.length)
    for (let length = 0; length < bits.length; length++) {
      assert.is(find(code, bits.slice(0, length)), 'more', bits + ' cut at ' + length)
    }
  })
})

huffman('finds codes of every length, looked up or counted', () => {
  const lengths = [...Array.from({ length: 14 }, (_, i) => i + 1), 15, 15]
  const code = build(lengths)!
  lengths.forEach((length, symbol) => {
    const bits = symbol === 15 ? '1'.repeat(15) : '1'.repeat(length - 1) + '0'
    assert.is(find(code, bits), symbol + ' in ' + length)
    assert.is(find(code, bits + '0000000000'), symbol + ' in ' + length)
    for (let cut = 0; cut < length; cut++) assert.is(find(code, bits.slice(0, cut)), 'more')
  })
})

huffman('refuses too many codes, and too few', () => {
  const refused = [[1, 1, 1], [1, 2, 2, 2], [2, 2, 2], [1], [], [0, 0], [2], [15], [1, 2], [1, 15]]
  refused.push(new Array(288).fill(8), new Array(20).fill(15))
  // One code too few, of the longest; and one too many.
  const deep = Array.from({ length: 15 }, (_, i) => i + 1)
  refused.push(deep, [...deep, 15, 15])
  for (const lengths of refused) assert.is(build(lengths), undefined, lengths.join())
  for (const lengths of [[1, 1], [2, 2, 2, 2], [1, 2, 2], new Array(256).fill(8)]) {
    assert.ok(build(lengths), lengths.join())
  }
})

huffman('lets there be none, or a single one of one bit, where that may be', () => {
  const single = build([0, 0, 1, 0], true)!
  assert.is(find(single, '0'), '2 in 1')
  assert.is(find(single, '1'.repeat(14)), 'more')
  assert.is(find(single, '1'.repeat(15)), 'none')
  assert.is(find(build([0, 0], true)!, '0'.repeat(15)), 'none')
  for (const lengths of [[2], [1, 2], [0, 3], [2, 2], [1, 1, 1], [15]]) {
    assert.is(build(lengths, true), undefined, lengths.join())
  }
})

huffman('forgets the code before', () => {
  const code = new Huffman(288)
  assert.ok(code.build(Uint8Array.from(lengthsOf(288, { 7: 1, 8: 2, 9: 2 })), 0, 288, false))
  assert.ok(code.build(Uint8Array.of(1), 0, 1, true))
  assert.is(find(code, '0'), '0 in 1')
  assert.is(find(code, '1'.repeat(15)), 'none')
})

huffman('finds every symbol of random codes', () => {
  const random = randomFrom(seedOf('Huffman'))
  for (let round = 0; round < 300; round++) {
    // A leaf of a tree is split until there are enough.
    const leaves = [1, 1]
    for (let tries = random(280); tries > 0; tries--) {
      const at = random(leaves.length)
      if (leaves[at] === 15) continue
      leaves[at]++
      leaves.push(leaves[at])
    }
    const code = build(leaves)
    assert.ok(code)
    const order = leaves.map((length, symbol) => ({ length, symbol }))
    order.sort((a, b) => a.length - b.length || a.symbol - b.symbol)
    let value = 0
    let before = 0
    for (const { length, symbol } of order) {
      value *= 2 ** (length - before)
      before = length
      const bits = value.toString(2).padStart(length, '0')
      assert.is(find(code!, bits + '010110'), symbol + ' in ' + length)
      assert.is(find(code!, bits.slice(0, -1)), 'more')
      value++
    }
  }
})

huffman.run()
