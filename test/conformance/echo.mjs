// The client's part of Autobahn's protocol: connect, send back every message as it came, until the server closes.
// Free of any platform but timers, so that every target runs the same client.
//
// What arrives is valid during the callback only, and may not fit in the send ring. Then it is copied, reading
// pauses, and `onWritable` goes on with it: nothing is lost, nothing overtakes, and at most one read is kept.

export const RING = 4096

/** Pieces of at most half the send ring: they are copied into it, and two of them leave in one write. */
const PIECE = RING / 2

const LARGEST_MESSAGE = 16 * 1024 * 1024

/** Each mode: its options, and the handlers that hand what arrives to `send`, which may refuse it. */
const modes = {
  fragment: {
    options: { receiveBuffer: RING, sendBuffer: RING },
    handlers: (deliver) => ({
      onFragment(bytes, start, end, kind, final, socket) {
        const arrived = copyOf(bytes, start, end)
        let from = 0
        deliver(socket, () => {
          do {
            const to = Math.min(from + PIECE, arrived.length)
            if (!socket.sendFragment(arrived, from, to, kind, final && to === arrived.length)) {
              return false
            }
            from = to
          } while (from < arrived.length)
          return true
        })
      },
    }),
  },
  whole: {
    options: { receiveBuffer: RING, sendBuffer: RING, maxMessageSize: LARGEST_MESSAGE },
    handlers: (deliver) => ({
      onText(text, socket) {
        deliver(socket, () => socket.sendText(text))
      },
      // The socket keeps a message that is larger than its ring: it must not change until then.
      onBinary(bytes, start, end, socket) {
        const arrived = copyOf(bytes, start, end)
        deliver(socket, () => socket.sendBinary(arrived))
      },
    }),
  },
}

export const modeNames = Object.keys(modes)

/** A copy: `slice` would do, were it not for Node's Buffer, whose `slice` copies nothing. */
function copyOf(bytes, start, end) {
  return new Uint8Array(bytes.subarray(start, end))
}

/**
 * Runs one case; resolves when the connection has ended, with how many messages or fragments were delivered,
 * what `onError` said, and whether `limit` milliseconds had passed.
 */
export function runCase(connect, url, { mode, limit, extensions = [] }) {
  return new Promise((resolve) => {
    const outcome = { delivered: 0, error: '', isTimedOut: false }
    const waiting = []
    let isOver = false
    const deliver = (socket, send) => {
      if (isOver) throw new Error('a message came after onClose')
      outcome.delivered++
      if (waiting.length || !send()) {
        waiting.push(send)
        socket.pause()
      }
    }
    const socket = connect(
      url,
      {
        ...modes[mode].handlers(deliver),
        onWritable(socket) {
          while (waiting.length) {
            if (!waiting[0]()) return
            waiting.shift()
          }
          socket.resume()
        },
        onError(error) {
          outcome.error = error.message
        },
        onClose() {
          if (isOver) throw new Error('onClose came twice')
          isOver = true
          clearTimeout(timer)
          resolve(outcome)
        },
      },
      { ...modes[mode].options, extensions },
    )
    const timer = setTimeout(() => {
      outcome.isTimedOut = true
      socket.abort()
    }, limit)
  })
}

/** What one of the server's pages says: its messages, put together. */
export function ask(connect, url) {
  return new Promise((resolve, reject) => {
    let answer = ''
    let failure
    connect(
      url,
      {
        onText(text) {
          answer += text
        },
        onError(error) {
          failure = error
        },
        onClose() {
          if (failure) reject(failure)
          else resolve(answer)
        },
      },
      // The original suite writes its reports before it answers.
      { handshakeTimeout: 60000, closeTimeout: 60000 },
    )
  })
}
