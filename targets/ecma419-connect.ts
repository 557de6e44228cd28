// ECMA-419 hosts, Moddable's XS above all: TCP and TLS sockets after the standard's TCP class, DNS as Moddable has it.
//
// What their sockets do, and this holds to: the first `onWritable` means connected; a read takes a view no larger than
// what is available; a write is all or nothing within the writable count; `onError` comes without arguments, at a failure
// and at a clean end alike; over TLS, callbacks have another `this`, and reads may be short. No exception leaves a
// callback: it would end the virtual machine.
//
// Nothing is allocated per message: views are kept. No typed array is made when the module is loaded, for one in a
// preloaded module could not be written to.

import { Client, type ClientOptions, type Handlers, type Socket } from '../src/client'
import { type Endpoint, endpointOf } from '../src/endpoint'
import type { Platform } from '../src/platform'
import { base64 } from '../src/protocol/base64'
import { consistsOf } from '../src/protocol/characters'
import { ownProperties } from '../src/protocol/own-properties'
import { errorOf } from '../src/protocol/protocol-error'
import { randomWords } from '../src/random-words'
import type { Transport } from '../src/transport'
import { splitUrl } from './split-url'
import { type Logical, maskWith } from './xor-mask'

/** What this target uses of a TCP or TLS socket, ECMA-419 clause 10. */
interface IOSocket {
  /** Fills the view, and returns how many bytes; nothing if there are none. */
  read(view: Uint8Array): number | undefined
  /** Returns how many bytes may be written then, if the host says so. */
  write(bytes: Uint8Array): number | undefined
  close(): void
}

interface Callbacks {
  onReadable(count: number): void
  onWritable(count: number): void
  onError(): void
}

/** A host's class, and what its constructor is given besides. */
export interface IOOptions<Instance> {
  io: new (options: never) => Instance
  [option: string]: unknown
}

/** A resolver as Moddable has it. */
interface Resolver {
  resolve(request: {
    host: string
    onResolved(host: string, address: string): void
    onError(host: string): void
  }): void
}

export interface Options extends ClientOptions {
  /** The class of the socket, and further options of its constructor: `{ io: TCP }`, or for `wss:` such as
   * `{ io: TLSSocket, TCP: { io: TCP }, secure: { … } }`. Required. */
  socket: IOOptions<object>
  /** What finds the address of a name. Default: none; the socket is given the name, as `host`. */
  dns?: IOOptions<object>
}

/** What the host has that is faster than Ringlet's own, or that Ringlet has not. On Moddable the SDK's are the defaults. */
export interface Natives {
  /** Moddable's module `timer`, or the like. Default: `setTimeout` and `clearTimeout`. */
  Timer?: {
    set(callback: () => void, delay: number, repeat?: number): unknown
    clear(timer: never): void
    /** Sets a timer again. With it, a turn's sends cost no memory. */
    schedule?(timer: never, delay: number, repeat: number): void
  }
  /** Of Moddable's module `crypt`. Default: SHA-1 in JavaScript. */
  Digest?: new (
    name: string,
  ) => { write(text: string): void; close(): ArrayBuffer }
  /** Moddable's module `logical`. Default: masking in JavaScript. */
  Logical?: Logical
  /** A decoder of UTF-8 that drops no byte order mark. Default: XS's own, or in JavaScript. */
  TextDecoder?: new (
    label: string,
    options: { ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string }
  /** Fills the array with unpredictable bytes. Default: none; then each `connect` needs the option `random`. */
  random?: (bytes: Uint8Array) => void
  /** Gets an exception of a user's callback. Must not throw. Default: `trace` or `console.error`, if there is one. */
  reportException?: (error: unknown) => void
}

/** Moddable's. */
declare const trace: ((text: string) => void) | undefined

export type Connect = (url: string, handlers: Handlers | undefined, options: Options) => Socket

/** Makes a `connect` that uses what `natives` has, and `own` for what a bundle may have in JavaScript or not. */
export function connectBy(natives: Natives, own: Own): Connect {
  const platform = platformOf(natives, own)
  return (url, handlers, options) => {
    const settings = ownProperties(options || {})
    const {
      socket,
      dns,
      random,
      receiveBuffer = 4096,
      maxMessageSize = typeof receiveBuffer === 'object' ? receiveBuffer.length : receiveBuffer,
    } = settings
    const endpoint = endpointOf(splitUrl(url))
    if (!socket || typeof socket.io !== 'function' || (dns && typeof dns.io !== 'function')) {
      throw errorOf(RangeError, 'BAD_OPTION', 'socket and dns, expected { io: the class, … }')
    }
    if (!random && !natives.random) {
      throw errorOf(
        RangeError,
        'BAD_OPTION',
        'random, expected a function: this host has no source',
      )
    }
    const client = new Client(
      endpoint,
      handlers,
      handlers && handlers.onFragment ? settings : { ...settings, maxMessageSize },
      platform,
    )
    client.start(new ECMA419Transport(client, endpoint, socket, dns))
    return client
  }
}

/** What the bundles differ in. */
export type Own = Pick<Platform, 'sha1' | 'utf8Length' | 'utf8Write' | 'utf8Encode' | 'utf8Read'>

/** SHA-1 by a host's own. */
export function sha1By(Digest: NonNullable<Natives['Digest']>): Platform['sha1'] {
  return (text) => {
    const digest = new Digest('SHA1')
    digest.write(text)
    return new Uint8Array(digest.close())
  }
}

function platformOf(natives: Natives, own: Own): Platform {
  const { Timer, Logical, random, reportException } = natives
  // Not the functions themselves: some hosts refuse to have them called as methods.
  const timer = Timer || {
    set: (callback: () => void, delay: number) => setTimeout(callback, delay),
    clear: (id: never) => clearTimeout(id),
  }
  const reportError =
    reportException ||
    ((error) => {
      const text = String((error as Error).stack || error)
      if (typeof trace === 'function') trace(text + '\n')
      // biome-ignore lint/suspicious/noConsole: there is nowhere else to tell it.
      else if (typeof console === 'object') console.error(text)
    })
  return {
    ...own,
    randomWord: randomWords(random!, 64),
    base64,
    Mask: Logical && maskWith(Logical),
    setTimer: (callback, delay) => timer.set(callback, delay),
    clearTimer: (id) => timer.clear(id as never),
    defer: deferrer(timer, reportError),
    reportError,
  }
}

/** Calls back after the current turn. Where a timer can be set again, nothing is allocated for it. */
function deferrer(
  timer: NonNullable<Natives['Timer']>,
  reportError: (error: unknown) => void,
): (callback: () => void) => void {
  const queue: (() => void)[] = []
  let count = 0
  let id: unknown
  const run = () => {
    for (let i = 0; i < count; i++) {
      // A source of randomness may throw. The others are called all the same, and those of later turns.
      try {
        queue[i]()
      } catch (error) {
        reportError(error)
      }
    }
    count = 0
  }
  return (callback) => {
    // The queue keeps its length: a push would take memory anew each time.
    queue[count++] = callback
    if (count > 1) return
    if (!timer.schedule) timer.set(run, 0)
    else if (id === undefined) id = timer.set(run, 0, HOUR)
    else timer.schedule(id as never, 0, HOUR)
  }
}

/**
 * A timer that may be set again is a repeating one. It is not stopped within its callback: Moddable's timer for Linux
 * would go on to use what it has freed.
 */
const HOUR = 3600000

/** A device's sockets show a window of what has arrived, 536 bytes or more of it. */
const BUSY = 512

/** Largest piece read at once: a power of two. */
const LARGEST_READ = 1024
/** What is read goes through views of these sizes: 1, 2, 4 … bytes, shared by all connections. */
let readViews: Uint8Array[] | undefined

function readView(size: number): Uint8Array {
  if (!readViews) {
    const memory = new Uint8Array(LARGEST_READ)
    readViews = []
    for (let length = 1; length <= LARGEST_READ; length *= 2) {
      readViews.push(memory.subarray(0, length))
    }
  }
  let index = readViews.length - 1
  while (readViews[index].length > size) index--
  return readViews[index]
}

class ECMA419Transport implements Transport {
  // Each property takes memory: those without a value are made when first needed.
  private _socket?: IOSocket
  private _isPaused?: boolean
  private _isOver?: boolean
  /** The socket has ended or failed: it takes and brings nothing any more. */
  private _hasEnded?: boolean
  /** Bytes that the socket has. */
  private _readable = 0
  /** Bytes that it takes; none before it is connected. */
  private _writable?: number
  /** Whether a write says how much may be written then; not known before the first. Over TLS that is not to be relied on. */
  private _answers?: boolean
  /** The write under way. */
  private _bytes?: Uint8Array
  private _start!: number
  private _end!: number
  /** Views of the send ring that were written last, and which of them is the oldest. */
  private _views?: Uint8Array[]
  private _nextView?: number
  private _address?: string

  constructor(
    private readonly _client: Client,
    endpoint: Endpoint,
    options: IOOptions<object>,
    dns: IOOptions<object> | undefined,
  ) {
    const { hostname: host } = endpoint
    if (endpoint.isSecure) this._answers = false
    this._later(() => {
      if (!dns || consistsOf(host, './0:') || host.indexOf(':') >= 0) {
        return this._open(host, endpoint, options)
      }
      const resolver = new dns.io(dns as never) as Resolver
      resolver.resolve({
        host,
        onResolved: (_, address) => this._try(() => this._open(address, endpoint, options)),
        onError: () => this._fail('no address of ' + host),
      })
    })
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this._bytes = bytes
    this._start = start
    this._end = end
    this._pump()
  }

  pause(): void {
    this._isPaused = true
  }

  resume(): void {
    if (this._isPaused) {
      this._isPaused = false
      this._read(false)
    }
  }

  /** There is no half-closing. The peer has our Close frame, and ends; if it does not, `closeTimeout` does. */
  end(): void {}

  abort(): void {
    this._isOver = true
    const { _socket: socket } = this
    this._socket = this._bytes = undefined
    try {
      if (socket) socket.close()
    } catch {
      // It was closed already.
    }
  }

  /** After `connect` has returned: what fails is told by `onError`, not thrown. */
  private _later(step: () => void): void {
    this._client.platform.defer(() => this._try(step))
  }

  private _try(step: () => void): void {
    if (this._isOver) return
    try {
      step()
    } catch (error) {
      this._fail(error)
    }
  }

  private _fail(error: unknown): void {
    if (!this._isOver) this._client.onTransportError(error)
  }

  private _open(address: string, endpoint: Endpoint, options: IOOptions<object>): void {
    const { hostname: host, port } = endpoint
    const { TCP } = options
    this._address = address
    // Functions of its own, for over TLS `this` is not the socket. They keep nothing but the transport, and each takes
    // memory: two do for three, since a failure comes without a count.
    const onReadable = (count?: number) =>
      count! >= 0 ? this._onReadable(count!) : this._onError()
    this._socket = new options.io({
      nodelay: true,
      ...options,
      TCP: TCP && this._guarded(TCP as IOOptions<object>),
      address,
      host,
      port,
      onReadable,
      onWritable: (count: number) => this._onWritable(count),
      onError: onReadable,
    } as never) as IOSocket
  }

  /**
   * The TCP below TLS. Moddable's TLS runs in its callbacks, and throws there at a certificate that it does not trust, and at
   * whatever else is wrong: uncaught, that would end the machine.
   */
  private _guarded(options: IOOptions<object>): IOOptions<object> {
    const guard = (callback: (count: number) => void) => (count: number) =>
      this._try(() => callback(count))
    return {
      ...options,
      io: class {
        constructor({ onReadable, onWritable, onError, ...rest }: Callbacks) {
          // biome-ignore lint/correctness/noConstructorReturn: the class of the options itself, made with other ones.
          return new options.io({
            ...rest,
            onReadable: guard(onReadable),
            onWritable: guard(onWritable),
            onError: guard(onError),
          } as never)
        }
      },
    }
  }

  private _onReadable(count: number): void {
    this._readable = count
    this._read(count < BUSY)
  }

  private _onWritable(count: number): void {
    const { _writable: before } = this
    this._writable = count
    if (before === undefined && !this._isOver) this._client.onConnected()
    this._pump()
  }

  private _onError(): void {
    if (this._isOver) return
    this._hasEnded = true
    if (this._writable === undefined) return this._fail('no connection to ' + this._address)
    this._tellEnd()
    this._pump()
  }

  /** TLS tells its end though something is unread: that comes first. */
  private _tellEnd(): void {
    if (this._hasEnded && this._readable <= 0) this._client.onEnd()
  }

  /**
   * Reads what there is, as far as there is room. During a pause it fills the ring, and no more: a socket that has something
   * unread does not tell its end. `isDry`: no more waits behind it.
   */
  private _read(isDry: boolean): void {
    const {
      _client: client,
      _client: { receiveRing },
    } = this
    while (this._socket && this._readable > 0) {
      const room = this._isPaused ? receiveRing.bytes.length - receiveRing.end : client.makeRoom()
      const { bytes, end } = receiveRing
      let count = 0
      try {
        while (count < room && this._readable > 0) {
          const view = readView(Math.min(room - count, this._readable))
          const length = this._socket.read(view)
          if (length === view.length) {
            bytes.set(view, end + count)
          } else if (!length) {
            this._readable = 0
            break
          } else {
            for (let i = 0; i < length; i++) bytes[end + count + i] = view[i]
          }
          count += length
          this._readable -= length
        }
      } catch (error) {
        return this._fail(error)
      }
      if (!count) break
      client.onReceived(count, isDry)
    }
    this._tellEnd()
  }

  /** Writes as much as the socket takes. */
  private _pump(): void {
    const { _bytes: bytes, _start: start, _socket: socket } = this
    const count = Math.min(this._end - start, this._writable || 0)
    if (!bytes || !socket) return
    // What is not read yet may still be, but nothing more can be sent, and a pause may last until it is.
    if (this._hasEnded) return this._fail('it ended before all was sent')
    if (count <= 0) return
    this._bytes = undefined
    try {
      const left = socket.write(this._view(bytes, start, start + count))
      // One that has answered, and does not, has failed. It may not tell: while something is unread, Moddable's does not.
      if (left === undefined && this._answers) throw new Error('a write has failed')
      if (this._answers === undefined) this._answers = left !== undefined
      // One that does not answer calls `onWritable` after each write.
      this._writable = this._answers ? left! : 0
    } catch (error) {
      return this._fail(error)
    }
    this._client.onWritten(count)
  }

  private _view(bytes: Uint8Array, start: number, end: number): Uint8Array {
    // The request is written once: a view of it would keep its memory.
    if (bytes !== this._client.sendRing.bytes) return bytes.subarray(start, end)
    const views = (this._views = this._views || [])
    const offset = bytes.byteOffset + start
    for (let i = 0; i < views.length; i++) {
      const view = views[i]
      if (
        view.length === end - start &&
        view.byteOffset === offset &&
        view.buffer === bytes.buffer
      ) {
        return view
      }
    }
    const next = this._nextView || 0
    this._nextView = (next + 1) & 3
    return (views[next] = bytes.subarray(start, end))
  }
}
