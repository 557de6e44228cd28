// Masking, RFC 6455 section 5.3: octet i of the payload is XORed with octet i mod 4 of the masking key.
// Copying into the send ring and masking are one pass.

import { Words } from './words'

/** Below this, the set-up costs more than the words save. */
const SHORT = 48

const isLittleEndian = new Uint8Array(new Int32Array([1]).buffer)[0] === 1

/** Keeps a view of the last target, and of the last source: forget it to let go of the caller's array. */
export class Mask {
  private readonly _targetView = new Words()
  private readonly _sourceView = new Words()

  /**
   * Writes `[start, end)` of `source`, masked, to `target` at `at`. The key is the four octets directly before
   * `at`, where every masked frame has it. `source` may be `target`, if `start` is `at`.
   */
  copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
    /** What to add to an offset in the target to get the offset in the source. */
    const toSource = start - at
    const stop = end - toSource
    let i = at
    if (stop - at > SHORT && isLittleEndian) {
      if (toSource && end - start === source.length) {
        target.set(source, at)
        return this.copy(target, at, stop, target, at)
      }
      const { _targetView: to } = this
      const from = source === target ? to : this._sourceView
      to.over(target)
      from.over(source)
      const toWords = to.words
      const fromWords = from.words
      while ((i + to.shift) & 3)
        target[i] = source[i + toSource] ^ target[at - 4 + ((i++ - at) & 3)]
      let keyWord = 0
      for (let j = i + 4; j-- > i; ) keyWord = (keyWord << 8) | target[at - 4 + ((j - at) & 3)]
      const origin = i + toSource + from.shift
      const right = (origin & 3) << 3
      let next = origin >> 2
      let word = (i + to.shift) >> 2
      const last = (stop + to.shift) >> 2
      if (right === 0) {
        while (word < last) toWords[word++] = fromWords[next++] ^ keyWord
      } else {
        // The source lies askew: each word is put together from two.
        const left = 32 - right
        const full = Math.min(last, word + fromWords.length - 1 - next)
        let low = fromWords[next]
        while (word < full) {
          const high = fromWords[++next]
          toWords[word++] = ((low >>> right) | (high << left)) ^ keyWord
          low = high
        }
      }
      i = (word << 2) - to.shift
    }
    for (; i < stop; i++) target[i] = source[i + toSource] ^ target[at - 4 + ((i - at) & 3)]
  }
}
