// A Client over a transport in memory that does all that a transport may: takes a part of a write, now or later, holds
// reading back, ends or fails at any point; with timers and turns that somebody else lets come. It checks what a target
// could not bear: two writes at once, a span that changes while it is written, a call after `abort`.

import { Client, type ClientOptions, type Handlers } from '../../src/client'
import { endpointOf } from '../../src/endpoint'
import type { Platform } from '../../src/platform'
import { testPlatform } from './platform'

export interface ArenaOptions {
  words: number[]
  client: ClientOptions
  platform?: Partial<Platform>
  /** Called at what must not happen. */
  fail: (what: string) => never
  /** Asked at each write: how many of `count` octets are taken at once, or −1: later. */
  takes: (count: number) => number
}

export class Arena {
  readonly client: Client
  /** Octets that the transport has taken. */
  readonly written: number[] = []
  isPaused = false
  /** The sending side was ended. */
  hasEnded = false
  isAborted = false
  /** Exceptions of callbacks. */
  readonly errors: unknown[] = []

  private _timers: { callback: () => void; delay: number }[] = []
  private _deferred: (() => void)[] = []
  /** The write under way, and what its span was. */
  private _write: { bytes: Uint8Array; start: number; end: number; copy: Uint8Array } | undefined

  constructor(
    handlers: Handlers,
    private readonly _options: ArenaOptions,
  ) {
    const { fail, words } = _options
    const platform: Platform = {
      ...testPlatform(words),
      ..._options.platform,
      setTimer: (callback, delay) => {
        const timer = { callback, delay }
        this._timers.push(timer)
        return timer
      },
      clearTimer: (timer) => {
        const at = this._timers.indexOf(timer as never)
        if (at < 0) fail('a timer is cleared that is none')
        this._timers.splice(at, 1)
      },
      defer: (callback) => this._deferred.push(callback),
      reportError: (error) => this.errors.push(error),
    }
    this.client = new Client(endpointOf(new URL('ws://h/')), handlers, _options.client, platform)
    const alive = (what: string) => {
      if (this.isAborted) fail(what + ' after abort')
    }
    this.client.start({
      write: (bytes, start, end) => {
        alive('a write')
        if (this._write) fail('two writes at once')
        if (this.hasEnded) fail('a write after the end')
        if (start >= end || end > bytes.length) fail('a write of ' + start + '–' + end)
        this._write = { bytes, start, end, copy: Uint8Array.from(bytes.subarray(start, end)) }
        const count = _options.takes(end - start)
        if (count >= 0) this.settle(count)
      },
      pause: () => {
        alive('pause')
        this.isPaused = true
      },
      resume: () => {
        alive('resume')
        this.isPaused = false
      },
      end: () => {
        alive('end')
        if (this._write) fail('an end within a write')
        if (this.hasEnded) fail('two ends')
        this.hasEnded = true
      },
      abort: () => {
        alive('abort')
        this.isAborted = true
      },
    })
  }

  get isWriting(): boolean {
    return this._write !== undefined && !this.isAborted
  }

  get timers(): number {
    return this._timers.length
  }

  /** What the timers wait for, in the order in which they were set. */
  get delays(): number[] {
    return this._timers.map(({ delay }) => delay)
  }

  /** The write under way is done: `count` octets of it have been taken. */
  settle(count = Infinity): void {
    const write = this._write
    if (!write || this.isAborted) return
    const { bytes, start, end, copy } = write
    const taken = Math.min(count, end - start)
    for (let i = 0; i < copy.length; i++) {
      if (bytes[start + i] !== copy[i])
        this._options.fail('octet ' + i + ' changed while it was written')
    }
    for (let i = 0; i < taken; i++) this.written.push(copy[i])
    this._write = undefined
    this.client.onWritten(taken)
  }

  /** The end of a turn: runs what was deferred. */
  turn(): boolean {
    const callbacks = this._deferred.splice(0)
    for (const callback of callbacks) callback()
    return callbacks.length > 0
  }

  /** Lets the timer fire that is due next, or number `index`. */
  fire(index?: number): boolean {
    const all = this._timers
    if (!all.length) return false
    const next =
      index === undefined
        ? all.reduce((a, b) => (b.delay < a.delay ? b : a))
        : all[index % all.length]
    all.splice(all.indexOf(next), 1)
    next.callback()
    return true
  }

  /** The peer's next octets; returns how many were read. */
  receive(bytes: Uint8Array, start: number, most: number, isDry?: boolean): number {
    const { client } = this
    const room = client.makeRoom()
    const count = Math.min(most, bytes.length - start, room)
    if (count <= 0) return 0
    const { receiveRing: ring } = client
    ring.bytes.set(bytes.subarray(start, start + count), ring.end)
    client.onReceived(count, isDry)
    return count
  }
}
