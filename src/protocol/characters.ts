// Which characters a text may have, without a regular expression: in Moddable's SDK 8.2.3 each use of one takes memory for
// good.

/** Whether `text` is a token, RFC 9110 section 5.6.2: a header's name or a subprotocol. */
export function isToken(text: string): boolean {
  return !!text && consistsOf(text, '!"#(*,-/0:A[^{|}~\x7f')
}

/** Whether each character of `text` is allowed. `bounds`, in order: where what is allowed begins, and where it has ended. */
export function consistsOf(text: string, bounds: string): boolean {
  // As an object: in XS each look into a string that is none makes one, of two slots.
  const list: string = Object(bounds)
  for (const character of text) {
    let bound = 0
    while (character >= list[bound]) bound++
    if (!(bound & 1)) return false
  }
  return true
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t'
}

/** `text` without the optional white space around it, RFC 9110 section 5.6.3: space and tab, and nothing else. */
export function trim(text: string): string {
  let start = 0
  let end = text.length
  while (isBlank(text[start])) start++
  while (isBlank(text[end - 1])) end--
  return text.slice(start, end)
}
