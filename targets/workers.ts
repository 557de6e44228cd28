// Cloudflare Workers: `connect()` of `cloudflare:sockets`. One buffer goes back and forth between the receive ring
// and the runtime, which detaches it during a read; writes are awaited, for that is the only backpressure there is.
// Nothing here touches the network, the clock or randomness when it is imported: Workers forbid that.

import { connect as connectSocket } from 'cloudflare:sockets'
import { Client, type ClientOptions, type Handlers, type Socket } from '../src/client'
import { type Endpoint, endpointOf } from '../src/endpoint'
import type { Platform } from '../src/platform'
import { ownProperties } from '../src/protocol/own-properties'
import { sha1 } from '../src/protocol/sha1'
import { utf8Length } from '../src/protocol/utf8'
import { randomWords } from '../src/random-words'
import type { Transport } from '../src/transport'
import { parseUrl } from './parse-url'

export type { ClientOptions, Handlers, Socket } from '../src/client'
export type { Extension } from '../src/protocol/extension'
export type { Kind } from '../src/protocol/opcode'
export type { RingletError } from '../src/protocol/protocol-error'

/** One write of more than 64 KiB breaks the connection in production. */
const LARGEST_WRITE = 65536
/**
 * Reads and writes that end at once let no timer and no other socket have its turn; after so many of them one
 * is given. Less often, and a busy peer would hold off every deadline; more often, and it would cost throughput.
 */
const YIELD_AFTER = 64

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

const platform: Platform = {
  randomWord: randomWords((bytes) => crypto.getRandomValues(bytes), 256),
  sha1,
  base64: (bytes) => btoa(String.fromCharCode(...bytes)),
  utf8Length,
  utf8Write: (text, bytes, at) => encoder.encodeInto(text, bytes.subarray(at)),
  utf8Read: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  setTimer: (callback, delay) => setTimeout(callback, delay),
  clearTimer: (timer) => clearTimeout(timer as number),
  defer: (callback) => queueMicrotask(callback),
  reportError(error) {
    queueMicrotask(() => {
      throw error
    })
  },
}

/**
 * Connects to `url` (`ws:` or `wss:`), within a handler, and returns the socket at once; `onOpen` or `onError`
 * follows. Throws at a bad URL or option.
 */
export function connect(
  url: string | URL,
  handlers?: Handlers,
  options: ClientOptions = {},
): Socket {
  const endpoint = endpointOf(parseUrl(url))
  const own = ownProperties(options)
  const client = new Client(endpoint, handlers, own, platform)
  const isCallers = own.receiveBuffer instanceof Uint8Array
  client.start(
    new WorkersTransport(client, endpoint, isCallers ? client.receiveRing.bytes : undefined),
  )
  return client
}

class WorkersTransport implements Transport {
  private readonly _socket: ReturnType<typeof connectSocket>
  private readonly _reader: ReadableStreamBYOBReader
  private readonly _writer: WritableStreamDefaultWriter<Uint8Array>
  private _isPaused = false
  private _isReading = false
  /** Reads and writes so far. */
  private _turns = 0
  /** In place of the caller's memory: a read would take all of its ArrayBuffer away from the caller. */
  private _readBuffer: Uint8Array | undefined

  constructor(
    private readonly _client: Client,
    { isSecure, hostname, port }: Endpoint,
    private readonly _callersMemory: Uint8Array | undefined,
  ) {
    const socket = (this._socket = connectSocket(
      { hostname: hostname.indexOf(':') < 0 ? hostname : '[' + hostname + ']', port },
      { secureTransport: isSecure ? 'on' : 'off', allowHalfOpen: false },
    ))
    this._reader = socket.readable.getReader({ mode: 'byob' })
    this._writer = socket.writable.getWriter()
    // A failure is told by the read or the write that meets it.
    socket.closed.catch(ignore)
    this._reader.closed.catch(ignore)
    this._writer.closed.catch(ignore)
    socket.opened.then(
      () => {
        _client.onConnected()
        this.resume()
      },
      // The runtime has one message for all of it.
      (cause) =>
        this._fail(
          new Error(
            'no ' +
              (isSecure ? 'TLS' : 'TCP') +
              ' connection to ' +
              hostname +
              ' port ' +
              port +
              ': unknown, refused, blocked or not trusted (' +
              cause +
              ')',
            { cause },
          ),
        ),
    )
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    const { _client: client } = this
    const count = Math.min(end - start, LARGEST_WRITE)
    this._writer
      .write(bytes.subarray(start, start + count))
      .then(() => this._turn())
      .then(
        () => client.onWritten(count),
        (error) => this._fail(error),
      )
  }

  pause(): void {
    this._isPaused = true
  }

  resume(): void {
    this._isPaused = false
    this._read().catch((error) => this._fail(error))
  }

  end(): void {
    this._writer.close().catch(ignore)
  }

  abort(): void {
    this._isPaused = true
    this._socket.close().catch(ignore)
  }

  private _fail(error: unknown): void {
    this._client.onTransportError(error)
  }

  private async _read(): Promise<void> {
    const { _client: client } = this
    const { receiveRing: ring } = client
    if (this._isReading) return
    this._isReading = true
    while (!this._isPaused) {
      const room = client.makeRoom()
      const { bytes, end } = ring
      const isCallers = bytes === this._callersMemory
      if (isCallers && !this._readBuffer) this._readBuffer = new Uint8Array(bytes.length)
      const { buffer, byteOffset, length } = isCallers ? this._readBuffer! : bytes
      const { value, done } = await this._reader.read(
        new Uint8Array(buffer as ArrayBuffer, byteOffset + (isCallers ? 0 : end), room),
      )
      if (value) {
        const memory = new Uint8Array(value.buffer, byteOffset, length)
        if (isCallers) {
          this._readBuffer = memory
          bytes.set(value, end)
        } else {
          ring.bytes = memory
        }
      }
      if (done) return client.onEnd()
      client.onReceived(value.length)
      await this._turn()
    }
    this._isReading = false
  }

  /** Counts a read or a write; now and then it lets timers and other sockets have their turn. */
  private _turn(): unknown {
    return ++this._turns % YIELD_AFTER ? undefined : new Promise((done) => setTimeout(done, 0))
  }
}

function ignore(): void {}
