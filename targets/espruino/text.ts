// Text on Espruino, RFC 3629. Bytes are strings here, of characters 0 to 255: what comes from the network does, and
// native calls on strings are a hundred times faster than a loop over an array.
//
// Two kinds of builds: on most boards a string is bytes and nothing else, and a text is its UTF-8. On Bangle.js and
// Linux a string may be of characters.

import { TYPE_ERROR, misuse } from './misuse'

const HIGH = /[\x80-\xff]/

/** Whether strings are made of characters. */
export const hasCharacters = E.isUTF8('\u20ac')

/** What is carried from piece to piece; nothing of it at the beginning. */
export interface TextState {
  /** Bytes that the current character still needs, and the bounds of the next one. */
  _missing?: number
  _lower?: number
  _upper?: number
  /** Whether any byte was above 127. */
  _isHigh?: boolean
}

/** Offset of the first byte of the piece that cannot be of a well-formed text; its length if the text ends within a
 * character; or −1. */
export function wrongByte(state: TextState, piece: string, isLast: boolean): number {
  if (!state._missing && !HIGH.test(piece)) return -1
  const { length } = piece
  state._isHigh = true
  let end = 0
  for (let i = 0; i < length; i++) {
    if (!state._missing && !end) {
      // All but an unfinished character at the end, by native calls: what is well-formed goes, and no high byte stays.
      // The first two bytes of four become the first of three, and the first two of three the first of two. The
      // expressions are no constants: those would take 44 JsVars for good, and text that is not ASCII may never come.
      end = length - 1
      while (end > i && (piece.charCodeAt(end) & 0xc0) === 0x80) end--
      if (
        !HIGH.test(
          piece
            .substring(i, end)
            .replace(/\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f]/g, '\xe1')
            .replace(/\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f]/g, '\xc2')
            .replace(/[\xc2-\xdf][\x80-\xbf]/g, ''),
        )
      ) {
        i = end
      }
    }
    const byte = piece.charCodeAt(i)
    if (state._missing) {
      if (byte < state._lower! || byte > state._upper!) return i
      state._lower = 0x80
      state._upper = 0xbf
      state._missing--
    } else if (byte > 127) {
      if (byte < 0xc2 || byte > 0xf4) return i
      state._missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3
      state._lower = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80
      state._upper = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf
    }
  }
  return isLast && state._missing ? length : -1
}

/** The UTF-8 of a text. Throws if it is none: where strings are made of bytes, or of characters joined to half of one. */
export function bytesOf(text: string): string {
  const isUTF8 = E.isUTF8(text)
  if (!isUTF8 && !HIGH.test(text)) return text
  const bytes = isUTF8
    ? E.fromUTF8(text)
    : hasCharacters
      ? // By hand: Espruino, where it joins such a string to characters, leaves U+0080 to U+00BF the octet that they were.
        text.replace(/[\x80-\xff]/g, (character) => {
          const code = character.charCodeAt(0)
          return E.toString(192 | (code >> 6), code & 191)
        })
      : text
  const wrong = wrongByte({}, bytes, true)
  if (wrong >= 0) misuse(TYPE_ERROR, 'BAD_TEXT', 'byte ' + wrong)
  return bytes
}
