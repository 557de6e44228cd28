// SHA-1, FIPS 180-4 section 6.1, of a short text: for targets without a native call that answers at once.
// It is what the handshake proves that the server speaks WebSocket with, not a means of security.

/** SHA-1 of a text of ASCII characters: 20 octets. */
export function sha1(text: string): Uint8Array {
  const blocks = ((text.length + 8) >> 6) + 1
  const message = new Uint8Array(blocks * 64)
  for (let i = 0; i < text.length; i++) message[i] = text.charCodeAt(i)
  message[text.length] = 0x80
  const bitLength = text.length * 8
  for (let i = 0; i < 4; i++) message[message.length - 1 - i] = bitLength >> (8 * i)
  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]
  const schedule = new Int32Array(80)
  for (let block = 0; block < blocks; block++) {
    let [a, b, c, d, e] = hash
    for (let t = 0; t < 80; t++) {
      if (t < 16) {
        const at = block * 64 + t * 4
        schedule[t] =
          (message[at] << 24) | (message[at + 1] << 16) | (message[at + 2] << 8) | message[at + 3]
      } else {
        schedule[t] = rotate(
          schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16],
          1,
        )
      }
      const next =
        rotate(a, 5) +
        e +
        schedule[t] +
        (t < 20
          ? ((b & c) | (~b & d)) + 0x5a827999
          : t < 40
            ? (b ^ c ^ d) + 0x6ed9eba1
            : t < 60
              ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
              : (b ^ c ^ d) + 0xca62c1d6)
      e = d
      d = c
      c = rotate(b, 30)
      b = a
      a = next | 0
    }
    hash[0] += a
    hash[1] += b
    hash[2] += c
    hash[3] += d
    hash[4] += e
  }
  const digest = new Uint8Array(20)
  for (let i = 0; i < 20; i++) digest[i] = hash[i >> 2] >> (24 - 8 * (i & 3))
  return digest
}

function rotate(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count))
}
