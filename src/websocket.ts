// The WebSocket class of websockets.spec.whatwg.org over any target's `connect`: what its users see, the conversions of
// Web IDL, and the exceptions. `websocket-session.ts` has the connection.
//
// Beyond the standard, and only for those who ask: a third argument with what `connect` takes, `ping`, `pause`, `resume`
// and `terminate`, the events 'ping' and 'pong', more binary types, and an 'error' event that says why.

import type { ClientOptions, Handlers, Socket } from './client'
import { isToken } from './protocol/characters'
import { ownProperties } from './protocol/own-properties'
import { errorOf, type RingletError } from './protocol/protocol-error'
import { type BlobLike, CLOSED, CLOSING, CONNECTING, OPEN, Session } from './websocket-session'

/** What the class takes from its runtime. */
export interface WebSocketRuntime {
  /** The base of the class. */
  EventTarget: new () => object
  /** Makes 'open' and 'error' events. */
  Event: new (
    type: string,
  ) => object
  MessageEvent: new (type: string, init: { data: unknown; origin: string }) => object
  CloseEvent: new (
    type: string,
    init: { code: number; reason: string; wasClean: boolean },
  ) => object
  DOMException: new (message: string, name: string) => Error
  /**
   * What each `binaryType` makes of a message, whose bytes are its own. The first one is the default; the names of the
   * standard are 'blob' and 'arraybuffer'.
   */
  binaryTypes: Record<string, (bytes: Uint8Array) => unknown>
  /** The parts of a URL; throws if it is none. */
  parseUrl(url: string): { href: string; protocol: string; host: string }
  /** Octets that `text` takes in UTF-8. */
  utf8Length(text: string): number
  /** Calls `task` in a turn of its own, in the order of the calls. */
  queueTask(task: () => void): void
}

// biome-ignore lint/suspicious/noExplicitAny: what the DOM's own types say of data
type Any = any

export interface WebSocketEvent<Type extends string = string> {
  readonly type: Type
  readonly target: WebSocket
  readonly currentTarget: WebSocket
  preventDefault(): void
  stopImmediatePropagation(): void
}

/** A message, ping or pong. */
export interface WebSocketMessageEvent extends WebSocketEvent<'message' | 'ping' | 'pong'> {
  /** A string for text; for binary what `binaryType` says; for pings and pongs a Uint8Array. It is yours. */
  readonly data: Any
  /** Of the URL, such as `wss://host:8080`. */
  readonly origin: string
  readonly lastEventId: string
}

export interface WebSocketErrorEvent extends WebSocketEvent<'error'> {
  /** Beyond the standard: why the connection failed. */
  readonly error: RingletError
  /** That of `error`. */
  readonly message: string
}

export interface WebSocketCloseEvent extends WebSocketEvent<'close'> {
  /** That of the peer's Close frame, 1005 if it had none, and 1006 without a Close frame, whatever the cause. */
  readonly code: number
  /** That of the peer's Close frame, or ''. */
  readonly reason: string
  readonly wasClean: boolean
}

export interface WebSocketEventMap {
  open: WebSocketEvent<'open'>
  message: WebSocketMessageEvent
  error: WebSocketErrorEvent
  close: WebSocketCloseEvent
  ping: WebSocketMessageEvent
  pong: WebSocketMessageEvent
}

/** By a method, so that a function for another library's events of the same kind will do. */
type Listener<E> = { handle(event: E): unknown }['handle']
type Handler<E> = Listener<E> | null

interface ListenerOptions {
  capture?: boolean
  once?: boolean
  passive?: boolean
  signal?: object
}

/** A connection, by the WebSockets standard. */
export interface WebSocket {
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
  /** The URL as it was parsed, with `ws:` or `wss:`. */
  readonly url: string
  readonly readyState: number
  /**
   * Bytes of messages sent and not yet taken by the network, without headers (while messages follow each other some
   * bytes of headers may count). What a closed connection has not sent stays counted, and what is sent after it too.
   */
  readonly bufferedAmount: number
  /** The server's Sec-WebSocket-Extensions, or ''. */
  readonly extensions: string
  /** The subprotocol that the server has chosen, or ''. */
  readonly protocol: string
  /** What binary messages become: 'blob' (the default where the runtime has Blob), 'arraybuffer', 'uint8array', and on
   * Node, Bun and Deno 'nodebuffer'. Anything else is ignored. */
  binaryType: string
  onopen: Handler<WebSocketEventMap['open']>
  onmessage: Handler<WebSocketEventMap['message']>
  onerror: Handler<WebSocketEventMap['error']>
  onclose: Handler<WebSocketEventMap['close']>
  /** Beyond the standard: a ping, which has been answered. */
  onping: Handler<WebSocketEventMap['ping']>
  /** Beyond the standard: a pong. */
  onpong: Handler<WebSocketEventMap['pong']>
  addEventListener<Type extends keyof WebSocketEventMap>(
    type: Type,
    listener:
      | Listener<WebSocketEventMap[Type]>
      | { handleEvent: Listener<WebSocketEventMap[Type]> }
      | null,
    options?: ListenerOptions | boolean,
  ): void
  addEventListener(
    type: string,
    listener: Listener<Any> | object | null,
    options?: ListenerOptions | boolean,
  ): void
  removeEventListener(
    type: string,
    listener: Listener<Any> | object | null,
    options?: ListenerOptions | boolean,
  ): void
  dispatchEvent(event: object): boolean
  /**
   * Sends a message. What is not a buffer, a view or a Blob goes as text. Whatever does not fit into the send ring is
   * copied and waits, in order: look at `bufferedAmount`. Throws InvalidStateError while connecting; when closing or
   * closed nothing is sent, and `bufferedAmount` grows.
   */
  send(data: string | ArrayBufferLike | ArrayBufferView | BlobLike): void
  /**
   * Begins the closing handshake, after what was sent before. Throws InvalidAccessError unless `code` is 1000 or
   * 3000–4999, and SyntaxError if `reason` takes more than 123 bytes.
   */
  close(code?: number, reason?: string): void
  /** Beyond the standard: sends a ping of at most 125 bytes; false if there is no room for it now, or the peer has closed. */
  ping(bytes?: ArrayBufferLike | ArrayBufferView): boolean
  /**
   * Beyond the standard: no message, ping or pong is told, and nothing is read, until `resume`, `close` or `terminate`.
   * 'open' is told, and the end, unless a message waits before it.
   */
  pause(): void
  resume(): void
  /** Beyond the standard: drops the connection; 'close' follows, with 1006. */
  terminate(): void
}

/** Beyond what `connect` takes. */
export interface WebSocketOptions {
  /** If a send makes `bufferedAmount` larger, the connection fails with SEND_BUFFER_FULL. In bytes. Default: no limit. */
  maxBufferedAmount?: number
}

type Protocols = string | Iterable<string>

export interface WebSocketConstructor<Options extends ClientOptions = ClientOptions> {
  /**
   * Connects to `url`. Throws SyntaxError unless it is a URL with `ws:`, `wss:`, `http:` or `https:` and no fragment, and
   * the subprotocols are tokens, each given once. `options` may also be the second argument, with `protocols` in it.
   */
  new (
    url: string | { href: string },
    protocols?: Protocols | (Options & WebSocketOptions),
    options?: Options & WebSocketOptions,
  ): WebSocket
  readonly prototype: WebSocket
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
}

interface Target {
  addEventListener(type: string, listener: unknown, options?: unknown): void
  removeEventListener(type: string, listener: unknown): void
  dispatchEvent(event: object): boolean
}

interface AttributeHandler {
  value: unknown
  listener: (event: unknown) => void
}

const STATES = { CONNECTING, OPEN, CLOSING, CLOSED }
const EVENTS = ['open', 'message', 'error', 'close', 'ping', 'pong']

/** Not a name that is shortened: users extend the class, and put properties of theirs beside. */
const SESSION = 'ringlet session'
const DEFAULT_RING = 4096

export type Connect<Options extends ClientOptions> = (
  url: string,
  handlers: Handlers,
  options: Options,
) => Socket

/** `connect`, with another `maxMessageSize` by default. */
export function withLargestMessage<Options extends ClientOptions>(
  connect: Connect<Options>,
  size: number,
): Connect<Options> {
  return (url, handlers, options) => {
    // The options are a copy.
    if (options.maxMessageSize === undefined) options.maxMessageSize = size
    return connect(url, handlers, options)
  }
}

/** The class, over `connect` of a target. */
export function webSocketOver<Options extends ClientOptions>(
  connect: Connect<Options>,
  runtime: WebSocketRuntime,
): WebSocketConstructor<Options> {
  const { binaryTypes, DOMException, Event, MessageEvent, CloseEvent } = runtime

  class WebSocket extends targetOf(runtime) {
    declare private readonly [SESSION]: Session & {
      url: string
      binaryType: string
      handlers: Record<string, AttributeHandler | undefined>
      /** The type of the event that is being dispatched, until the runtime has looked for its attribute. */
      hidden: string
    }

    // The arguments that the standard lets be left out have defaults: `length` is 1.
    constructor(url: unknown, protocols: unknown = [], options: unknown = undefined) {
      // biome-ignore lint/complexity/noArguments: `undefined` is an argument, as Web IDL counts
      if (!arguments.length) throw new TypeError('a URL is expected')
      super()
      const isSecond = options === undefined && isObject(protocols) && !isIterable(protocols)
      if (isSecond) options = protocols
      const settings = ownProperties(
        (isObject(options) ? options : {}) as Options & WebSocketOptions,
      )
      if (isSecond) ({ protocols = [] } = settings)
      const { sendBuffer = DEFAULT_RING, maxBufferedAmount = Infinity } = settings
      if (typeof maxBufferedAmount !== 'number' || !(maxBufferedAmount >= 0)) {
        throw errorOf(RangeError, 'BAD_OPTION', 'maxBufferedAmount ' + maxBufferedAmount)
      }
      const list = protocolsOf(protocols)
      settings.protocols = list
      settings.sendBuffer = sendBuffer
      const parts = parse(`${url}`)
      const { origin } = parts
      const session = new Session(
        {
          queueTask: runtime.queueTask,
          onOpen: () => this.dispatchEvent(new Event('open')),
          onMessage: (message, type) => {
            const isBinary = typeof message !== 'string' && type === 'message'
            const data = isBinary ? binaryTypes[own.binaryType](message) : message
            this.dispatchEvent(new MessageEvent(type, { data, origin }))
          },
          onError: (error) => {
            const { message } = error
            this.dispatchEvent(Object.assign(new Event('error'), { error, message }))
          },
          onClose: (code, reason, wasClean) =>
            this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean })),
        },
        typeof sendBuffer === 'number' ? sendBuffer : sendBuffer.length,
        maxBufferedAmount,
        list.length > 0,
      )
      const own = Object.assign(session, {
        url: parts.url,
        binaryType: Object.keys(binaryTypes)[0],
        handlers: {},
        hidden: '',
      })
      Object.defineProperty(this, SESSION, { value: own })
      try {
        session.start((handlers) => connect(parts.url, handlers, settings))
      } catch (error) {
        throw (error as RingletError).id === 'BAD_URL'
          ? new DOMException((error as Error).message, 'SyntaxError')
          : error
      }
    }

    get url(): string {
      return this[SESSION].url
    }

    get readyState(): number {
      return this[SESSION].readyState
    }

    get bufferedAmount(): number {
      return this[SESSION].bufferedAmount
    }

    get extensions(): string {
      return this[SESSION].extensions
    }

    get protocol(): string {
      return this[SESSION].protocol
    }

    get binaryType(): string {
      return this[SESSION].binaryType
    }

    set binaryType(type: string) {
      const session = this[SESSION]
      session.binaryType =
        Object.keys(binaryTypes).indexOf(`${type}`) >= 0 ? `${type}` : session.binaryType
    }

    send(data: unknown): void {
      const session = this[SESSION]
      // biome-ignore lint/complexity/noArguments: `undefined` is an argument, as Web IDL counts
      if (!arguments.length) throw new TypeError('a message is expected')
      const bytes = bytesOf(data)
      const source = bytes || (isBlob(data) ? data : `${data}`)
      requireNot(CONNECTING, session)
      session.send(
        source,
        typeof source === 'string'
          ? runtime.utf8Length(source)
          : bytes
            ? bytes.length
            : (source as BlobLike).size,
      )
    }

    close(code: unknown = undefined, reason: unknown = undefined): void {
      const session = this[SESSION]
      // Of what is no WebSocket it throws a TypeError before anything else: it is never in this state.
      requireNot(-1, session)
      const number = code === undefined ? undefined : clamp(code)
      const text = reason === undefined ? '' : `${reason}`
      if (number !== undefined && number !== 1000 && !(number >= 3000 && number <= 4999)) {
        throw new DOMException(
          `the code is ${number}, expected 1000 or 3000–4999`,
          'InvalidAccessError',
        )
      }
      const length = runtime.utf8Length(text)
      if (length > 123) {
        throw new DOMException(`the reason takes ${length} bytes, 123 at most`, 'SyntaxError')
      }
      // A reason needs a code to stand behind.
      session.close(number === undefined && text ? 1000 : number, text)
    }

    ping(data: unknown = undefined): boolean {
      const session = this[SESSION]
      const bytes = bytesOf(data)
      if (data !== undefined && !bytes) throw new TypeError('a buffer or a view is expected')
      if (session.readyState !== OPEN) requireNot(session.readyState, session)
      return session.ping(bytes)
    }

    pause(): void {
      this[SESSION].pause()
    }

    resume(): void {
      this[SESSION].resume()
    }

    terminate(): void {
      this[SESSION].terminate()
    }

    override addEventListener(type: string, listener: unknown, options?: unknown): void {
      if (type === 'ping' || type === 'pong') this[SESSION].tellsPings = true
      super.addEventListener(type, listener, options)
    }
  }

  function requireNot(state: number, { readyState }: Session): void {
    if (readyState === state) {
      throw new DOMException(`it is ${Object.keys(STATES)[readyState]}`, 'InvalidStateError')
    }
  }

  /** The subprotocols, checked: tokens, of which none is given twice, whatever its case. */
  function protocolsOf(protocols: unknown): string[] {
    const list = isIterable(protocols)
      ? Array.from(protocols, (protocol) => `${protocol}`)
      : [`${protocols}`]
    const names = list.map((name) => name.toLowerCase())
    names.forEach((name, i) => {
      if (!isToken(name) || names.indexOf(name) < i) {
        throw new DOMException(
          // Not the text: some put tokens of another kind there.
          `the subprotocol number ${i} is not a token, or twice`,
          'SyntaxError',
        )
      }
    })
    return list
  }

  /** The URL to connect to, serialized, and its origin. */
  function parse(text: string): { url: string; origin: string } {
    try {
      const { href, protocol, host } = runtime.parseUrl(text)
      const scheme = protocol.replace('http', 'ws')
      if ((scheme === 'ws:' || scheme === 'wss:') && href.indexOf('#') < 0) {
        return { url: scheme + href.slice(protocol.length), origin: scheme + '//' + host }
      }
    } catch {
      // As any other that is not good.
    }
    throw new DOMException(
      'expected a URL with ws:, wss:, http: or https:, and no fragment',
      'SyntaxError',
    )
  }

  const { prototype } = WebSocket
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name !== 'constructor') Object.defineProperty(prototype, name, { enumerable: true })
  }
  for (const target of [WebSocket, prototype]) {
    for (const [name, value] of Object.entries(STATES)) {
      Object.defineProperty(target, name, { value, enumerable: true })
    }
  }
  for (const type of EVENTS) defineHandler(prototype, type)
  Object.defineProperty(prototype, Symbol.toStringTag, { value: 'WebSocket', configurable: true })
  Object.defineProperty(WebSocket, 'name', { value: 'WebSocket', configurable: true })
  return WebSocket as unknown as WebSocketConstructor<Options>

  /**
   * The attribute `on…`, by the HTML standard, section 8.1.8.1: its function is called in the place that it had when one was
   * first set; another one takes over the place, and null gives it up.
   */
  function defineHandler(target: WebSocket, type: string): void {
    // Written so for their names, `get onopen` and the like.
    const accessors: ThisType<WebSocket> = {
      get ['on' + type]() {
        const session = this[SESSION]
        const handler = session.handlers[type]
        if (!handler || session.hidden === type) {
          session.hidden = ''
          return null
        }
        return handler.value
      },
      set ['on' + type](value: unknown) {
        const { handlers } = this[SESSION]
        let handler = handlers[type]
        if (typeof value !== 'function' && !isObject(value)) {
          if (handler) this.removeEventListener(type, handler.listener)
          handlers[type] = undefined
        } else if (handler) {
          handler.value = value
        } else {
          handler = handlers[type] = {
            value,
            listener: (event) => {
              const { value: callback } = handler!
              if (typeof callback === 'function') callback.call(this, event)
            },
          }
          this.addEventListener(type, handler.listener)
        }
      },
    }
    Object.defineProperties(target, Object.getOwnPropertyDescriptors(accessors))
  }
}

/**
 * The runtime's EventTarget. One that calls `on…` by itself, before all listeners, as workerd's does, must not find ours, which
 * have their place among the listeners: it looks once, at the beginning of each dispatch.
 */
function targetOf({ EventTarget, Event }: WebSocketRuntime): new () => Target {
  const Base = EventTarget as new () => Target
  const probe = new Base() as Target & { onopen?(): void }
  let callsAttributes = false
  probe.onopen = () => {
    callsAttributes = true
  }
  probe.dispatchEvent(new Event('open'))
  if (!callsAttributes) return Base
  return class extends Base {
    declare readonly [SESSION]: { hidden: string }

    override dispatchEvent(event: object): boolean {
      const session = this[SESSION]
      session.hidden = (event as { type: string }).type
      try {
        return super.dispatchEvent(event)
      } finally {
        session.hidden = ''
      }
    }
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isIterable = (value: unknown): value is Iterable<unknown> =>
  isObject(value) && typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function'

/** By their tags, which are right for those of another realm too. */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

const isBlob = (value: unknown): value is BlobLike => ['Blob', 'File'].indexOf(tagOf(value)) >= 0

/** The bytes of a buffer or of a view; undefined if it is none. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
  return ['ArrayBuffer', 'SharedArrayBuffer'].indexOf(tagOf(data)) >= 0
    ? new Uint8Array(data as ArrayBuffer)
    : undefined
}

/** Web IDL's conversion to a `[Clamp] unsigned short`. */
function clamp(value: unknown): number {
  const number = Math.min(Math.max(Number(value), 0), 65535) || 0
  const floor = Math.floor(number)
  const isUp = number - floor > 0.5 || (number - floor === 0.5 && floor % 2 === 1)
  return isUp ? floor + 1 : floor
}
