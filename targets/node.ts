// Node, Bun and Deno: `node:net` and `node:tls`. Where the runtime honours `onread`, the kernel reads straight
// into the receive ring; where it does not, 'data' events are copied into it.

import { Buffer } from 'node:buffer'
import { createHash, randomFillSync } from 'node:crypto'
import net from 'node:net'
import process from 'node:process'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { Client, type ClientOptions, type Handlers, type Socket } from '../src/client'
import { type Endpoint, endpointOf } from '../src/endpoint'
import type { Platform } from '../src/platform'
import { ownProperties } from '../src/protocol/own-properties'
import { randomWords } from '../src/random-words'
import type { Transport } from '../src/transport'
import { parseUrl } from './parse-url'

export type { ClientOptions, Handlers, Socket } from '../src/client'
export type { Extension } from '../src/protocol/extension'
export type { Kind } from '../src/protocol/opcode'
export type { RingletError } from '../src/protocol/protocol-error'

/** What `createConnection` is given: options that `net.connect` takes. */
export type ConnectOptions = net.TcpNetConnectOpts & { isSecure: boolean }

export interface Options extends ClientOptions {
  /** For `wss:`, handed to `tls.connect`: `ca`, `cert`, `key`, `servername`, `rejectUnauthorized` and so on. */
  tls?: tls.ConnectionOptions
  /**
   * Makes the stream that carries the connection: through a proxy, over a Unix socket, of any kind. It may be
   * connecting still. For `wss:` TLS is put on top, unless the stream has it already (`encrypted`).
   * Default: `net.connect`, or `tls.connect` for `wss:`.
   */
  createConnection?: (options: ConnectOptions) => Duplex | PromiseLike<Duplex>
}

/** What this target uses of a stream; a plain Duplex will do. */
type Stream = Duplex & {
  connecting?: boolean
  encrypted?: boolean
  secureConnecting?: boolean
  setNoDelay?(isOn: boolean): unknown
}

const SPARE_SIZE = 1024

/** These take any Uint8Array, so that callbacks need not be given a Buffer, whose `slice` does not copy. */
const { utf8Slice, utf8Write } = Buffer.prototype as unknown as {
  utf8Slice(this: Uint8Array, start: number, end: number): string
  utf8Write(this: Uint8Array, text: string, at: number): number
}

const platform: Platform = {
  randomWord: randomWords(randomFillSync, 1024),
  sha1: (text) => createHash('sha1').update(text).digest(),
  base64: (bytes) => Buffer.from(bytes).toString('base64'),
  utf8Length: (text) => Buffer.byteLength(text),
  utf8Write: (text, bytes, at) => utf8Write.call(bytes, text, at),
  utf8Read: (bytes, start, end) => utf8Slice.call(bytes, start, end),
  // Not the functions themselves: Deno refuses to have them called as methods.
  setTimer: (callback, delay) => setTimeout(callback, delay),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  defer: (callback) => process.nextTick(callback),
  reportError(error) {
    process.nextTick(() => {
      throw error
    })
  },
}

/**
 * Connects to `url` (`ws:` or `wss:`), and returns the socket at once; `onOpen` or `onError` follows.
 * Throws at a bad URL or option.
 */
export function connect(url: string | URL, handlers?: Handlers, options: Options = {}): Socket {
  const endpoint = endpointOf(parseUrl(url))
  const own = ownProperties(options)
  const client = new Client(endpoint, handlers, own, platform)
  const transport = new NodeTransport(client)
  transport.open(endpoint, own)
  client.start(transport)
  return client
}

/**
 * `[start, end)` of `bytes`: `last`, if it is that already, so that no view is made for each read and write; a Buffer,
 * because a stream makes one of anything else.
 */
function viewOf(
  last: Uint8Array | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array {
  return last &&
    last.buffer === bytes.buffer &&
    last.byteOffset === bytes.byteOffset + start &&
    last.length === end - start
    ? last
    : Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
}

/**
 * Options for Node, which would read a `path` to connect to or a `ca` to trust from `Object.prototype`, if somebody has put one
 * there. Whatever has been put there is undefined here. No prototype would not do: Node makes copies that have one.
 */
function shielded<Type extends object>(options: Type): Type {
  const shield: Record<string, undefined> = {}
  for (const name in shield) shield[name] = undefined
  return Object.assign(shield, options)
}

class NodeTransport implements Transport {
  private _stream: Stream | undefined
  private _isPaused = false
  /** What the ring had no room for, while reading was paused. */
  private _rest: Uint8Array | undefined
  /** The stream has ended: that is told when the rest has been taken. */
  private _hasEnded?: boolean
  /** Where the next read goes if the ring has no room. */
  private _spare: Uint8Array | undefined
  /** Views of the receive ring that the kernel has read into: a read that ends within a header leaves some bytes. */
  private _readViews: Uint8Array[] | undefined
  /** The view of the send ring that was written last. */
  private _view: Uint8Array | undefined
  /** Bytes of the write that is under way. */
  private _pending = 0
  /** Writes that were told as done before their callback came. */
  private _told = 0

  private readonly _onWritten = (error?: Error | null) => {
    if (this._told) this._told--
    else if (!error) this._client.onWritten(this._pending)
  }

  constructor(private readonly _client: Client) {}

  /** Opens the stream. Not in the constructor: the closures made there live as long as the transport. */
  open(
    { isSecure, hostname: host, port }: Endpoint,
    { createConnection, tls: tlsOptions }: Options,
  ): void {
    const onread = this._onread()
    const secure = (over: { socket: Duplex } | { onread: typeof onread }) =>
      tls.connect(
        shielded({
          host,
          port,
          servername: net.isIP(host) ? '' : host,
          ...tlsOptions,
          ...over,
        } as tls.ConnectionOptions),
      )
    const use = (stream: Stream) =>
      this._use(
        isSecure && createConnection && !stream.encrypted ? secure({ socket: stream }) : stream,
        isSecure,
      )
    const made =
      isSecure && !createConnection
        ? secure({ onread })
        : (createConnection || net.connect)(
            shielded({ isSecure, host, port, ...(isSecure ? {} : { onread }) }),
          )
    if ('then' in made) {
      const fail = (error: unknown) => this._client.onTransportError(error)
      made
        // A stream that was destroyed while it was waited for has told that already.
        .then((stream) => (stream.destroyed ? fail(stream.errored || 'destroyed') : use(stream)))
        .then(undefined, fail)
    } else use(made)
  }

  private _onread() {
    return {
      buffer: () => this._readBuffer(),
      callback: (count: number, buffer: Uint8Array) => {
        // What was not read into the ring is copied: the next read may come before the ring has room.
        if (buffer === this._spare) this._push(buffer.slice(0, count))
        else this._client.onReceived(count)
        return true
      },
    }
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    const stream = this._stream!
    stream.write((this._view = viewOf(this._view, bytes, start, end)), this._onWritten)
    this._pending = end - start
    // Nothing is left in the stream: the kernel has it, and there is no need to wait for the callback. One that has ended, or
    // is destroyed, holds nothing either, and has thrown it away.
    if (stream.writable && !stream.writableLength) {
      this._told++
      this._client.onWritten(this._pending)
    }
  }

  pause(): void {
    this._isPaused = true
    if (this._stream) this._stream.pause()
  }

  resume(): void {
    const rest = this._rest
    this._isPaused = false
    this._rest = undefined
    if (rest) this._push(rest)
    if (this._hasEnded) this._end()
    // What was kept may have led to another pause.
    if (this._stream && !this._isPaused && !this._rest) this._stream.resume()
  }

  end(): void {
    this._stream!.end()
  }

  abort(): void {
    this._rest = undefined
    if (this._stream) this._stream.destroy()
  }

  private _use(stream: Stream, isSecure: boolean): void {
    const { _client: client } = this
    this._stream = stream
    // One function for all that a stream tells, for each is held as long as the connection is: 'data' comes with bytes,
    // 'error' with what went wrong, 'end' with nothing and 'close' with true or false.
    const onEvent = (what?: unknown) => {
      if (what instanceof Uint8Array) this._push(what)
      else if (what && what !== true) client.onTransportError(what)
      else this._end()
    }
    stream.on('error', onEvent)
    // CLOSED: given up before `createConnection` was done.
    if (client.readyState === 3) return void stream.destroy()
    stream.on('data', onEvent)
    stream.on('end', onEvent)
    stream.on('close', onEvent)
    if (stream.setNoDelay) stream.setNoDelay(true)
    this._onceConnected(stream, isSecure)
  }

  private _end(): void {
    this._hasEnded = !!this._rest
    if (!this._rest) this._client.onEnd()
  }

  /** By itself, so that its closure goes with it. */
  private _onceConnected(stream: Stream, isSecure: boolean): void {
    const onConnected = () => {
      this._client.onConnected()
      // Lets the request go.
      this._view = undefined
    }
    if (!stream.connecting && (!isSecure || stream.secureConnecting === false)) {
      platform.defer(onConnected)
    } else {
      stream.once(isSecure ? 'secureConnect' : 'connect', onConnected)
    }
  }

  /**
   * Where the next read goes; asked for right after each read, and kept until the next. During a pause TLS goes on
   * with what it has decrypted already, and a full ring must not end in an empty view: that would spin for ever.
   */
  private _readBuffer(): Uint8Array {
    const { _client: client } = this
    if (this._rest || !client.makeRoom()) {
      return (this._spare = this._spare || new Uint8Array(SPARE_SIZE))
    }
    const { bytes, end } = client.receiveRing
    if (!end) return bytes
    const views = (this._readViews = this._readViews || [])
    return (views[end & 15] = viewOf(views[end & 15], bytes, end, bytes.length))
  }

  /** Copies `chunk` into the ring, as far as it goes; the rest waits for `resume`. */
  private _push(chunk: Uint8Array): void {
    const { _client: client } = this
    const { receiveRing: ring } = client
    while (chunk.length && client.readyState < 3) {
      const count = this._rest ? 0 : Math.min(client.makeRoom(), chunk.length)
      if (!count) {
        this._rest = this._rest ? Buffer.concat([this._rest, chunk]) : chunk
        return
      }
      ring.bytes.set(chunk.subarray(0, count), ring.end)
      client.onReceived(count)
      chunk = chunk.subarray(count)
    }
  }
}
