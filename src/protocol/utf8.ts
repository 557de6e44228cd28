// UTF-8 to and from strings, RFC 3629 section 3, for targets that lack it. A string is read by UTF-16 code units, or
// by code points on engines whose strings are made of them (Moddable's device builds): both are right here.

/** Octets that `text` takes in UTF-8; a lone surrogate counts as U+FFFD, 3. */
export function utf8Length(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    length += unit < 0x80 ? 1 : unit < 0x800 ? 2 : unit > 0xffff ? 4 : 3
    // A pair of surrogates takes 4: the second one adds to the 3 of the first.
    if (isPair(text, i, unit)) {
      length++
      i++
    }
  }
  return length
}

/** Writes `text` at `at`, lone surrogates as U+FFFD. There is room. */
export function utf8Write(text: string, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i)
    if (point < 0x80) {
      bytes[at++] = point
      continue
    }
    if (isPair(text, i, point)) {
      point = (point << 10) + text.charCodeAt(++i) - 0x35fdc00
    } else if (point >= 0xd800 && point < 0xe000) {
      point = 0xfffd
    }
    if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6)
    } else {
      if (point < 0x10000) {
        bytes[at++] = 0xe0 | (point >> 12)
      } else {
        bytes[at++] = 0xf0 | (point >> 18)
        bytes[at++] = 0x80 | ((point >> 12) & 63)
      }
      bytes[at++] = 0x80 | ((point >> 6) & 63)
    }
    bytes[at++] = 0x80 | (point & 63)
  }
}

/** Characters put together at once: where strings are copied when they grow, one by one would be quadratic. */
const RUN = 256

/** The text of well-formed UTF-8. */
export function utf8Read(bytes: Uint8Array, start: number, end: number): string {
  const pieces: string[] = []
  while (start < end) {
    const points: number[] = []
    while (start < end && points.length < RUN) {
      const octet = bytes[start++]
      let missing = octet < 0xc0 ? 0 : octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3
      let point = missing ? octet & (0x3f >> missing) : octet
      while (missing--) point = (point << 6) | (bytes[start++] & 63)
      points.push(point)
    }
    pieces.push(String.fromCodePoint(...points))
  }
  return pieces.join('')
}

function isPair(text: string, i: number, unit: number): boolean {
  return (unit & ~0x3ff) === 0xd800 && (text.charCodeAt(i + 1) & ~0x3ff) === 0xdc00
}
