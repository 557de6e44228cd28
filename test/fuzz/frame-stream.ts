// Streams of frames as servers send them, from a source of choices: valid, out of order, damaged, cut off, hostile.

import { pick, type Random } from '../deflate/random'
import { damage } from './damage'
import { StreamWriter } from './stream-writer'

const writer = new StreamWriter()

const CHARACTERS = [
  'ä',
  '€',
  '😀',
  '\u0000',
  '\uffff',
  '\ud7ff',
  '\ue000',
  '\u{10ffff}',
  '\ufeff',
  '\u0800',
  '\u{10000}',
]
const ENCODED = CHARACTERS.map((character) => new TextEncoder().encode(character))
/** What begins or continues no character, and what stands just beyond a bound of RFC 3629. */
const WRONG = [
  [0x80],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x9f, 0xbf],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5],
  [0xff],
  [0xe2, 0x82],
  [0xc3, 0x41],
  [0xf0, 0x9f, 0x98],
]
const SIZES = [0, 0, 1, 2, 3, 4, 7, 48, 49, 124, 125, 126, 127, 128, 129, 200, 255, 256, 257]
const LARGE = [383, 509, 511, 512, 513, 1000, 1023, 4095, 4096]
const CODES = [
  0, 999, 1000, 1001, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015, 1016, 2999, 3000, 4999, 5000,
  65535,
]

function size(random: Random): number {
  const dice = random(64)
  if (dice < 50) return random(16)
  if (dice < 61) return pick(random, SIZES)
  if (dice < 63) return random(600)
  return random(200) ? pick(random, LARGE) : pick(random, [65535, 65536, 65537])
}

/** `length` octets of text, which may end within a character, and begin with the rest of the last one. */
class Text {
  private _pending: ArrayLike<number> = []
  private _at = 0

  constructor(
    private readonly _random: Random,
    private readonly _isRight: boolean,
  ) {}

  fill(bytes: Uint8Array, start: number, end: number): void {
    const random = this._random
    while (start < end) {
      if (this._at < this._pending.length) {
        bytes[start++] = this._pending[this._at++]
      } else if (random(6) === 0) {
        this._pending = this._isRight || random(8) ? pick(random, ENCODED) : pick(random, WRONG)
        this._at = 0
      } else {
        // A run of ASCII, as most text is.
        for (let run = 1 + random(12); run > 0 && start < end; run--)
          bytes[start++] = 0x20 + ((run * 7 + start) % 95)
      }
    }
  }

  /** Octets that the last character needs still. */
  get missing(): number {
    return this._pending.length - this._at
  }
}

function header(
  opcode: number,
  fin: boolean,
  rsv: number,
  length: number,
  random: Random,
  isMinimal: boolean,
  masked = 0,
): void {
  writer.put((fin ? 128 : 0) | (rsv << 4) | opcode)
  const way = isMinimal ? (length < 126 ? 0 : length < 65536 ? 1 : 2) : random(3)
  if (way === 0) {
    writer.put(masked | (length & 127))
  } else if (way === 1) {
    writer.put(masked | 126)
    writer.put(length >> 8)
    writer.put(length)
  } else {
    writer.put(masked | 127)
    for (const octet of [0, 0, 0, 0, 0, length >> 16, length >> 8, length]) writer.put(octet)
  }
}

function fill(length: number, random: Random): void {
  const bytes = writer.reserve(length)
  const end = writer.length + length
  const seed = random(256)
  const step = random(4) * 37
  for (let i = writer.length; i < end; i++) bytes[i] = seed + i * step
  writer.length = end
}

function control(random: Random): void {
  const length = random(4) ? random(10) : pick(random, [0, 124, 125])
  header(random(2) ? 9 : 10, true, 0, length, random, true)
  fill(length, random)
}

function close(random: Random): void {
  if (random(4) === 0) return header(8, true, 0, 0, random, true)
  const isRight = random(3) > 0
  const code = isRight ? pick(random, [1000, 1001, 3000]) : pick(random, CODES)
  const length = random(3) ? random(20) : pick(random, [0, 122, 123])
  header(8, true, 0, 2 + length, random, true)
  writer.put(code >> 8)
  writer.put(code)
  const bytes = writer.reserve(length)
  new Text(random, random(4) > 0).fill(bytes, writer.length, writer.length + length)
  writer.length += length
}

/** A message in fragments, with control frames between; text is right unless `mayBeWrong`. */
function message(random: Random, mayBeWrong: boolean): void {
  const kind = 1 + random(2)
  const count = random(3) ? 1 : 1 + random(5)
  const text = new Text(random, !mayBeWrong || random(4) > 0)
  for (let i = 0; i < count; i++) {
    while (random(8) === 0) control(random)
    const isLast = i === count - 1
    let length = size(random)
    const isText = kind === 1
    const start = writer.length
    if (isText && isLast && !(mayBeWrong && random(8) === 0)) {
      // The last character is made whole: as much more as it needs.
      writer.reserve(length + 20)
      const scratch = new Uint8Array(length + 8)
      text.fill(scratch, 0, length)
      const missing = Math.max(0, text.missing)
      text.fill(scratch, length, length + missing)
      length += missing
      header(i ? 0 : kind, isLast, 0, length, random, true)
      writer.append(scratch.subarray(0, length))
    } else {
      header(i ? 0 : kind, isLast, 0, length, random, true)
      if (isText) {
        const bytes = writer.reserve(length)
        text.fill(bytes, writer.length, writer.length + length)
        writer.length += length
      } else {
        fill(length, random)
      }
    }
    if (writer.length - start > 100000) return
  }
}

/** A frame of any kind with any bits, or the header of one that is not there. */
function anyFrame(random: Random): void {
  const opcode = pick(random, [0, 0, 1, 2, 3, 7, 8, 9, 10, 11, 15])
  const rsv = random(4) ? 0 : random(8)
  const length = size(random)
  header(opcode, random(3) > 0, rsv, length, random, random(4) > 0, random(8) ? 0 : 128)
  if (random(4)) fill(length, random)
}

const HOSTILE_LENGTHS = [
  [0, 0, 0, 0, 0, 0, 0, 5],
  [0, 0, 0, 0, 0, 0, 255, 255],
  [0, 0, 0, 0, 0, 1, 0, 0],
  [0, 0, 0, 1, 0, 0, 0, 0],
  [0, 31, 255, 255, 255, 255, 255, 255],
  [0, 32, 0, 0, 0, 0, 0, 0],
  [127, 255, 255, 255, 255, 255, 255, 255],
  [128, 0, 0, 0, 0, 0, 0, 0],
  [255, 255, 255, 255, 255, 255, 255, 255],
]

function hostile(random: Random): void {
  switch (random(5)) {
    case 0:
      // A giant length, and little behind it.
      writer.put(pick(random, [0x01, 0x02, 0x81, 0x82]))
      writer.put(127)
      writer.append(pick(random, HOSTILE_LENGTHS))
      fill(random(300), random)
      break
    case 1: {
      // Endless empty fragments.
      writer.put(1 + random(2))
      writer.put(0)
      for (let i = random(60); i > 0; i--) writer.append([0, 0])
      break
    }
    case 2:
      // A flood of control frames.
      for (let i = random(40); i > 0; i--) control(random)
      break
    case 3:
      for (let i = 1 + random(4); i > 0; i--) close(random)
      break
    default:
      fill(random(200), () => random(256))
  }
}

/** The octets of some frames. Mostly short: what is special about a stream is in its first few hundred octets. */
export function frameStream(random: Random): Uint8Array {
  writer.length = 0
  const way = random(16)
  const count = 1 + random(random(8) ? 3 : 12)
  for (let i = 0; i < count; i++) {
    if (way < 7) message(random, false)
    else if (way < 10) message(random, true)
    else if (way < 12) {
      if (random(3)) message(random, true)
      else anyFrame(random)
    } else if (way < 14) {
      if (random(2)) message(random, false)
      else hostile(random)
    } else if (way === 14) anyFrame(random)
    else for (let octets = random(60); octets > 0; octets--) writer.put(random(256))
    if (random(16) === 0) control(random)
  }
  if (random(6) === 0) close(random)
  if (random(6) === 0) message(random, false)
  const bytes = writer.take()
  return random(4) ? bytes : damage(bytes, random)
}
