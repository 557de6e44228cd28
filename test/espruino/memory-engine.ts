// `dist/espruino.js` in the stand-in's context, over a network in memory: what it writes is kept, what it reads is told by
// the test. Strings are bytes.

import type { Handlers, Socket } from '../../src/client'
import type { RingletError } from '../../src/protocol/protocol-error'
import { BUNDLE } from '../runtime/espruino/environment.mjs'
import { Espruino } from '../runtime/espruino/stand-in.mjs'

/** That of section 1.3. */
const NONCE = 'the sample nonce'

/** Espruino's socket, in memory. */
export class MemorySocket {
  sckt = 1
  written = ''
  hasEnded = false
  /** Called with what is written, instead of keeping it. */
  onWrite: ((bytes: string) => void) | undefined
  private _listeners: Record<string, (argument?: unknown) => void> = {}

  constructor(
    readonly network: 'net' | 'tls',
    readonly options: { host: string; port: number } & Record<string, unknown>,
  ) {}

  on(event: string, listener: (argument?: unknown) => void): void {
    this._listeners[event] = listener
  }

  write(bytes: string): void {
    if (this.onWrite) this.onWrite(bytes)
    else this.written += bytes
  }

  end(): void {
    this.hasEnded = true
  }

  tell(event: 'data' | 'drain' | 'error' | 'close', argument?: unknown): void {
    this._listeners[event].call(this, argument)
  }
}

interface Options {
  [name: string]: unknown
  protocols?: string[]
}

type TestHandlers = Handlers & { onError?(error: RingletError): void }

export class MemoryEngine {
  /** The socket that was opened last. */
  last!: MemorySocket
  /** Called with each socket, before anything is written to it. */
  onSocket: ((socket: MemorySocket) => void) | undefined
  private _random = 0
  private readonly _bundle: {
    connect(url: string, handlers?: Handlers, options?: Options): Socket
  }

  constructor({ board = 'LINUX', hasCharacters = false } = {}) {
    const engine = new Espruino({ board, hasCharacters })
    for (const network of ['net', 'tls'] as const) {
      const connect = (options: MemorySocket['options']) => {
        this.last = new MemorySocket(network, options)
        if (this.onSocket) this.onSocket(this.last)
        return this.last
      }
      engine.modules[network] = { connect }
    }
    this._bundle = engine.load(BUNDLE) as typeof this._bundle
  }

  /** Connects with the key of section 1.3, unless `random` is given. */
  connect(url: string, handlers?: TestHandlers, options?: Options): Socket {
    this._random = 0
    const random = (bytes: Uint8Array) => {
      for (let i = 0; i < bytes.length; i++) bytes[i] = NONCE.charCodeAt(this._random++ % 16)
    }
    return this._bundle.connect(url, handlers, { random, ...options })
  }
}
