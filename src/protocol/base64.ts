// Base64, RFC 4648 section 4, for targets that lack it.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

export function base64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2]
    const left = bytes.length - i
    text +=
      ALPHABET[group >> 18] +
      ALPHABET[(group >> 12) & 63] +
      (left > 1 ? ALPHABET[(group >> 6) & 63] : '=') +
      (left > 2 ? ALPHABET[group & 63] : '=')
  }
  return text
}
