// UTF-8 in JavaScript, against the platform's own.

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { utf8Length, utf8Read, utf8Write } from '../../src/protocol/utf8'

const utf8 = suite('UTF-8')

const anyText = fc.string({ unit: 'binary', maxLength: 2000 })

function written(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text) + 2).fill(7)
  utf8Write(text, bytes, 1)
  assert.is(bytes[0] + bytes[bytes.length - 1], 14, 'nothing beside it')
  return bytes.subarray(1, -1)
}

utf8('writes what TextEncoder writes, lone surrogates as U+FFFD', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 600 })
  fc.assert(
    fc.property(
      fc.oneof(
        anyText,
        units.map((list) => String.fromCharCode(...list)),
      ),
      (text) => {
        assert.equal([...written(text)], [...new TextEncoder().encode(text)])
      },
    ),
    { numRuns: 500 },
  )
})

utf8('reads what it has written, a byte order mark and U+0000 too', () => {
  fc.assert(
    fc.property(anyText, fc.nat(5), (text, offset) => {
      const encoded = new TextEncoder().encode(text)
      const bytes = new Uint8Array(encoded.length + 2 * offset).fill(0xff)
      bytes.set(encoded, offset)
      assert.is(utf8Read(bytes, offset, offset + encoded.length), text)
    }),
    { numRuns: 500 },
  )
  assert.is(utf8Read(new Uint8Array([0xef, 0xbb, 0xbf, 0]), 0, 4), '\ufeff\0')
})

utf8('knows where each length of a character begins and ends', () => {
  const points = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000]
  for (const point of [...points, 0xfffd, 0xffff, 0x10000, 0x10ffff]) {
    const text = String.fromCodePoint(point)
    const expected = new TextEncoder().encode(text)
    assert.equal([...written(text)], [...expected], point.toString(16))
    const read = new TextDecoder('utf-8', { ignoreBOM: true }).decode(expected)
    assert.is(utf8Read(expected, 0, expected.length), read, point.toString(16))
  }
})

utf8('where strings are made of code points, one above U+FFFF takes four octets', () => {
  // Such an engine's string, as far as the length is concerned.
  const text = { length: 3, charCodeAt: (i: number) => [0xffff, 0x10000, 0x10ffff][i] }
  assert.is(utf8Length(text as string), 11)
})

utf8('reads every length of character on the seam of its pieces', () => {
  for (const character of ['a', 'ü', '環', '😀']) {
    for (let before = 250; before < 260; before++) {
      const text = 'x'.repeat(before) + character.repeat(300)
      const bytes = new TextEncoder().encode(text)
      assert.is(utf8Read(bytes, 0, bytes.length), text)
    }
  }
})

utf8.run()
