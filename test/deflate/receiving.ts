// The receiving side of a connection with permessage-deflate: frames in, messages out. As a target does it, with a
// ring and pieces of any size; and as a user does it who stops now and then.

import type { Extension, Transform } from '../../src/protocol/extension'
import type { MessageDecoder, MessageLimits } from '../../src/protocol/message-decoder'
import { RingBuffer } from '../../src/protocol/ring-buffer'
import { NO_LIMITS, replacementsOf } from '../support/message-run'
import { SinkMessageDecoder } from '../support/sink-decoders'

export interface ReceivingOptions {
  extension: Extension
  /** The server's Sec-WebSocket-Extensions. */
  answer: string
  isWhole: boolean
  ring?: number
  limits?: Partial<MessageLimits>
  /** Asked at each callback: stop now, and go on later? */
  stops?: () => boolean
}

export interface ReceivingSink {
  /** A whole message, or a part of one. */
  onSpan(bytes: Uint8Array, start: number, end: number, kind: number, final: boolean): void
  onControl?(opcode: number, bytes: Uint8Array, start: number, end: number): void
  onViolation(id: string, code: number, offset: number): void
}

export class Receiving {
  readonly transform: Transform
  readonly decoder: MessageDecoder
  /** Sizes of the memory that has replaced the receive ring's, and that of the transform's ring. */
  readonly allocated: number[][]
  hasFailed = false

  private readonly _ring: RingBuffer

  constructor(options: ReceivingOptions, sink: ReceivingSink) {
    const { extension, answer, isWhole, ring = 4096, stops = () => false } = options
    let mayCall = true
    const call = () => {
      if (!mayCall || this.hasFailed) throw new Error('a callback after a stop')
      if (stops()) {
        mayCall = false
        this.decoder.stopped = true
      }
    }
    this._goOn = () => {
      if (this.hasFailed || !this.decoder.stopped) return false
      mayCall = true
      this.decoder.stopped = false
      return true
    }
    this._ring = new RingBuffer(new Uint8Array(ring))
    const limits = { ...NO_LIMITS, ...options.limits }
    this.decoder = new SinkMessageDecoder(this._ring, isWhole, limits, {
      onFragment(bytes, start, end, kind, final) {
        call()
        sink.onSpan(bytes, start, end, kind, final)
      },
      onMessage(bytes, start, end, kind) {
        call()
        sink.onSpan(bytes, start, end, kind, true)
      },
      onControl(opcode, bytes, start, end) {
        call()
        if (sink.onControl) sink.onControl(opcode, bytes, start, end)
        return true
      },
      onViolation: (id, code, offset) => {
        if (this.hasFailed) throw new Error('a second violation: ' + id)
        this.hasFailed = true
        sink.onViolation(id, code, offset)
      },
    })
    const { rest, transform } = extension.accept(answer, this.decoder)
    if (rest || !transform) throw new Error('not accepted: ' + answer)
    this.transform = this.decoder.transform = transform
    this.decoder.reservedBits = 0x30
    this.allocated = [this._ring, transform.ring].map(replacementsOf)
  }

  private readonly _goOn: () => boolean

  /** Takes `input` in pieces, whose sizes `next` gives. */
  receive(input: Uint8Array, next: () => number): void {
    const { decoder, _ring: ring } = this
    for (let at = 0; at < input.length && !this.hasFailed; ) {
      const room = decoder.makeRoom()
      if (room < 1) throw new Error('no room')
      const count = Math.min(next(), room, input.length - at)
      ring.bytes.set(input.subarray(at, at + count), ring.end)
      ring.end += count
      at += count
      do decoder.decodeRing()
      while (this._goOn())
    }
  }
}
