// What a text may consist of, without a regular expression: in Moddable's SDK 8.2.3 each use of one takes memory for good.

/** Whether each character of `text` is allowed. `bounds`, in order: where what is allowed begins, and where it has ended. */
export function consistsOf(text: string, bounds: string): boolean {
  for (const character of text) {
    let bound = 0
    while (character >= bounds[bound]) bound++
    if (bound % 2 === 0) return false
  }
  return true
}
