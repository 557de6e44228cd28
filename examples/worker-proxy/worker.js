// Stands between browsers and a WebSocket server: adds a header that a browser cannot send, reaches any port, and
// pings the server, so that a connection that has died is noticed.

import { connect } from 'ringlet'

/** What a browser may have sent ahead of the server, in characters or bytes. */
const MOST_WAITING = 1 << 20

export default {
  fetch(request, env) {
    if (request.headers.get('Upgrade') !== 'websocket') {
      return new Response('A WebSocket is expected.\n', { status: 426 })
    }
    const { 0: outer, 1: browser } = new WebSocketPair()
    const { pathname, search } = new URL(request.url)
    // Messages that the server has not taken yet: what a browser sends cannot be held back.
    const waiting = []
    let size = 0

    const pass = (message) =>
      typeof message === 'string'
        ? server.sendText(message)
        : server.sendBinary(new Uint8Array(message))
    const passAll = () => {
      while (waiting.length && pass(waiting[0])) size -= lengthOf(waiting.shift())
    }

    const server = connect(
      env.UPSTREAM + pathname + search,
      {
        onOpen: passAll,
        onWritable: passAll,
        onText: (text) => browser.send(text),
        onBinary: (bytes, start, end) => browser.send(bytes.slice(start, end)),
        onError: (error) => console.log(error.message),
        onClose: (code, reason) => {
          // 1005 and 1006 are told, and never sent.
          if (code === 1005) browser.close()
          else browser.close(code === 1006 ? 1011 : code, reason)
        },
      },
      {
        headers: { Authorization: `Bearer ${env.TOKEN}` },
        pingInterval: +env.PING_INTERVAL,
        pongTimeout: 10000,
      },
    )

    browser.binaryType = 'arraybuffer'
    browser.accept()
    browser.addEventListener('message', ({ data }) => {
      waiting.push(data)
      size += lengthOf(data)
      if (server.readyState === 1) passAll()
      if (size > MOST_WAITING) {
        browser.close(1008, 'too much at once')
        server.abort()
      }
    })
    browser.addEventListener('close', ({ code, reason }) => {
      if (isSendable(code)) server.close(code, reason)
      else server.close()
    })
    return new Response(null, { status: 101, webSocket: outer })
  },
}

function lengthOf(message) {
  return message.length ?? message.byteLength
}

function isSendable(code) {
  return code === 1000 || code === 1001 || (code >= 3000 && code < 5000)
}
