// Runs octets through a MessageDecoder and its ring, as a target does, and logs what it tells.

import * as assert from 'uvu/assert'
import type { MessageLimits } from '../../src/protocol/message-decoder'
import { RingBuffer } from '../../src/protocol/ring-buffer'
import { OPCODE_NAMES } from './frames'
import { Log } from './log'
import type { Arrival } from './pieces'
import { SinkMessageDecoder, watch } from './sink-decoders'
import { show } from './wire'

export const NO_LIMITS: MessageLimits = {
  maxMessageSize: Infinity,
  maxFragments: Infinity,
  maxEmptyFragments: Infinity,
  maxControlFrames: Infinity,
}

/** Sizes of the memory that replaces the ring's, as it comes. */
export function replacementsOf(ring: RingBuffer): number[] {
  const sizes: number[] = []
  watch(ring, (size) => sizes.push(size))
  return sizes
}

export interface MessageRun {
  lines: string[]
  /** Sizes of the buffers that replaced the ring's. */
  allocated: number[]
}

export function runMessages(
  input: Uint8Array,
  arrival: Arrival,
  capacity: number,
  isWhole: boolean,
  limits: MessageLimits,
): MessageRun {
  const log = new Log()
  let messages = 0
  let hasFailed = false
  let lastFinal = ''

  const halt = () => {
    if (arrival.isHalting) decoder.stopped = true
  }
  const ring = new RingBuffer(new Uint8Array(capacity))
  const allocated = replacementsOf(ring)
  const decoder = new SinkMessageDecoder(ring, isWhole, limits, {
    onFragment(bytes, start, end, kind, final) {
      const at = decoder.position + start
      assert.ok(start < end || final, 'an empty span that is not final')
      const key = kind + ' ' + messages
      log.span(
        key,
        bytes,
        start,
        end,
        (payload) =>
          OPCODE_NAMES[kind] +
          ' @' +
          at +
          ' ' +
          show(payload) +
          (lastFinal === key ? ' final' : ''),
      )
      if (final) {
        lastFinal = key
        messages++
        log.flush()
      } else if (decoder.remaining === 0) {
        log.settle()
      }
      halt()
    },
    onMessage(bytes, start, end, kind) {
      log.add('message ' + OPCODE_NAMES[kind] + ' ' + show(bytes, start, end))
      halt()
    },
    onControl(opcode, bytes, start, end) {
      const at = decoder.position + start
      log.add(OPCODE_NAMES[opcode] + ' @' + at + ' ' + show(bytes, start, end))
      halt()
      return true
    },
    onViolation(id, code, offset) {
      if (id === 'INVALID_UTF8') log.retract()
      log.add('violation @' + offset + ' ' + id + ' ' + code)
      hasFailed = true
    },
  })
  const decode = () => {
    do {
      if (!hasFailed) decoder.stopped = false
      decoder.decodeRing()
    } while (decoder.stopped && !hasFailed)
  }
  ring.start = ring.end = arrival.offset
  let at = 0
  let piece = 0
  while (at < input.length && !hasFailed) {
    let left = Math.min(arrival.sizes[piece], input.length - at)
    if (piece < arrival.sizes.length - 1) piece++
    while (left && !hasFailed) {
      const room = at ? decoder.makeRoom() : capacity - arrival.offset
      assert.ok(room > 0, 'no room, ' + arrival.name)
      const count = Math.min(left, room)
      ring.bytes.set(input.subarray(at, at + count), ring.end)
      ring.end += count
      at += count
      left -= count
      decode()
    }
  }
  if (hasFailed) {
    // Whatever else comes, nothing more is told.
    const before = log.lines.length
    decoder.decodeRing()
    assert.is(log.lines.length, before)
  }
  log.flush()
  return { lines: log.lines, allocated }
}
