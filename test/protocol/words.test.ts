import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Words } from '../../src/protocol/words'

const words = suite('Words')

words(
  'all aligned words of any view, the first of which may begin before it, and none behind it',
  () => {
    for (let offset = 0; offset < 8; offset++) {
      for (let length = 0; length < 24; length++) {
        const bytes = new Uint8Array(new ArrayBuffer(40), offset, length)
        const view = new Words()
        view.over(bytes)
        const how = offset + ', ' + length
        assert.is(view.shift, offset % 4, how)
        assert.is(view.words.length, Math.floor((view.shift + length) / 4), how)
        assert.is(view.words.byteOffset + view.shift, bytes.byteOffset, how)
      }
    }
  },
)

words('the view stays while the array does, and follows another', () => {
  const view = new Words()
  const first = new Uint8Array(16)
  view.over(first)
  const before = view.words
  view.over(first)
  assert.ok(view.words === before)
  const second = new Uint8Array(16).fill(1)
  view.over(second)
  assert.equal([view.words[0], view.words.length], [0x01010101, 4])
  view.over(first)
  assert.equal([view.words[0], view.words.length], [0, 4])
})

words.run()
