// Servers that mean harm. Each says what a client must make of it, in whole-message mode with a limit of 1 MiB, and in
// fragment mode without one:
//
//   about       what it does
//   run         does it, with a `Peer`
//   whole, fragments   what must come of it: the errors, or the close code, that may end it; 'endless' where the server
//               breaks no rule and no limit, so that it may go on for ever, in bounded memory
//   window      the window that the client asks for; without it no compression is offered
//   closes      the client closes as soon as it is open
//   most        octets that are needed to tell that it goes on for ever, if more than for others

import { createHash } from 'node:crypto'
import { constants, deflateRawSync } from 'node:zlib'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const sleep = (delay) => new Promise((done) => setTimeout(done, delay))
const hex = (text) => Buffer.from(text.replace(/ /g, ''), 'hex')
const times = (bytes, size = 65536) => Buffer.alloc(size - (size % bytes.length), bytes)

/** A frame of a server. */
function frame(first, payload) {
  const { length } = payload
  const header =
    length < 126
      ? Buffer.from([first, length])
      : Buffer.alloc(length < 65536 ? 4 : 10, Buffer.from([first, length < 65536 ? 126 : 127]))
  if (length > 65535) header.writeBigUInt64BE(BigInt(length), 2)
  else if (length > 125) header.writeUInt16BE(length, 2)
  return Buffer.concat([header, payload])
}

/** The server's side of one connection, after the client's request. */
class Peer {
  constructor(socket, request) {
    this.socket = socket
    const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1]
    this.accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64')
  }

  /** The response head, with further lines. */
  head(...lines) {
    return Buffer.from(
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${this.accept}`,
        ...lines,
        '',
        '',
      ].join('\r\n'),
    )
  }

  /** Resolves when the network has taken it, or the connection is over. */
  send(bytes) {
    const { socket } = this
    if (socket.destroyed) return
    return new Promise((done) => {
      const over = () => {
        socket.off('close', over)
        done()
      }
      socket.on('close', over)
      socket.write(bytes, over)
    })
  }

  /** The same again, until the client has gone. */
  async flood(bytes) {
    while (!this.socket.destroyed) await this.send(bytes)
  }
}

const open =
  (bytes, isDeaf = false) =>
  async (peer) => {
    if (isDeaf) peer.socket.pause()
    await peer.send(peer.head())
    await peer.flood(bytes)
  }
const say =
  (bytes, ...lines) =>
  (peer) =>
    peer.send(Buffer.concat([peer.head(...lines), bytes]))
const both = (...outcomes) => ({ whole: outcomes, fragments: outcomes })

export const HOSTILE = {
  'accepts and never speaks': { run() {}, ...both('HANDSHAKE_TIMEOUT') },
  'opens and never speaks': { run: say(Buffer.alloc(0)), ...both('IDLE_TIMEOUT') },
  'an endless head': {
    run: async (peer) => {
      await peer.send(Buffer.from('HTTP/1.1 101 Switching Protocols\r\n'))
      await peer.flood(times(Buffer.from(`X-Filler: ${'a'.repeat(100)}\r\n`)))
    },
    ...both('RESPONSE_TOO_BIG'),
  },
  'a status line that never ends': {
    run: (peer) => peer.flood(times(Buffer.from('HTTP/1.1 101 '), 65536)),
    ...both('RESPONSE_TOO_BIG'),
  },
  'a head, one octet at a time': {
    run: async (peer) => {
      for (const octet of peer.head(`X-Filler: ${'a'.repeat(5000)}`)) {
        if (peer.socket.destroyed) return
        await peer.send(Buffer.from([octet]))
        await sleep(20)
      }
    },
    ...both('HANDSHAKE_TIMEOUT'),
  },
  '3,000 header fields of one name': {
    run: (peer) => peer.send(peer.head(...new Array(3000).fill('A:'))),
    ...both('IDLE_TIMEOUT'),
  },
  '100,000 header fields': {
    run: (peer) => peer.send(peer.head(...new Array(100000).fill('').map((_, i) => `H${i}: a`))),
    ...both('RESPONSE_TOO_BIG'),
  },
  '200 with an endless body': {
    run: async (peer) => {
      await peer.send(Buffer.from('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'))
      await peer.flood(times(Buffer.from('a')))
    },
    ...both('BAD_STATUS'),
  },
  '101 with Content-Length and a body': {
    run: say(Buffer.alloc(1000, 'A'), 'Content-Length: 1000'),
    ...both('RESERVED_BITS'),
  },
  '101 with Transfer-Encoding and a body': {
    run: say(Buffer.from('5\r\nhello\r\n0\r\n\r\n'), 'Transfer-Encoding: chunked'),
    ...both('RESERVED_BITS'),
  },
  'a length of 2^63 − 1': { run: say(hex('827f7fffffffffffffff')), ...both('FRAME_TOO_BIG') },
  'a length of 2^64 − 1': { run: say(hex('827fffffffffffffffff')), ...both('LENGTH_SIGN_BIT') },
  'a frame of 2^53 − 1 octets, sent': {
    run: async (peer) => {
      await peer.send(Buffer.concat([peer.head(), hex('827f001fffffffffffff')]))
      await peer.flood(Buffer.alloc(65536))
    },
    whole: ['MESSAGE_TOO_BIG'],
    fragments: ['endless'],
  },
  'an endless message, an octet in each frame': {
    run: async (peer) => {
      await peer.send(Buffer.concat([peer.head(), hex('020100')]))
      await peer.flood(times(hex('000100'), 65535))
    },
    whole: ['MESSAGE_TOO_BIG'],
    fragments: ['endless'],
  },
  'endless empty fragments': {
    run: async (peer) => {
      await peer.send(Buffer.concat([peer.head(), hex('0200')]))
      await peer.flood(times(hex('0000')))
    },
    ...both('TOO_MANY_FRAGMENTS'),
  },
  'empty messages without end': { run: open(times(hex('8200'))), ...both('endless') },
  'a ping flood': { run: open(times(hex('8900'))), ...both('TOO_MANY_CONTROL_FRAMES', 'endless') },
  'a ping flood, and reads no pong': {
    run: open(times(Buffer.concat([hex('897d'), Buffer.alloc(125)])), true),
    // Until the network holds no more pongs.
    most: 64 << 20,
    ...both('IDLE_TIMEOUT'),
  },
  'a pong flood': { run: open(times(hex('8a00'))), ...both('TOO_MANY_CONTROL_FRAMES', 'endless') },
  'a close flood': { run: open(times(hex('880203e8'))), ...both(1000) },
  'messages without end behind its Close frame': {
    run: async (peer) => {
      await peer.send(Buffer.concat([peer.head(), hex('880203e8')]))
      await peer.flood(times(hex('820100'), 65535))
    },
    ...both(1000),
  },
  'never ends TCP': { run: say(hex('880203e8')), ...both(1000) },
  'never answers a Close frame': {
    run: say(Buffer.alloc(0)),
    closes: true,
    ...both('CLOSE_TIMEOUT'),
  },
  'sends without end instead of a Close frame': {
    run: open(times(hex('820100'), 65535)),
    closes: true,
    ...both('CLOSE_TIMEOUT'),
  },
  'an extension that was not asked for': {
    run: say(Buffer.alloc(0), 'Sec-WebSocket-Extensions: permessage-deflate'),
    ...both('BAD_EXTENSIONS'),
  },
  'no context kept, it says, and refers to it': {
    window: 15,
    run: (peer) => {
      // One stream of zlib's, cut in two messages: the second refers to the first.
      const text = Buffer.from('the same text twice, that it may be referred to')
      const first = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH })
      const both = deflateRawSync(text, { dictionary: text, finishFlush: constants.Z_SYNC_FLUSH })
      const extension =
        'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; server_max_window_bits=15'
      return say(
        Buffer.concat([first, both].map((one) => frame(0xc1, one.subarray(0, -4)))),
        extension,
      )(peer)
    },
    ...both('INVALID_DEFLATE'),
  },
  'a window of 2^9, it says, and refers further back': {
    window: 9,
    run: (peer) => {
      const piece = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 73 + (i >> 3)) & 255))
      const filler = Buffer.from(Array.from({ length: 700 }, (_, i) => (i * i * 31) & 255))
      const bytes = Buffer.concat([piece, filler, piece])
      return say(
        frame(0xc2, deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)),
        'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9',
      )(peer)
    },
    ...both('INVALID_DEFLATE'),
  },
  'compressed blocks without contents, without end': {
    window: 15,
    run: async (peer) => {
      const head = peer.head(
        'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=15',
      )
      await peer.send(Buffer.concat([head, frame(0x42, hex('000000ffff'))]))
      await peer.flood(times(frame(0, times(hex('000000ffff'), 16380)), 163840))
    },
    whole: ['MESSAGE_TOO_BIG'],
    fragments: ['endless'],
  },
}
for (const [value, why] of [
  ['16', 'too large'],
  ['7', 'too small'],
  ['08', 'not as it must be written'],
]) {
  HOSTILE[`a window of 2^${value}, ${why}`] = {
    window: 15,
    run: say(
      Buffer.alloc(0),
      `Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=${value}`,
    ),
    ...both('BAD_EXTENSIONS'),
  }
}
/**
 * A message of so many MiB of zeros, and a Close frame. Every distance in it is 1, so it fits into any window. Each MiB ends
 * at a whole octet, so that it can be said again; the last one without the four octets that a sender leaves off.
 */
function bombOf(count) {
  const mebibyte = deflateRawSync(Buffer.alloc(1 << 20), {
    windowBits: 9,
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  const all = Buffer.concat(new Array(count).fill(mebibyte))
  return Buffer.concat([frame(0xc2, all.subarray(0, -4)), hex('880203e8')])
}

let bomb
for (let window = 8; window <= 15; window++) {
  HOSTILE[`a deflate bomb of 64 MiB, window of 2^${window}`] = {
    window,
    run(peer) {
      bomb ??= bombOf(64)
      const extension = `permessage-deflate; server_max_window_bits=${window}`
      return say(bomb, `Sec-WebSocket-Extensions: ${extension}`)(peer)
    },
    whole: ['MESSAGE_TOO_BIG'],
    fragments: [1000],
  }
}

/** Plays one of them to a client that has just connected. */
export function meetClient(socket, { run }) {
  let request = ''
  socket.on('error', () => {})
  const onData = (chunk) => {
    request += chunk.toString('latin1')
    if (request.indexOf('\r\n\r\n') < 0) return
    socket.off('data', onData)
    // What the client sends is read, unless the server is one that does not; its end is not answered.
    socket.resume()
    run(new Peer(socket, request))
  }
  socket.on('data', onData)
}
