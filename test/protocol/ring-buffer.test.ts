import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RingBuffer } from '../../src/protocol/ring-buffer'
import { show, wire } from '../support/wire'

const rings = suite('RingBuffer')

interface RingVector {
  name: string
  run(it: Steps): void
  log: string[]
}

/** A ring of 16, and the log of what is done with it. */
class Steps {
  readonly ring = new RingBuffer(new Uint8Array(16))
  readonly log: string[] = []

  put(text: string): void {
    const octets = wire(text)
    this.ring.bytes.set(octets, this.ring.end)
    this.ring.end += octets.length
    this.state('put')
  }

  take(count: number): void {
    this.ring.start += count
    this.state('take')
  }

  /** Takes `count` octets out and keeps them. */
  hold(count: number): void {
    const { start } = this.ring
    this.ring.start += count
    this.ring.hold(start, start + count)
    this.state('hold')
  }

  room(wanted: number): void {
    this.state('room ' + this.ring.room(wanted))
  }

  state(what: string): void {
    const { bytes, start, end, heldStart, heldEnd } = this.ring
    const held =
      heldEnd > heldStart ? ' held @' + heldStart + ' ' + show(bytes, heldStart, heldEnd) : ''
    this.log.push(what + ':' + held + ' pending @' + start + ' ' + show(bytes, start, end))
  }
}

const vectors: RingVector[] = [
  {
    name: 'all room at first',
    run: (it) => it.room(1),
    log: ['room 16: pending @0 ""'],
  },
  {
    name: 'drained, it begins again at 0',
    run(it) {
      it.put('"abcdef"')
      it.take(6)
      it.room(1)
    },
    log: ['put: pending @0 "abcdef"', 'take: pending @6 ""', 'room 16: pending @0 ""'],
  },
  {
    name: 'what is pending stays where it is while there is room behind it',
    run(it) {
      it.put('"abcdef"')
      it.take(4)
      it.room(10)
    },
    log: ['put: pending @0 "abcdef"', 'take: pending @4 "ef"', 'room 10: pending @4 "ef"'],
  },
  {
    name: 'what is pending slides to the front when there is not',
    run(it) {
      it.put('"abcdef"')
      it.take(4)
      it.room(11)
    },
    log: ['put: pending @0 "abcdef"', 'take: pending @4 "ef"', 'room 14: pending @0 "ef"'],
  },
  {
    name: 'full is full',
    run(it) {
      it.put('"abcdefghijklmnop"')
      it.room(1)
      it.room(16)
    },
    log: [
      'put: pending @0 "abcdefghijklmnop"',
      'room 0: pending @0 "abcdefghijklmnop"',
      'room 0: pending @0 "abcdefghijklmnop"',
    ],
  },
  {
    name: 'what is held is drawn together over what was between',
    run(it) {
      it.put('"..ab..cd..ef"')
      it.take(2)
      it.hold(2)
      it.take(2)
      it.hold(2)
      it.take(2)
      it.hold(2)
      it.room(1)
    },
    log: [
      'put: pending @0 "..ab..cd..ef"',
      'take: pending @2 "ab..cd..ef"',
      'hold: held @2 "ab" pending @4 "..cd..ef"',
      'take: held @2 "ab" pending @6 "cd..ef"',
      'hold: held @2 "abcd" pending @8 "..ef"',
      'take: held @2 "abcd" pending @10 "ef"',
      'hold: held @2 "abcdef" pending @12 ""',
      'room 8: held @2 "abcdef" pending @8 ""',
    ],
  },
  {
    name: 'held and pending slide together, each to its place',
    run(it) {
      it.put('"..abc...xyz"')
      it.take(2)
      it.hold(3)
      it.take(3)
      it.room(9)
      it.put('"12345"')
      it.room(1)
    },
    log: [
      'put: pending @0 "..abc...xyz"',
      'take: pending @2 "abc...xyz"',
      'hold: held @2 "abc" pending @5 "...xyz"',
      'take: held @2 "abc" pending @8 "xyz"',
      'room 10: held @0 "abc" pending @3 "xyz"',
      'put: held @0 "abc" pending @3 "xyz12345"',
      'room 5: held @0 "abc" pending @3 "xyz12345"',
    ],
  },
  {
    name: 'released, it begins again at 0',
    run(it) {
      it.put('"abcd"')
      it.hold(4)
      it.ring.release()
      it.room(1)
    },
    log: ['put: pending @0 "abcd"', 'hold: held @0 "abcd" pending @4 ""', 'room 16: pending @0 ""'],
  },
  {
    name: 'pinned, nothing moves, drained or not',
    run(it) {
      it.ring.pinned = true
      it.put('"abcdef"')
      it.take(6)
      it.room(16)
      it.put('"gh"')
      it.room(16)
      it.ring.pinned = false
      it.room(16)
    },
    log: [
      'put: pending @0 "abcdef"',
      'take: pending @6 ""',
      'room 10: pending @6 ""',
      'put: pending @6 "gh"',
      'room 8: pending @6 "gh"',
      'room 14: pending @0 "gh"',
    ],
  },
  {
    name: 'moved into larger memory, all is where it was',
    run(it) {
      it.put('".ab..xyz"')
      it.take(1)
      it.hold(2)
      it.take(2)
      it.ring.replace(new Uint8Array(32))
      it.room(24)
      it.room(25)
    },
    log: [
      'put: pending @0 ".ab..xyz"',
      'take: pending @1 "ab..xyz"',
      'hold: held @1 "ab" pending @3 "..xyz"',
      'take: held @1 "ab" pending @5 "xyz"',
      'room 24: held @1 "ab" pending @5 "xyz"',
      'room 27: held @0 "ab" pending @2 "xyz"',
    ],
  },
]

for (const { name, run, log } of vectors) {
  rings(name, () => {
    const it = new Steps()
    run(it)
    assert.equal(it.log, log)
  })
}

rings('is a queue, whatever is put in and taken out', () => {
  let state = 7
  const below = (limit: number) => (state = (state * 1103515245 + 12345) & 0x7fffffff) % limit
  const ring = new RingBuffer(new Uint8Array(16))
  const expected: number[] = []
  let octet = 0
  for (let round = 0; round < 20000; round++) {
    ring.pinned = below(4) === 0
    const room = ring.room(1 + below(16))
    for (let count = below(room + 1); count > 0; count--) {
      ring.bytes[ring.end++] = octet & 255
      expected.push(octet++ & 255)
    }
    for (let count = below(ring.end - ring.start + 1); count > 0; count--) {
      assert.is(ring.bytes[ring.start++], expected.shift())
    }
  }
  assert.is(ring.end - ring.start, expected.length)
})

rings.run()
