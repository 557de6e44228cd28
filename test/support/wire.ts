// Bytes as text, in the vectors and in the logs: octets in hexadecimal, ASCII in quotes, `61*5` for a run.

/** `81 05 "Hello" 00*3` → the octets. Text in quotes may use escapes of JSON, and is written in UTF-8. */
export function wire(text: string): Uint8Array {
  const octets: number[] = []
  const token = /\s*(?:("(?:[^"\\]|\\.)*")|([0-9a-f]{2})(?:\*(\d+))?)\s*/gy
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const found = token.exec(text)
    if (!found) throw new Error('not a vector at ' + at + ': ' + text)
    if (found[1]) {
      for (const octet of new TextEncoder().encode(JSON.parse(found[1]))) octets.push(octet)
    } else {
      for (let i = Number(found[3] || 1); i > 0; i--) octets.push(parseInt(found[2], 16))
    }
  }
  return Uint8Array.from(octets)
}

/** The inverse of `wire`: quoted if it is short and printable ASCII, else in hexadecimal, runs cut short. */
export function show(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let isText = end - start <= 60
  for (let i = start; i < end; i++) if (bytes[i] < 32 || bytes[i] > 126) isText = false
  if (isText) {
    let text = ''
    for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i])
    return JSON.stringify(text)
  }
  const parts: string[] = []
  for (let i = start; i < end; ) {
    let next = i
    while (next < end && bytes[next] === bytes[i]) next++
    if (next - i < 8) next = i + 1
    const octet = bytes[i].toString(16).padStart(2, '0')
    parts.push(next - i > 1 ? octet + '*' + (next - i) : octet)
    i = next
  }
  return parts.join(' ')
}
