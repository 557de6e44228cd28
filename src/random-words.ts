// Random words from a source that fills arrays: a masking key per frame would be a call of 2 µs or more each,
// so they are drawn from the source many at a time.

/** Returns a function that gives the next of `count` words, drawn by `fill` when they run out. */
export function randomWords(fill: (bytes: Uint8Array) => void, count: number): () => number {
  let words: Int32Array | undefined
  let bytes: Uint8Array
  let next = 0
  return () => {
    if (next === 0) {
      if (!words) {
        words = new Int32Array(count)
        bytes = new Uint8Array(words.buffer)
      }
      fill(bytes)
      next = count
    }
    return words![--next]
  }
}
