// UTF-8 by the octets that XS has of a string, against the platform's own.

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { xsEncoder, xsLength } from '../targets/xs-encoder'

const encoder = suite('XS encoder')

/** As XS keeps a string that was put together from `pieces`: halves that meet stay halves. `isOld`: U+0000 is C0 80. */
function octetsOf(pieces: string[], isOld: boolean): ArrayBuffer {
  const octets: number[] = []
  for (const piece of pieces) {
    for (const character of piece) {
      const point = character.codePointAt(0)!
      if (point === 0 && isOld) octets.push(0xc0, 0x80)
      else if (point >= 0xd800 && point < 0xe000) {
        octets.push(0xed, 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
      } else octets.push(...new TextEncoder().encode(character))
    }
  }
  return Uint8Array.from(octets).buffer
}

encoder(
  'encodes as TextEncoder does, however the string came to be, in old and new versions',
  () => {
    const pieces = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.integer({ min: 0xd7ff, max: 0xe000 }).map((unit) => String.fromCharCode(unit)),
        fc.constant('\0'),
      ),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(pieces, fc.boolean(), (list, isOld) => {
        const encode = xsEncoder(() => octetsOf(list, isOld))
        const text = list.join('')
        const expected = [...new TextEncoder().encode(text)]
        assert.equal([...encode(text)], expected)
        assert.is(xsLength(() => octetsOf(list, isOld))(text), expected.length)
      }),
      { numRuns: 2000 },
    )
  },
)

encoder('a text after one with half a character is begun anew', () => {
  const encode = xsEncoder((text) => octetsOf([text], true))
  assert.equal([...encode('\ud83d')], [0xef, 0xbf, 0xbd])
  assert.equal([...encode('ü')], [0xc3, 0xbc])
})

encoder.run()
