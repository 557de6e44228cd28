// What a pipe or a file gets: the messages and nothing else, as they come, of any size. Text messages end with a line end,
// unless the output is binary. All else is for standard error.

const LF = 10

export function streamView({ isBinary, showsPings }, write, note) {
  const describe = (name) => (bytes, start, end) => {
    if (showsPings) note(`${name}, ${end - start} bytes`)
  }
  return {
    onFragment(bytes, start, end, kind, final) {
      const hasLineEnd = final && !isBinary
      // A copy: the stream keeps what it gets until it is written.
      const copy = Buffer.allocUnsafe(end - start + (hasLineEnd ? 1 : 0))
      copy.set(bytes.subarray(start, end))
      if (hasLineEnd) copy[end - start] = LF
      if (copy.length) write(copy)
    },
    onPing: describe('ping'),
    onPong: describe('pong'),
    onError: (error, text) => note(text),
    onClose(code, reason, wasClean, isNews) {
      if (isNews) note(`closed with ${code}${reason && ': ' + reason}`)
    },
  }
}
