// Bytes as the catalogue and its peers show and make them. Plain JavaScript: it runs in every runtime under test.

const DIGITS = '0123456789abcdef'

/** `[start, end)` in hexadecimal digits. */
export function toHex(bytes, start = 0, end = bytes.length) {
  let text = ''
  for (let i = start; i < end; i++) text += DIGITS[bytes[i] >> 4] + DIGITS[bytes[i] & 15]
  return text
}

/** The bytes of hexadecimal digits; spaces between them do not count. */
export function fromHex(text) {
  const digits = text.split(' ').join('')
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** Units encoded at once: XS counts from the start of a string to reach one of its characters. */
const PIECE = 256

/** UTF-8, for engines without a TextEncoder. There are no lone surrogates in what it is given. */
export function utf8(text) {
  const { length } = text
  const bytes = new Uint8Array(4 * length)
  let at = 0
  for (let from = 0; from < length; ) {
    const piece = text.slice(from, from + PIECE)
    for (let i = 0; i < piece.length; i++, from++) {
      let code = piece.charCodeAt(i)
      if (code >= 0xd800 && code < 0xdc00) {
        code = 0x10000 + ((code & 0x3ff) << 10) + (text.charCodeAt(++from) & 0x3ff)
        i++
      }
      if (code < 0x80) {
        bytes[at++] = code
      } else {
        if (code < 0x800) {
          bytes[at++] = 0xc0 | (code >> 6)
        } else {
          if (code < 0x10000) {
            bytes[at++] = 0xe0 | (code >> 12)
          } else {
            bytes[at++] = 0xf0 | (code >> 18)
            bytes[at++] = 0x80 | ((code >> 12) & 63)
          }
          bytes[at++] = 0x80 | ((code >> 6) & 63)
        }
        bytes[at++] = 0x80 | (code & 63)
      }
    }
  }
  return bytes.slice(0, at)
}

/** Writes bytes `offset` and following of an endless pattern, which repeats too late to hide a lost piece. */
export function fillPattern(bytes, offset = 0) {
  for (let i = 0; i < bytes.length; i++) {
    const at = offset + i
    bytes[i] = at * 7 + (at >> 8) * 13 + (at >> 16) * 31
  }
  return bytes
}

/** A checksum that can be taken span by span: Adler-32. */
export class Checksum {
  constructor() {
    this.length = 0
    this.low = 1
    this.high = 0
  }

  add(bytes, start = 0, end = bytes.length) {
    let { low, high } = this
    for (let i = start; i < end; ) {
      // So many steps cannot overflow 32 bits.
      const stop = Math.min(end, i + 3800)
      while (i < stop) {
        low += bytes[i++]
        high += low
      }
      low %= 65521
      high %= 65521
    }
    this.low = low
    this.high = high
    this.length += end - start
    return this
  }

  /** Such as `65536 bytes, sum 1f2e3d4c`. */
  toString() {
    const { low, high } = this
    const sum = toHex([high >> 8, high & 255, low >> 8, low & 255])
    return this.length + ' bytes, sum ' + sum
  }
}

/** What a log shows of bytes: all of a few, a checksum of many. */
export function showBytes(bytes, start = 0, end = bytes.length) {
  return end - start > 40
    ? '' + new Checksum().add(bytes, start, end)
    : toHex(bytes, start, end) || 'empty'
}

/** What a log shows of a text. */
export function showText(text) {
  return text.length > 60
    ? text.length + ' units, ' + new Checksum().add(utf8(text))
    : '"' + text + '"'
}
