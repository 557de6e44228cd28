// Decoders that tell a sink what comes: for tests that say what they expect in one object.

import { FrameDecoder } from '../../src/protocol/frame-decoder'
import { MessageDecoder, type MessageLimits } from '../../src/protocol/message-decoder'
import type { Kind } from '../../src/protocol/opcode'
import type { RingBuffer } from '../../src/protocol/ring-buffer'

export interface FrameSink {
  onDataFrame?(index: number): void
  onPayload?(bytes: Uint8Array, start: number, end: number): void
  onControl?(opcode: number, bytes: Uint8Array, start: number, end: number): boolean
  onViolation?(id: string, code: number, index: number): void
}

export class SinkFrameDecoder extends FrameDecoder {
  /** Set by the sink within `onPayload`: how many octets at the end of the span it has not taken. */
  untaken = 0

  constructor(private readonly _sink: FrameSink) {
    super()
  }

  onDataFrame(index: number): void {
    this._sink.onDataFrame?.(index)
  }

  onPayload(bytes: Uint8Array, start: number, end: number): number {
    this._sink.onPayload?.(bytes, start, end)
    const next = end - this.untaken
    this.untaken = 0
    return next
  }

  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean {
    return this._sink.onControl?.(opcode, bytes, start, end) ?? true
  }

  onViolation(id: string, code: number, index: number): void {
    this._sink.onViolation?.(id, code, index)
  }
}

export interface MessageSink {
  onFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): void
  onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void
  onControl(opcode: number, bytes: Uint8Array, start: number, end: number): boolean
  onViolation(id: string, code: number, offset: number): void
}

export class SinkMessageDecoder extends MessageDecoder {
  constructor(
    ring: RingBuffer,
    isWhole: boolean,
    limits: MessageLimits,
    private readonly _sink: MessageSink,
  ) {
    super(ring, !isWhole, limits)
  }

  onFragment(bytes: Uint8Array, start: number, end: number, kind: Kind, final: boolean): void {
    this._sink.onFragment(bytes, start, end, kind, final)
  }

  onMessage(bytes: Uint8Array, start: number, end: number, kind: Kind): void {
    this._sink.onMessage(bytes, start, end, kind)
  }

  onControlFrame(opcode: number, bytes: Uint8Array, start: number, end: number): boolean {
    return this._sink.onControl(opcode, bytes, start, end)
  }

  fail(id: string, code: number, offset: number): void {
    this._sink.onViolation(id, code, offset)
  }
}

/** Has `onReplace` told the size of the memory that replaces the ring's, before it does. */
export function watch(ring: RingBuffer, onReplace: (size: number) => void): void {
  const { replace } = ring
  ring.replace = (bytes) => {
    onReplace(bytes.length)
    replace.call(ring, bytes)
  }
}
