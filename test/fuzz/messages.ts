// MessageDecoder and its ring against the reference, with every limit small, whole messages and fragments; and against
// the receiver of ws, where it speaks of the same rules.

import type { MessageLimits } from '../../src/protocol/message-decoder'
import { RingBuffer } from '../../src/protocol/ring-buffer'
import { SinkMessageDecoder, watch } from '../support/sink-decoders'
import { pick, type Random } from '../deflate/random'
import { byWs, differ } from '../support/ws-receiver'
import { type Event, linesOf, type MessagesSeen, messagesOf } from './frame-reference'
import { frameStream } from './frame-stream'
import { type Arrival, arrivalOf, type Case, Disagreement } from './target'

const NO_LIMITS = Infinity

export function limitsOf(random: Random): MessageLimits {
  const isSmall = random(2) === 0
  return {
    maxMessageSize: isSmall ? pick(random, [0, 1, 10, 125, 126, 300, 1000, NO_LIMITS]) : 1 << 20,
    maxFragments: isSmall ? pick(random, [1, 2, 5, NO_LIMITS]) : NO_LIMITS,
    maxEmptyFragments: isSmall ? pick(random, [0, 1, 3, NO_LIMITS]) : 1024,
    maxControlFrames: isSmall ? pick(random, [0, 1, 2, 5, NO_LIMITS]) : NO_LIMITS,
  }
}

export function fuzzMessages(random: Random): Case {
  const input = frameStream(random)
  const limits = limitsOf(random)
  const seen = messagesOf(input, limits)
  let fed = 0
  for (const isWhole of [true, false]) {
    const arrival = arrivalOf(input.length, random)
    run(input, seen, arrival, isWhole, limits, random(3) ? undefined : random, random)
    fed += input.length
  }
  if (random(8) === 0) {
    const ours = linesOf(input, messagesOf(input, WS_LIMITS))
    const theirs = byWs(input, WS_LIMITS.maxMessageSize)
    const difference = differ(ours, theirs, input)
    if (difference) {
      throw new Disagreement(
        'ws says ' + theirs.join('; ') + ', we ' + ours.join('; '),
        input,
        'whole',
      )
    }
  }
  return { octets: input.length, fed }
}

const WS_LIMITS: MessageLimits = {
  maxMessageSize: 2000,
  maxFragments: Infinity,
  maxEmptyFragments: Infinity,
  maxControlFrames: Infinity,
}

function run(
  input: Uint8Array,
  { events, violation }: MessagesSeen,
  arrival: Arrival,
  isWhole: boolean,
  limits: MessageLimits,
  stopping: Random | undefined,
  random: Random,
): void {
  const capacity = pick(random, [256, 257, 300, 512, 4096])
  const how =
    arrival.name +
    (stopping ? ', stopping' : '') +
    (isWhole ? ', whole messages' : ', fragments') +
    ', ring of ' +
    capacity +
    ', ' +
    JSON.stringify(limits)
  const fail = (what: string): never => {
    throw new Disagreement(what, input, how)
  }
  const cursor = new Cursor(input, events, isWhole, fail)
  let isViolated = false
  let isRefused = false
  let buffers = 0
  const stop = () => {
    if (stopping && stopping(4) === 0) decoder.stopped = true
  }
  const ring = new RingBuffer(new Uint8Array(capacity))
  watch(ring, (size) => {
    if (!isWhole) fail('takes ' + size + ' octets in fragment mode')
    if (size > Math.max(limits.maxMessageSize + 254, capacity)) fail('takes ' + size + ' octets')
    if (++buffers > 40) fail('takes memory again and again')
  })
  const decoder = new SinkMessageDecoder(ring, isWhole, limits, {
    onFragment(bytes, start, end, kind, final) {
      cursor.fragment(bytes, start, end, kind, final, decoder.position + start)
      stop()
    },
    onMessage(bytes, start, end, kind) {
      cursor.message(bytes, start, end, kind)
      stop()
    },
    onControl(opcode, bytes, start, end) {
      if (stopping && stopping(4) === 0) {
        // No room for its pong.
        decoder.stopped = isRefused = true
        return false
      }
      cursor.control(opcode, bytes, start, end, decoder.position + start)
      stop()
      return true
    },
    onViolation(id, code, offset) {
      if (isViolated) fail('a second violation')
      isViolated = true
      if (!violation || violation.at !== offset || violation.id !== id || violation.code !== code) {
        fail(id + ' ' + code + ' at ' + offset + ', expected ' + JSON.stringify(violation))
      }
      cursor.end(true)
    },
  })
  let steps = 0
  let isFirst = true
  for (let at = 0; at < input.length && !isViolated; ) {
    const room = decoder.makeRoom()
    if (room < 1) fail('no room')
    // The first octet lies anywhere in the ring.
    if (isFirst) ring.start = ring.end = random(32)
    const count = Math.min(arrival.next(), room - (isFirst ? ring.end : 0), input.length - at)
    isFirst = false
    ring.bytes.set(input.subarray(at, at + count), ring.end)
    ring.end += count
    at += count
    do {
      decoder.stopped = isRefused = false
      decoder.decodeRing()
      if (++steps > 20 * input.length + 1000) fail('does not end')
    } while (decoder.stopped && !isViolated)
  }
  if (isViolated) {
    decoder.decodeRing()
  } else {
    if (violation) fail('no violation, expected ' + JSON.stringify(violation))
    if (!isRefused) cursor.end(false)
  }
}

/** Where a run stands within the events that are expected. */
export class Cursor {
  private _next = 0
  /** How far the payload of the next event has come, or −1. */
  private _at = -1

  constructor(
    private readonly _input: Uint8Array,
    private readonly _events: Event[],
    private readonly _isWhole: boolean,
    private readonly _fail: (what: string) => never,
  ) {}

  private _same(bytes: Uint8Array, start: number, at: number, count: number): void {
    const input = this._input
    for (let i = 0; i < count; i++) {
      if (bytes[start + i] !== input[at + i]) this._fail('other octets than those at ' + (at + i))
    }
  }

  fragment(
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: number,
    final: boolean,
    offset: number,
  ): void {
    // Empty payloads that are not the end of a message are not told.
    let event = this._events[this._next]
    while (event && event.type === 'payload' && event.start === event.end && !event.final) {
      event = this._events[++this._next]
    }
    if (!event || event.type !== 'payload') return this._fail('a fragment, not expected')
    if (this._at < 0) this._at = event.start
    const at = this._at
    const next = at + end - start
    if (kind !== event.kind || offset !== at || next > event.end)
      this._fail('a fragment at ' + offset)
    if (start === end && !final) this._fail('an empty fragment')
    if (final !== (event.final && next === event.end)) this._fail('final at ' + next)
    this._same(bytes, start, at, end - start)
    this._at = next
    if (next === event.end) {
      this._next++
      this._at = -1
    }
  }

  message(bytes: Uint8Array, start: number, end: number, kind: number): void {
    for (;;) {
      const event = this._events[this._payloads++]
      if (!event) return this._fail('a message, not expected')
      if (event.type === 'control') {
        // Told when it came, if it is before the message's end.
        if (this._payloads > this._next) return this._fail('a message before a control frame')
        continue
      }
      const count = event.end - event.start
      if (kind !== event.kind || start + count > end)
        return this._fail('a message, other than expected')
      this._same(bytes, start, event.start, count)
      start += count
      if (event.final) break
    }
    if (start !== end) this._fail('a message that is too long')
    this._next = Math.max(this._next, this._payloads)
  }

  /** Whole messages: how many events have gone into messages. */
  private _payloads = 0

  control(opcode: number, bytes: Uint8Array, start: number, end: number, offset: number): void {
    for (;;) {
      const event = this._events[this._next]
      if (!event) return this._fail('a control frame, not expected')
      if (event.type === 'control') {
        if (
          opcode !== event.opcode ||
          offset !== event.start ||
          end - start !== event.end - event.start
        ) {
          return this._fail('a control frame, other than expected')
        }
        this._same(bytes, start, event.start, end - start)
        this._next++
        return
      }
      // Payload of a message that is not whole yet, or an empty one.
      const isTold = this._isWhole ? !event.final : event.start === event.end && !event.final
      if (!isTold) return this._fail('a control frame before the payload at ' + event.start)
      this._next++
    }
  }

  /** All that was expected has come; of what is `broken`, no more than up to there. */
  end(isBroken: boolean): void {
    const events = this._events
    for (
      let i = this._isWhole ? Math.min(this._payloads, this._next) : this._next;
      i < events.length;
      i++
    ) {
      const event = events[i]
      if (event.type === 'control') {
        if (i >= this._next) this._fail('the control frame at ' + event.start + ' has not come')
      } else if (this._isWhole) {
        if (event.final) this._fail('the message that ends at ' + event.end + ' has not come')
      } else {
        const isLast = i === events.length - 1
        const at = i === this._next && this._at >= 0 ? this._at : event.start
        if (event.final || (at !== event.end && !(isBroken && isLast))) {
          this._fail('the payload from ' + at + ' has not come')
        }
      }
    }
  }
}
