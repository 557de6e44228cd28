import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeHeader, headerLength } from '../../src/protocol/frame-encoder'
import { show } from '../support/wire'

const encoder = suite('encodeHeader')

interface HeaderVector {
  name: string
  firstOctet: number
  length: number
  key: number
  out: string
}

const vectors: HeaderVector[] = [
  { name: 'an empty frame', firstOctet: 0x82, length: 0, key: 0, out: '82 80 00 00 00 00' },
  {
    name: "section 5.7's masked text message",
    firstOctet: 0x81,
    length: 5,
    key: 0x37fa213d,
    out: '81 85 37 fa 21 3d',
  },
  { name: 'without FIN', firstOctet: 0x01, length: 1, key: 1, out: '01 81 00 00 00 01' },
  {
    name: 'a key with its high bit set',
    firstOctet: 0x8a,
    length: 0,
    key: -2,
    out: '8a 80 ff ff ff fe',
  },
  { name: 'RSV1', firstOctet: 0xc1, length: 2, key: 0x01020304, out: 'c1 82 01 02 03 04' },
  { name: '125', firstOctet: 0x82, length: 125, key: 0x01020304, out: '82 fd 01 02 03 04' },
  { name: '126', firstOctet: 0x82, length: 126, key: 0x01020304, out: '82 fe 00 7e 01 02 03 04' },
  { name: '127', firstOctet: 0x82, length: 127, key: 0x01020304, out: '82 fe 00 7f 01 02 03 04' },
  {
    name: '65535',
    firstOctet: 0x82,
    length: 65535,
    key: 0x01020304,
    out: '82 fe ff ff 01 02 03 04',
  },
  {
    name: '65536',
    firstOctet: 0x82,
    length: 65536,
    key: 0x01020304,
    out: '82 ff 00 00 00 00 00 01 00 00 01 02 03 04',
  },
  {
    name: '2^31 − 1',
    firstOctet: 0x80,
    length: 0x7fffffff,
    key: 0x01020304,
    out: '80 ff 00 00 00 00 7f ff ff ff 01 02 03 04',
  },
  {
    name: '2^32 − 1, above which no buffer reaches',
    firstOctet: 0x80,
    length: 0xffffffff,
    key: 0x01020304,
    out: '80 ff 00 00 00 00 ff ff ff ff 01 02 03 04',
  },
]

for (const { name, firstOctet, length, key, out } of vectors) {
  encoder(name, () => {
    for (let at = 0; at < 20; at++) {
      // What lies there before does not matter, and what lies around it stays.
      const bytes = new Uint8Array(40).fill(0xee)
      const next = encodeHeader(bytes, at, firstOctet, length, key)
      const hex = Array.from(bytes.subarray(at, next), (octet) =>
        octet.toString(16).padStart(2, '0'),
      )
      assert.equal([hex.join(' '), next - at], [out, headerLength(length)])
      assert.is(show(bytes.slice(0, at)), show(new Uint8Array(at).fill(0xee)))
      assert.is(show(bytes.slice(next)), show(new Uint8Array(40 - next).fill(0xee)))
    }
  })
}

encoder.run()
