// UTF-8, RFC 3629 section 4, checked as it arrives: the first octet that cannot be part of a well-formed
// sequence is found at once, even in the middle of a character. State is carried from span to span.
// Branches, not a table: on the small engines they are up to twice as fast, and there is nothing to preload.

import { Words } from './words'

export class Utf8Validator {
  /**
   * Where within a character the text is: octets missing, and the bounds of the next one, narrower after E0, ED, F0
   * and F4. 0 between two characters: set to that, the next span begins a new text.
   */
  state = 0

  private readonly _view = new Words()

  /**
   * Checks `[start, end)`, `final` with the end of the text. Returns the offset of the first wrong octet, `end` if the
   * text ends within a character, or −1. After either the next span begins a new text.
   */
  findError(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const view = this._view
    view.over(bytes)
    const { words, shift } = view
    let { state } = this
    let missing = state & 255
    let lower = (state >> 8) & 255
    let upper = state >> 16
    let i = start
    while (i < end) {
      const octet = bytes[i]
      if (missing) {
        if (octet < lower || octet > upper) break
        lower = 0x80
        upper = 0xbf
        missing--
      } else if (octet < 0x80) {
        let word = i + shift
        if ((word & 3) === 0) {
          const last = (end + shift) >> 2
          word >>= 2
          while (
            word + 4 <= last &&
            ((words[word] | words[word + 1] | words[word + 2] | words[word + 3]) & 0x80808080) === 0
          ) {
            word += 4
          }
          while (word < last && (words[word] & 0x80808080) === 0) word++
          const next = (word << 2) - shift
          if (next > i) {
            i = next
            continue
          }
        }
      } else {
        if (octet < 0xc2 || octet > 0xf4) break
        missing = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3
        lower = octet === 0xe0 ? 0xa0 : octet === 0xf0 ? 0x90 : 0x80
        upper = octet === 0xed ? 0x9f : octet === 0xf4 ? 0x8f : 0xbf
      }
      i++
    }
    state = missing && missing | (lower << 8) | (upper << 16)
    const isRight = i === end && !(final && state)
    this.state = isRight ? state : 0
    return isRight ? -1 : i
  }
}
