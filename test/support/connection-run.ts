// A Connection between two rings, driven by hand: what a peer sends goes in, what is sent is taken out by
// `drain`, and all that it tells is logged.

import { Buffer } from 'node:buffer'
import { CLOSED, CLOSING, Connection, OPEN } from '../../src/protocol/connection'
import type { MessageLimits } from '../../src/protocol/message-decoder'
import { MessageEncoder } from '../../src/protocol/message-encoder'
import type { Kind } from '../../src/protocol/opcode'
import { RingBuffer } from '../../src/protocol/ring-buffer'
import { OPCODE_NAMES, readFrames } from './frames'
import { Log } from './log'
import { NO_LIMITS } from './message-run'
import { type TestPlatform, testPlatform } from './platform'
import { show, wire } from './wire'

const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']

export interface RunOptions {
  /** Sizes of the pieces in which each `receive` arrives; the last one repeats. Default: whole. */
  sizes?: number[]
  /** Whole messages, not fragments. Default true. */
  isWhole?: boolean
  sendRing?: number
  receiveRing?: number
  limits?: Partial<MessageLimits>
}

/** A Connection that logs what it is told. */
class LoggedConnection extends Connection {
  run!: ConnectionRun

  onFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): void {
    if (start < end || final) {
      this.run.say(OPCODE_NAMES[kind] + ' ' + show(bytes, start, end) + (final ? ' final' : ''))
    }
  }

  onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void {
    this.run.say(OPCODE_NAMES[kind] + ' ' + show(bytes, start, end))
  }

  onPing(bytes: Uint8Array, start: number, end: number): void {
    this.run.say('ping ' + show(bytes, start, end))
  }

  onPong(bytes: Uint8Array, start: number, end: number): void {
    this.run.say('pong ' + show(bytes, start, end))
  }

  onFailure(id: string, code: number, _detail: string, offset?: number): void {
    this.run.say('failure @' + offset + ' ' + id + ' ' + code)
  }

  onClosing(): void {
    this.run.say('closing')
  }

  onQueued(): void {}

  onWritable(): void {
    this.run.say('writable')
  }

  flush(): void {
    this.run.flush()
  }

  abort(): void {
    this.run.say('abort')
  }
}

export class ConnectionRun {
  readonly connection: Connection
  readonly platform: TestPlatform = testPlatform()
  readonly sendRing: MessageEncoder
  readonly receiveRing: RingBuffer
  /** Called after each line is logged, to act from within a callback. */
  onLine: ((line: string) => void) | undefined
  /** Whether the network takes at once what the full ring offers it. */
  takesWhenFull = false

  private readonly _log = new Log()
  private readonly _sizes: number[]
  /** What has arrived and has not been put into the ring. */
  private _unread: number[] = []

  constructor(options: RunOptions = {}) {
    const { sendRing = 4096, receiveRing = 4096, isWhole = true } = options
    this._sizes = options.sizes || [Infinity]
    this.sendRing = new MessageEncoder(Buffer.alloc(sendRing), this.platform)
    this.receiveRing = new RingBuffer(Buffer.alloc(receiveRing))
    const connection = new LoggedConnection(
      this.receiveRing,
      this.sendRing,
      !isWhole,
      { ...NO_LIMITS, ...options.limits },
      this.platform,
    )
    connection.run = this
    connection.readyState = OPEN
    this.connection = connection
  }

  /** The connection wants the full ring written out. */
  flush(): void {
    if (this.takesWhenFull) this._take(Infinity)
  }

  get lines(): string[] {
    this._log.flush()
    return this._log.lines
  }

  say(line: string): void {
    this._log.add(line)
    if (this.onLine) this.onLine(line)
  }

  /** The peer sends this. */
  receive(text: string): void {
    const octets = wire(text)
    let at = 0
    let piece = 0
    while (at < octets.length) {
      const size = Math.min(this._sizes[piece], octets.length - at)
      if (piece < this._sizes.length - 1) piece++
      for (let i = 0; i < size; i++) this._unread.push(octets[at + i])
      at += size
      this._read()
    }
  }

  private _read(): void {
    const { connection, receiveRing: ring } = this
    connection.isBlocked = false
    connection.decodeRing()
    while (this._unread.length && !connection.isBlocked) {
      if (connection.isDone) {
        this._unread = []
        break
      }
      const count = Math.min(connection.makeRoom(), this._unread.length)
      if (!count) break
      ring.bytes.set(this._unread.splice(0, count), ring.end)
      ring.end += count
      connection.decodeRing()
    }
  }

  /** The network takes all that there is to send, at most `size` octets at a time; the frames are logged. */
  drain(size = Infinity): void {
    const { connection } = this
    do {
      this._take(size)
      if (connection.isBlocked) this._read()
    } while (this.sendRing.start < this.sendRing.end)
    connection.announceRoom()
  }

  private _take(size: number): void {
    const { connection, sendRing: ring } = this
    const sent: number[] = []
    for (;;) {
      if (ring.start === ring.end) connection.refill()
      if (ring.start === ring.end) break
      const next = Math.min(ring.end, ring.start + size)
      for (let i = ring.start; i < next; i++) sent.push(ring.bytes[i])
      ring.start = next
      // While the ring is not empty there may be room for what waits.
      connection.refill()
    }
    for (const { fin, opcode, payload } of readFrames(Uint8Array.from(sent))) {
      const code = opcode === 8 && payload.length > 1 ? ' ' + (payload[0] * 256 + payload[1]) : ''
      const end = opcode < 8 && fin ? ' fin' : ''
      this._log.add('sent ' + OPCODE_NAMES[opcode] + code + ' ' + show(payload, code ? 2 : 0) + end)
    }
  }

  /** Logs where the connection stands, and what `onClose` would say. */
  state(): void {
    const { readyState, closeCode = 1006, closeReason, closeSent, closeReceived } = this.connection
    const flags = (closeSent ? ' sent' : '') + (closeReceived ? ' received' : '')
    const outcome = readyState === CLOSING || readyState === CLOSED ? ' ' + closeCode : ''
    const reason = closeReason ? ' ' + JSON.stringify(closeReason) : ''
    this._log.add('state ' + STATES[readyState] + outcome + reason + flags)
  }

  /** Runs `action`, and logs the id of what it throws. */
  attempt(action: () => unknown): void {
    try {
      const result = action()
      if (result !== undefined) this.say('returned ' + result)
    } catch (error) {
      const { id, name } = error as Error & { id?: string }
      this.say('threw ' + name + ' ' + id)
    }
  }
}
