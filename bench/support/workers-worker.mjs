// The Worker of bench/workers.mjs: receives `count` messages of `size` bytes, `way` by `way`. The answer says how many
// bytes came.
//
//   bare        one buffer, read again and again, and nothing done with what comes
//   fragments   Ringlet in fragment mode
//   messages    Ringlet, whole messages

import { connect as connectSocket } from 'cloudflare:sockets'
import { connect } from '../../dist/workers.js'

const BUFFER = 65536

/** The loop that a client cannot do without. */
async function bare({ host, port, path, size, count }) {
  const socket = connectSocket({ hostname: host, port })
  const writer = socket.writable.getWriter()
  const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`
  await writer.write(new TextEncoder().encode(head))
  const reader = socket.readable.getReader({ mode: 'byob' })
  const total = count * (size + (size < 126 ? 2 : size < 65536 ? 4 : 10))
  let memory = new Uint8Array(BUFFER)
  let octets = 0
  while (octets < total) {
    const { value } = await reader.read(memory)
    octets += value.length
    memory = new Uint8Array(value.buffer)
  }
  await socket.close()
  return octets
}

function ringlet(handlersFor) {
  return ({ host, port, path, count }) =>
    new Promise((resolve, reject) => {
      let octets = 0
      let messages = 0
      const heard = (length, isWhole, socket) => {
        octets += length
        if (isWhole && ++messages === count) {
          resolve(octets)
          socket.abort()
        }
      }
      connect(
        `ws://${host}:${port}${path}`,
        { ...handlersFor(heard), onError: reject },
        { receiveBuffer: BUFFER },
      )
    })
}

const WAYS = {
  bare,
  fragments: ringlet((heard) => ({
    onFragment: (_bytes, start, end, _kind, final, socket) => heard(end - start, final, socket),
  })),
  messages: ringlet((heard) => ({
    onBinary: (_bytes, start, end, socket) => heard(end - start, true, socket),
  })),
}

export default {
  async fetch(request) {
    const job = await request.json()
    return new Response(`${await WAYS[job.way](job)}\n`)
  },
}
