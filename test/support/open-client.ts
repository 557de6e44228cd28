// An open Client over a transport in memory that takes all that it is given, at once. Nothing in here allocates per
// message, so that what a measurement finds is the Client's.

import { Buffer } from 'node:buffer'
import { Client, type ClientOptions, type Handlers } from '../../src/client'
import { endpointOf } from '../../src/endpoint'
import type { Platform } from '../../src/platform'
import { SAMPLE_NONCE, testPlatform } from './platform'

export interface OpenClient {
  client: Client
  /** The peer sends this, in pieces as large as there is room for. */
  receive(bytes: Uint8Array): void
  /** Octets written so far. */
  sent(): number
  /** Runs what was deferred: the end of a turn. */
  turn(): void
}

/** `native`: in place of the platform's functions in JavaScript. `extensions`: what the server answers. */
export function openClient(
  handlers: Handlers,
  options: ClientOptions = {},
  native: Partial<Platform> = {},
  extensions = '',
): OpenClient {
  // One callback at a time is deferred; an array would allocate.
  let deferred: (() => void) | undefined
  const platform: Platform = {
    ...testPlatform(SAMPLE_NONCE),
    defer(callback) {
      if (deferred) throw new Error('two callbacks are deferred')
      deferred = callback
    },
    ...native,
  }
  const client = new Client(endpointOf(new URL('ws://localhost/')), handlers, options, platform)
  let sent = 0
  client.start({
    write(_bytes, start, end) {
      sent += end - start
      client.onWritten(end - start)
    },
    pause() {},
    resume() {},
    end() {},
    abort() {},
  })
  client.onConnected()
  const receive = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(client.makeRoom(), bytes.length - at)
      const { bytes: memory, end } = client.receiveRing
      for (let i = 0; i < count; i++) memory[end + i] = bytes[at + i]
      client.onReceived(count)
      at += count
    }
  }
  receive(
    Buffer.from(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        (extensions && 'Sec-WebSocket-Extensions: ' + extensions + '\r\n') +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    ),
  )
  if (client.readyState !== 1) throw new Error('the handshake has failed')
  return {
    client,
    receive,
    sent: () => sent,
    turn() {
      const callback = deferred
      deferred = undefined
      if (callback) callback()
    },
  }
}
