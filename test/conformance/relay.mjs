// Stands between the client and kosoku 0.1.0, which does not read while it writes a message. A client that sends
// a message back as it comes, and stops reading while nobody takes what it sends, would wait for a server that
// waits for it, as soon as the kernel's buffers on both ways are full: with 8 MiB and more. The relay takes all
// that the server writes, and holds the client back as a network does.

import net from 'node:net'

/** Relays to `url`; resolves to the URL to use in its place. */
export function startRelay(url) {
  const { hostname, port } = new URL(url)
  const relay = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = net.connect({ host: hostname, port: +port, allowHalfOpen: true, noDelay: true })
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ]) {
      socket.on('error', () => {})
      socket.on('close', (hadError) => {
        // What came before a reset is not worth more than the reset.
        if (hadError) other.resetAndDestroy()
        else other.end()
      })
    }
    client.pipe(server)
    server.on('data', (chunk) => client.write(chunk))
    server.on('end', () => client.end())
  })
  return new Promise((resolve, reject) => {
    relay.on('error', reject)
    relay.listen(0, '127.0.0.1', () => {
      // It ends with the process, and does not keep it.
      relay.unref()
      resolve(`ws://127.0.0.1:${relay.address().port}`)
    })
  })
}
