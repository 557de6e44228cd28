// UTF-8, RFC 3629 section 4, checked as it arrives: the first octet that cannot be part of a well-formed
// sequence is found at once, even in the middle of a character. State is carried from span to span.
// Branches, not a table: on the small engines they are up to twice as fast, and there is nothing to preload.

import { Words } from './words'

export class Utf8Validator {
  private readonly _view = new Words()
  /** Continuation octets that the current character still needs. */
  private _missing = 0
  /** Bounds of the next continuation octet: narrower after E0, ED, F0 and F4. */
  private _lower = 0
  private _upper = 0

  /** Checks `[start, end)`; returns the offset of the first wrong octet, or `end`. */
  validate(bytes: Uint8Array, start: number, end: number): number {
    const view = this._view
    view.over(bytes)
    const { words, shift } = view
    let missing = this._missing
    let lower = this._lower
    let upper = this._upper
    let i = start
    while (i < end) {
      const octet = bytes[i]
      if (missing) {
        if (octet < lower || octet > upper) break
        lower = 0x80
        upper = 0xbf
        missing--
      } else if (octet < 0x80) {
        if (((i - shift) & 3) === 0) {
          let word = (i - shift) >> 2
          const last = (end - shift) >> 2
          while (
            word + 4 <= last &&
            ((words[word] | words[word + 1] | words[word + 2] | words[word + 3]) & 0x80808080) === 0
          ) {
            word += 4
          }
          while (word < last && (words[word] & 0x80808080) === 0) word++
          const next = (word << 2) + shift
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
    this._missing = missing
    this._lower = lower
    this._upper = upper
    return i
  }

  /**
   * Checks `[start, end)`, `final` with the end of the text. Returns the offset of the first wrong octet, `end` if the
   * text ends within a character, or −1. After an error the next span begins a new text.
   */
  findError(bytes: Uint8Array, start: number, end: number, final: boolean): number {
    const checked = this.validate(bytes, start, end)
    if (checked === end && (!final || this.isComplete())) return -1
    this.reset()
    return checked
  }

  /** Whether what was checked so far ends with a whole character. */
  isComplete(): boolean {
    return this._missing === 0
  }

  /** Goes on from where `other` is. */
  copy(other: Utf8Validator): void {
    this._missing = other._missing
    this._lower = other._lower
    this._upper = other._upper
  }

  /** Forgets an unfinished character: the next span begins a new text. */
  reset(): void {
    this._missing = 0
  }
}
