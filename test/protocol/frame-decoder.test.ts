import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RingBuffer } from '../../src/protocol/ring-buffer'
import { OPCODE_NAMES } from '../support/frames'
import { expectLog, Log } from '../support/log'
import { type Arrival, arrivals } from '../support/pieces'
import { type FrameSink, SinkFrameDecoder } from '../support/sink-decoders'
import { show, wire } from '../support/wire'
import { extendedVectors, frameVectors } from '../vectors/frame-decoder'

const frameDecoder = suite('FrameDecoder')

/** What the decoder tells about `input` when it comes by way of `arrival` through a ring of `capacity`. */
function decode(
  input: Uint8Array,
  arrival: Arrival,
  capacity: number,
  reservedBits: number,
): string[] {
  const log = new Log()
  let hasFailed = false
  let frames = 0
  const halt = () => {
    if (arrival.isHalting) decoder.stopped = true
  }
  const sink: FrameSink = {
    onDataFrame(index) {
      const { fin, kind, rsv1, remaining } = decoder
      const words = [OPCODE_NAMES[kind], fin ? 'fin' : '', rsv1 ? 'rsv1' : '', remaining]
      log.add(
        'frame @' +
          (decoder.position + index) +
          ' ' +
          words.filter((word) => word !== '').join(' '),
      )
      frames++
      halt()
    },
    onPayload(bytes, start, end) {
      const at = decoder.position + start
      log.span(
        'frame ' + frames,
        bytes,
        start,
        end,
        (payload) => 'payload @' + at + ' ' + show(payload) + (isEnd(frames) ? ' end' : ''),
      )
      ended = decoder.remaining === 0 ? frames : ended
      halt()
    },
    onControl(opcode, bytes, start, end) {
      log.add(
        OPCODE_NAMES[opcode] + ' @' + (decoder.position + start) + ' ' + show(bytes, start, end),
      )
      halt()
      return true
    },
    onViolation(id, code, index) {
      log.add('violation @' + (decoder.position + index) + ' ' + id + ' ' + code)
      hasFailed = true
    },
  }
  let ended = 0
  const isEnd = (frame: number) => ended === frame
  const decoder = new SinkFrameDecoder(sink)
  decoder.reservedBits = reservedBits
  const ring = new RingBuffer(new Uint8Array(capacity))
  const run = () => {
    do {
      if (!hasFailed) decoder.stopped = false
      ring.start = decoder.decode(ring.bytes, ring.start, ring.end)
    } while (decoder.stopped && !hasFailed)
  }
  ring.start = ring.end = arrival.offset
  let at = 0
  let piece = 0
  while (at < input.length && !hasFailed) {
    let left = Math.min(arrival.sizes[piece], input.length - at)
    if (piece < arrival.sizes.length - 1) piece++
    while (left && !hasFailed) {
      // The first piece lies where the arrival says; then the ring makes room as it does in use.
      const room = at ? ring.room(128) : capacity - arrival.offset
      const count = Math.min(left, room)
      assert.ok(count > 0, 'no room, ' + arrival.name)
      ring.bytes.set(input.subarray(at, at + count), ring.end)
      ring.end += count
      at += count
      left -= count
      run()
    }
  }
  log.flush()
  return log.lines
}

function everyArrival(input: Uint8Array, log: string[], reservedBits: number) {
  for (const arrival of arrivals(input.length, 256)) {
    expectLog(decode(input, arrival, 256, reservedBits), log, arrival.name + ', ring of 256')
  }
  const large = input.length + 1
  for (const arrival of arrivals(input.length, 1)) {
    expectLog(decode(input, arrival, large, reservedBits), log, arrival.name + ', ring of ' + large)
  }
}

for (const vector of frameVectors) {
  frameDecoder(vector.name, () => everyArrival(wire(vector.in), vector.log, 0x70))
}

for (const vector of extendedVectors) {
  frameDecoder('with an extension: ' + vector.name, () =>
    everyArrival(wire(vector.in), vector.log, 0x30),
  )
}

frameDecoder('a control frame that is refused is offered again, with all behind it', () => {
  const log: string[] = []
  let refusals = 2
  const sink: FrameSink = {
    onDataFrame: (index) => log.push('frame @' + (decoder.position + index)),
    onPayload: (bytes, start, end) => log.push('payload ' + show(bytes, start, end)),
    onControl(_opcode, bytes, start, end) {
      const isTaken = refusals-- <= 0
      log.push((isTaken ? 'taken ' : 'refused ') + show(bytes, start, end))
      return isTaken
    },
    onViolation: (id) => log.push(id),
  }
  const decoder = new SinkFrameDecoder(sink)
  const input = wire('81 01 "a" 89 01 "p" 81 01 "b"')
  const taken: number[] = []
  let at = 0
  for (let i = 0; i < 4; i++) {
    at = decoder.decode(input, at, input.length)
    taken.push(at)
  }
  assert.equal(log, [
    'frame @1',
    'payload "a"',
    'refused "p"',
    'refused "p"',
    'taken "p"',
    'frame @7',
    'payload "b"',
  ])
  assert.equal(taken, [3, 3, 9, 9])
})

frameDecoder('takes nothing while stopped', () => {
  const decoder = new SinkFrameDecoder({})
  decoder.stopped = true
  assert.is(decoder.decode(wire('81 00 89 00'), 0, 4), 0)
  decoder.stopped = false
  assert.is(decoder.decode(wire('81 00 89 00'), 0, 4), 4)
})

frameDecoder('decodes nothing after a violation, and tells it once', () => {
  const log: string[] = []
  const decoder = new SinkFrameDecoder({
    onDataFrame: () => log.push('data'),
    onPayload() {},
    onControl: () => true,
    onViolation: (id) => log.push(id),
  })
  assert.is(decoder.decode(wire('83 00 81 00'), 0, 4), 0)
  assert.is(decoder.decode(wire('83 00 81 00'), 0, 4), 0)
  assert.is(decoder.decode(wire('81 00'), 0, 2), 0)
  assert.equal(log, ['RESERVED_OPCODE'])
})

frameDecoder('counts what was skipped before the first frame', () => {
  const log: string[] = []
  const decoder = new SinkFrameDecoder({
    onViolation: (id, code, index) => log.push(id + ' ' + code + ' @' + (decoder.position + index)),
  })
  decoder.position = 129
  decoder.decode(wire('00 00 81 00 83 00'), 2, 6)
  assert.equal(log, ['RESERVED_OPCODE 1002 @131'])
})

frameDecoder.run()
