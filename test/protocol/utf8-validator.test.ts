import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Utf8Validator } from '../../src/protocol/utf8-validator'
import { expectLog } from '../support/log'
import { arrivals } from '../support/pieces'
import { wire } from '../support/wire'
import { utf8Vectors } from '../vectors/utf8-validator'

const utf8 = suite('Utf8Validator')

/** What the validator says of `input`, in pieces of `sizes`, `offset` octets into a larger array. */
function check(
  validator: Utf8Validator,
  input: Uint8Array,
  sizes: number[],
  offset: number,
): string {
  // Around the span stand octets that must not be looked at.
  const memory = new Uint8Array(offset + input.length + 9).fill(0xff)
  memory.set(input, offset)
  let at = 0
  let piece = 0
  while (at < input.length) {
    const end = Math.min(input.length, at + sizes[piece])
    if (piece < sizes.length - 1) piece++
    const wrong = validator.findError(memory, offset + at, offset + end, false)
    if (wrong >= 0) return 'wrong @' + (wrong - offset)
    at = end
  }
  // The end of the text, told by itself: as where the last fragment is empty.
  const end = offset + input.length
  const wrong = validator.findError(memory, end, end, true)
  assert.ok(wrong === -1 || wrong === end)
  return wrong < 0 ? 'complete' : 'incomplete'
}

for (const { name, in: text, log } of utf8Vectors) {
  const input = wire(text)
  utf8(name + ': ' + text, () => {
    // One validator for all: after an error, or the end, nothing of the text before is left.
    const validator = new Utf8Validator()
    for (const { name: how, sizes, offset } of arrivals(input.length, 32)) {
      expectLog([check(validator, input, sizes, offset)], [log], how)
    }
  })
}

utf8('every character is valid, every surrogate is not', () => {
  const validator = new Utf8Validator()
  const bytes = new Uint8Array(4)
  const wrong: number[] = []
  const encode = (code: number) => {
    let length = 1
    if (code < 0x80) bytes[0] = code
    else if (code < 0x800) {
      bytes[0] = 0xc0 | (code >> 6)
      length = 2
    } else if (code < 0x10000) {
      bytes[0] = 0xe0 | (code >> 12)
      length = 3
    } else {
      bytes[0] = 0xf0 | (code >> 18)
      length = 4
    }
    for (let i = 1; i < length; i++) bytes[i] = 0x80 | ((code >> (6 * (length - 1 - i))) & 63)
    return length
  }
  for (let code = 0; code < 0x120000; code++) {
    const length = encode(code)
    const isValid = validator.findError(bytes, 0, length, true) < 0
    if (isValid !== (code < 0x110000 && (code < 0xd800 || code > 0xdfff))) wrong.push(code)
  }
  assert.equal(wrong, [])
})

utf8('every sequence of two octets, against TextDecoder', () => {
  const validator = new Utf8Validator()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const bytes = new Uint8Array(2)
  const wrong: string[] = []
  for (let i = 0; i < 65536; i++) {
    bytes[0] = i >> 8
    bytes[1] = i
    let isValid = true
    try {
      decoder.decode(bytes)
    } catch {
      isValid = false
    }
    if (validator.findError(bytes, 0, 2, true) < 0 !== isValid) {
      wrong.push(i.toString(16))
    }
  }
  assert.equal(wrong, [])
})

utf8.run()
