// Masking by a host's own XOR, against masking in JavaScript.

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Mask } from '../src/protocol/mask'
import { maskWith } from '../targets/xor-mask'

const masking = suite('XOR mask')

/** Moddable's `Logical`, which knows `count` or does not. */
function logical(knowsCount: boolean) {
  return {
    calls: 0,
    xor(target: Uint8Array, key: Uint8Array, count: number) {
      this.calls++
      const stop = knowsCount ? count : target.length
      for (let i = 0; i < stop; i++) target[i] ^= key[i % key.length]
    },
  }
}

masking('writes what Mask writes, and leaves all else as it was', () => {
  const arrays = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  const ways = fc.record({
    ring: arrays(600),
    source: arrays(300),
    at: fc.integer({ min: 4, max: 300 }),
    start: fc.nat(20),
    length: fc.nat(280),
    isWhole: fc.boolean(),
    isThere: fc.boolean(),
  })
  let usedNatively = 0
  fc.assert(
    fc.property(ways, ({ ring, source, at, start, length, isWhole, isThere }) => {
      const native = logical(true)
      const mask = new (maskWith(native))()
      native.calls = 0
      const expected = ring.slice()
      const from = isWhole ? source.slice(start, start + length) : source
      const [first, end] = isWhole ? [0, length] : [start, start + length]
      if (isThere) {
        new Mask().copy(expected, at, at + length, expected, at)
        mask.copy(ring, at, at + length, ring, at)
      } else {
        new Mask().copy(from, first, end, expected, at)
        mask.copy(from, first, end, ring, at)
      }
      usedNatively += native.calls
      assert.equal([...ring], [...expected])
    }),
    { numRuns: 500 },
  )
  assert.ok(usedNatively > 100)
})

masking('a host that does not keep to the count masks in JavaScript', () => {
  assert.is(maskWith(logical(false)), Mask)
})

masking.run()
