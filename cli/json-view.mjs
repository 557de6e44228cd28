// What happens, as a line of JSON each.

const base64 = (bytes, start, end) => Buffer.from(bytes.subarray(start, end)).toString('base64')

export function jsonView(url, write) {
  const tell = (event, rest) => write(JSON.stringify({ event, ...rest }) + '\n')
  const tellBytes = (event) => (bytes, start, end) =>
    tell(event, { base64: base64(bytes, start, end) })
  return {
    onOpen: ({ protocol, extensions }) => tell('open', { url, protocol, extensions }),
    onText: (text) => tell('text', { text }),
    onBinary: tellBytes('binary'),
    onPing: tellBytes('ping'),
    onPong: tellBytes('pong'),
    onError: ({ id, code, offset, status }, message) =>
      tell('error', { id, message, code, offset, status }),
    onClose: (code, reason, wasClean) => tell('close', { code, reason, wasClean }),
  }
}
