// UTF-8 of a string by what XS has built in, `ArrayBuffer.fromString`: it copies the octets that the string is made of. XS
// reaches a character by counting from the string's start, and makes objects on the way, so this is faster at any length.
//
// Those octets are not always UTF-8, RFC 3629: a surrogate by itself is three octets, two halves that met by chance are six,
// and in older versions U+0000 is C0 80.

import { Utf8Validator } from '../src/protocol/utf8-validator'

/** Makes a function that encodes a text, lone surrogates as U+FFFD, into memory of its own. */
export function xsEncoder(fromString: (text: string) => ArrayBuffer): (text: string) => Uint8Array {
  const validator = new Utf8Validator()
  return (text) => {
    const bytes = new Uint8Array(fromString(text))
    return validator.findError(bytes, 0, bytes.length, true) < 0 ? bytes : repaired(bytes)
  }
}

/** Makes a function that says how many octets the encoder's would be, without the encoder. */
export function xsLength(fromString: (text: string) => ArrayBuffer): (text: string) => number {
  return (text) => {
    const bytes = new Uint8Array(fromString(text))
    let { length } = bytes
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] === 0xc0) length--
      else if (isPair(bytes, i)) length -= 2
    }
    return length
  }
}

/** Whether two halves of a character begin at `at`, three octets each. */
function isPair(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at] === 0xed &&
    (bytes[at + 1] & 0xf0) === 0xa0 &&
    bytes[at + 3] === 0xed &&
    bytes[at + 4] > 0xaf
  )
}

function repaired(bytes: Uint8Array): Uint8Array {
  let from = 0
  let to = 0
  while (from < bytes.length) {
    const octet = bytes[from]
    const second = bytes[from + 1]
    if (octet === 0xc0) {
      bytes[to++] = 0
      from += 2
    } else if (octet === 0xed && second > 0x9f) {
      const hasHalves = isPair(bytes, from)
      const point = hasHalves
        ? 0x10000 +
          ((second & 15) << 16) +
          ((bytes[from + 2] & 63) << 10) +
          ((bytes[from + 4] & 15) << 6) +
          (bytes[from + 5] & 63)
        : 0xfffd
      if (hasHalves) bytes[to++] = 0xf0 | (point >> 18)
      bytes[to++] = hasHalves ? 0x80 | ((point >> 12) & 63) : 0xef
      bytes[to++] = 0x80 | ((point >> 6) & 63)
      bytes[to++] = 0x80 | (point & 63)
      from += hasHalves ? 6 : 3
    } else {
      bytes[to++] = bytes[from++]
    }
  }
  return bytes.subarray(0, to)
}
