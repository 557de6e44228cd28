// A server that sends what no good server sends: it answers the handshake, and then writes what it is told.

import { createHash } from 'node:crypto'
import net from 'node:net'

export interface RawServer {
  url: string
  close(): void
}

/** `answer` is the value of Sec-WebSocket-Extensions, '' for none; `play` is called once the handshake is done. */
export async function rawServer(
  answer: string,
  play: (socket: net.Socket) => void,
): Promise<RawServer> {
  const server = net.createServer((socket) => {
    let head = ''
    socket.on('error', () => {})
    const read = (chunk: Buffer) => {
      head += chunk.toString('latin1')
      if (head.indexOf('\r\n\r\n') < 0) return
      socket.off('data', read)
      const key = /Sec-WebSocket-Key: (\S+)/i.exec(head)![1]
      const accept = createHash('sha1')
        .update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
        .digest('base64')
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          (answer && 'Sec-WebSocket-Extensions: ' + answer + '\r\n') +
          'Sec-WebSocket-Accept: ' +
          accept +
          '\r\n\r\n',
      )
      socket.resume()
      play(socket)
    }
    socket.on('data', read)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: 'ws://127.0.0.1:' + (server.address() as net.AddressInfo).port,
    close: () => server.close(),
  }
}
