// What RFC 6455 says of a stream of frames that a client receives, in the plainest way: all of it in memory, read from
// its beginning to its end, apart from the sources. Slow where it may be: lengths are BigInts, text is checked by the
// grammar of RFC 3629.

import type { MessageLimits } from '../../src/protocol/message-decoder'
import { join, OPCODE_NAMES } from '../support/frames'
import { show } from '../support/wire'

export interface Violation {
  /** Offset of the first octet that breaks a rule. */
  at: number
  /** Close code. */
  code: number
  /** The rule. */
  id: string
}

export interface FrameSeen {
  fin: boolean
  rsv1: boolean
  opcode: number
  /** Offsets of the header's last octet, of the payload, and of the end of what is there of it. */
  headerEnd: number
  start: number
  end: number
  /** Announced. */
  length: number
  isComplete: boolean
}

export interface FramesSeen {
  frames: FrameSeen[]
  violation: Violation | undefined
}

/** The frames of `input`, up to the first header that breaks a rule, section 5.2; `rsv1` may be set in data frames. */
export function framesOf(input: Uint8Array, mayHaveRsv1 = false): FramesSeen {
  const frames: FrameSeen[] = []
  let isOpen = false
  let at = 0
  const broken = (index: number, id: string, code = 1002): FramesSeen => ({
    frames,
    violation: { at: index, code, id },
  })
  while (at < input.length) {
    const first = at
    const fin = (input[first] & 0x80) !== 0
    const rsv1 = (input[first] & 0x40) !== 0
    const opcode = input[first] & 0x0f
    const isControl = opcode === 8 || opcode === 9 || opcode === 10
    if ((input[first] & 0x30) !== 0) return broken(first, 'RESERVED_BITS')
    if (rsv1 && !(mayHaveRsv1 && (opcode === 1 || opcode === 2))) {
      return broken(first, 'RESERVED_BITS')
    }
    if (![0, 1, 2, 8, 9, 10].includes(opcode)) return broken(first, 'RESERVED_OPCODE')
    if (!isControl && (opcode === 0) !== isOpen) {
      return broken(first, isOpen ? 'EXPECTED_CONTINUATION' : 'UNEXPECTED_CONTINUATION')
    }
    if (isControl && !fin) return broken(first, 'FRAGMENTED_CONTROL')
    const second = first + 1
    if (second === input.length) break
    if ((input[second] & 0x80) !== 0) return broken(second, 'MASKED_FRAME')
    const short = input[second] & 0x7f
    if (isControl && short > 125) return broken(second, 'CONTROL_TOO_LONG')
    if (opcode === 8 && short === 1) return broken(second, 'BAD_CLOSE_FRAME')
    let headerEnd = second
    let length = BigInt(short)
    if (short > 125) {
      const octets = short === 126 ? 2 : 8
      headerEnd = second + octets
      const there = input.subarray(second + 1, headerEnd + 1)
      // What the octets that are there say already.
      if (octets === 8 && there.length > 0 && there[0] > 127)
        return broken(second + 1, 'LENGTH_SIGN_BIT')
      if (octets === 8 && there.length >= 6 && there.subarray(0, 6).every((one) => one === 0)) {
        return broken(second + 6, 'LENGTH_NOT_MINIMAL')
      }
      if (there.length < octets) break
      length = there.reduce((sum, one) => sum * 256n + BigInt(one), 0n)
      if (length < 126n) return broken(headerEnd, 'LENGTH_NOT_MINIMAL')
      if (length >= 2n ** 53n) return broken(headerEnd, 'FRAME_TOO_BIG', 1009)
    }
    const start = headerEnd + 1
    const end = BigInt(start) + length
    const isComplete = end <= BigInt(input.length)
    frames.push({
      fin,
      rsv1,
      opcode,
      headerEnd,
      start,
      end: isComplete ? Number(end) : input.length,
      length: Number(length),
      isComplete,
    })
    if (!isComplete) break
    if (!isControl) isOpen = !fin
    at = Number(end)
  }
  return { frames, violation: undefined }
}

/** RFC 3629 section 4: the sequences of UTF-8, each octet a range. */
const TAIL: Range = [0x80, 0xbf]
type Range = [from: number, to: number]
const SEQUENCES: Range[][] = [
  [[0x00, 0x7f]],
  [[0xc2, 0xdf], TAIL],
  [[0xe0, 0xe0], [0xa0, 0xbf], TAIL],
  [[0xe1, 0xec], TAIL, TAIL],
  [[0xed, 0xed], [0x80, 0x9f], TAIL],
  [[0xee, 0xef], TAIL, TAIL],
  [[0xf0, 0xf0], [0x90, 0xbf], TAIL, TAIL],
  [[0xf1, 0xf3], TAIL, TAIL, TAIL],
  [[0xf4, 0xf4], [0x80, 0x8f], TAIL, TAIL],
]
const lies = (octet: number, [from, to]: Range) => octet >= from && octet <= to
const BY_FIRST = Array.from({ length: 256 }, (_, octet) =>
  SEQUENCES.find(([first]) => lies(octet, first)),
)

/** Text that comes in parts. */
export class TextSeen {
  private _rest: Range[] = []

  /** The first octet of `[start, end)` that is not UTF-8, or −1. */
  findWrong(input: Uint8Array, start: number, end: number): number {
    for (let i = start; i < end; i++) {
      if (this._rest.length) {
        if (!lies(input[i], this._rest[0])) return i
        this._rest = this._rest.slice(1)
      } else if (input[i] > 127) {
        const sequence = BY_FIRST[input[i]]
        if (!sequence) return i
        this._rest = sequence.slice(1)
      }
    }
    return -1
  }

  get isWhole(): boolean {
    return this._rest.length === 0
  }
}

export interface Part {
  start: number
  end: number
}

export type Event =
  /** A frame's payload, or what is there of it. `final`: the message ends with it. */
  | { type: 'payload'; kind: number; start: number; end: number; final: boolean }
  | { type: 'control'; opcode: number; start: number; end: number }

export interface MessagesSeen {
  events: Event[]
  violation: Violation | undefined
}

/** What comes of `input`: the payloads and control frames in their order, up to the first octet that breaks a rule. */
export function messagesOf(input: Uint8Array, limits: MessageLimits): MessagesSeen {
  const { frames, violation } = framesOf(input)
  const events: Event[] = []
  let kind = 0
  let text = new TextSeen()
  let size = 0
  let count = 0
  let empty = 0
  let controls = 0
  const broken = (at: number, id: string, code: number): MessagesSeen => ({
    events,
    violation: { at, code, id },
  })
  for (const { opcode, fin, start, end, headerEnd, length, isComplete } of frames) {
    if (opcode > 7) {
      if (!isComplete) break
      if (controls >= limits.maxControlFrames) return broken(start, 'TOO_MANY_CONTROL_FRAMES', 1008)
      controls++
      events.push({ type: 'control', opcode, start, end })
      continue
    }
    controls = 0
    if (opcode) {
      kind = opcode
      text = new TextSeen()
      size = count = empty = 0
    }
    size += length
    count++
    if (length === 0 && !fin) empty++
    if (size > limits.maxMessageSize) return broken(headerEnd, 'MESSAGE_TOO_BIG', 1009)
    if (count > limits.maxFragments || empty > limits.maxEmptyFragments)
      return broken(headerEnd, 'TOO_MANY_FRAGMENTS', 1008)
    const final = fin && isComplete
    if (kind === 1) {
      const wrong = text.findWrong(input, start, end)
      if (wrong >= 0) {
        events.push({ type: 'payload', kind, start, end: wrong, final: false })
        return broken(wrong, 'INVALID_UTF8', 1007)
      }
      if (final && !text.isWhole) {
        events.push({ type: 'payload', kind, start, end, final: false })
        return broken(end, 'INVALID_UTF8', 1007)
      }
    }
    events.push({ type: 'payload', kind, start, end, final })
  }
  return { events, violation }
}

/** What a client tells when it has all of `input`, a line each, as `support/ws-receiver` writes them. */
export function linesOf(input: Uint8Array, { events, violation }: MessagesSeen): string[] {
  const lines: string[] = []
  let parts: Uint8Array[] = []
  const failed = (id: string, code: number) => [...lines, 'failed ' + code + ' ' + id]
  for (const event of events) {
    const payload = input.subarray(event.start, event.end)
    if (event.type === 'payload') {
      parts.push(payload)
      if (!event.final) continue
      lines.push(OPCODE_NAMES[event.kind] + ' ' + show(join(parts)))
      parts = []
    } else if (event.opcode !== 8) {
      lines.push(OPCODE_NAMES[event.opcode] + ' ' + show(payload))
    } else {
      const closed = closeOf(input, event.start, event.end)
      if ('id' in closed) return failed(closed.id, closed.code)
      return [...lines, 'closed ' + closed.code + ' ' + show(payload.subarray(2))]
    }
  }
  return violation ? failed(violation.id, violation.code) : lines
}

/** What a Close frame says, section 7.4, or what is wrong with it. */
export function closeOf(
  input: Uint8Array,
  start: number,
  end: number,
): { code: number } | Violation {
  if (start === end) return { code: 1005 }
  const code = input[start] * 256 + input[start + 1]
  const isDefined = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)
  if (!isDefined && !(code >= 3000 && code <= 4999)) {
    return { at: start, code: 1002, id: 'BAD_CLOSE_FRAME' }
  }
  const reason = new TextSeen()
  const wrong = reason.findWrong(input, start + 2, end)
  if (wrong >= 0) return { at: wrong, code: 1007, id: 'INVALID_UTF8' }
  return reason.isWhole ? { code } : { at: end, code: 1007, id: 'INVALID_UTF8' }
}
