import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Mask } from '../../src/protocol/mask'
import { show, wire } from '../support/wire'
import { maskVectors } from '../vectors/mask'

const masks = suite('Mask')

/** The octets of a text that does not repeat itself soon. */
function varied(length: number): Uint8Array {
  let state = 12345
  return Uint8Array.from(
    { length },
    () => (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16,
  )
}

for (const { name, key, in: input, out } of maskVectors) {
  masks(name, () => {
    const source = wire(input)
    const expected = show(wire(out))
    const mask = new Mask()
    for (let at = 4; at < 40; at++) {
      for (let start = 0; start < 6; start++) {
        const target = new Uint8Array(at + source.length + 8)
        target.set(wire(key), at - 4)
        const memory = new Uint8Array(start + source.length + 5)
        memory.set(source, start)
        mask.copy(memory, start, start + source.length, target, at)
        assert.is(show(target, at, at + source.length), expected, 'from ' + start + ' to ' + at)
      }
      const target = new Uint8Array(at + source.length)
      target.set(wire(key), at - 4)
      target.set(source, at)
      mask.copy(target, at, at + source.length, target, at)
      assert.is(show(target, at), expected, 'in place at ' + at)
    }
  })
}

/**
 * Masks `[start, start + length)` of a view that begins `sourceOffset` octets into its buffer, and fails unless
 * a plain loop gives the same, with nothing written beside the payload.
 */
function compare(
  mask: Mask,
  length: number,
  start: number,
  sourceOffset: number,
  at: number,
  targetOffset: number,
  tail: number,
): void {
  const source = new Uint8Array(varied(sourceOffset + start + length + tail).buffer, sourceOffset)
  const target = new Uint8Array(varied(targetOffset + at + length + tail + 3).buffer, targetOffset)
  const sourceBefore = source.slice()
  const expected = target.slice()
  for (let i = 0; i < length; i++) expected[at + i] = source[start + i] ^ target[at - 4 + (i & 3)]
  mask.copy(source, start, start + length, target, at)
  let isEqual = true
  for (let i = 0; i < target.length; i++) if (target[i] !== expected[i]) isEqual = false
  for (let i = 0; i < source.length; i++) if (source[i] !== sourceBefore[i]) isEqual = false
  if (!isEqual) {
    const how = { length, start, sourceOffset, at, targetOffset, tail }
    assert.equal(Array.from(target), Array.from(expected), JSON.stringify(how))
    assert.equal(source, sourceBefore, 'the source has changed: ' + JSON.stringify(how))
  }
}

masks('every length to 200, at every alignment of source and target, is as by a plain loop', () => {
  const mask = new Mask()
  for (let length = 0; length <= 200; length++) {
    for (let sourceOffset = 0; sourceOffset < 4; sourceOffset++) {
      for (let targetOffset = 0; targetOffset < 4; targetOffset++) {
        for (let start = 0; start < 4; start++) {
          for (let at = 4; at < 8; at++) {
            compare(mask, length, start, sourceOffset, at, targetOffset, (start + at) % 3)
          }
        }
      }
    }
  }
})

masks('in place, every length to 200 at every alignment', () => {
  const mask = new Mask()
  for (let length = 0; length <= 200; length++) {
    for (let offset = 0; offset < 4; offset++) {
      for (let at = 4; at < 12; at++) {
        const target = new Uint8Array(varied(offset + at + length + (at % 3)).buffer, offset)
        const expected = target.slice()
        for (let i = 0; i < length; i++) expected[at + i] ^= target[at - 4 + (i & 3)]
        mask.copy(target, at, at + length, target, at)
        assert.equal(target, expected, JSON.stringify({ length, offset, at }))
      }
    }
  }
})

masks('a source and a target that are views of one buffer, side by side', () => {
  const mask = new Mask()
  for (let length = 0; length < 120; length++) {
    for (let shift = 0; shift < 4; shift++) {
      const { buffer } = varied(2 * length + 16)
      const source = new Uint8Array(buffer, shift, length)
      const target = new Uint8Array(buffer, shift + length)
      const expected = source.map((octet, i) => octet ^ target[i & 3])
      mask.copy(source, 0, length, target, 4)
      assert.equal(target.slice(4, 4 + length), expected, length + ' at ' + shift)
    }
  }
})

masks('one Mask follows from array to array', () => {
  const mask = new Mask()
  for (let round = 0; round < 50; round++) {
    compare(mask, 60 + round, round % 5, round % 4, 4 + (round % 7), (round >> 2) % 4, round % 2)
  }
})

masks('large payloads', () => {
  const mask = new Mask()
  for (const length of [1000, 4096, 65536, 100003]) {
    for (let shift = 0; shift < 4; shift++) compare(mask, length, shift, 0, 8 - shift, 0, shift)
  }
})

masks.run()
