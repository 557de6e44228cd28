// permessage-deflate against node:zlib, with random messages on random connections:
//
//   node --import tsx test/deflate/differential.ts receive 100000     what zlib compresses, inflated by us
//   node --import tsx test/deflate/differential.ts send 100000        what we compress, inflated by zlib
//
// The seed is printed; DEFLATE_SEED=… repeats a run. A failure names the connection and the message, and exits with 1.

import { Buffer, isUtf8 } from 'node:buffer'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import zlib from 'node:zlib'
import { deflate, type DeflateOptions } from '../../src/deflate/deflate'
import { deflate as deflateZlib } from '../../targets/deflate-zlib'
import type { Transform } from '../../src/protocol/extension'
import { frame, join } from '../support/frames'
import { EDGES, KINDS, message } from './messages'
import { pick, type Random, randomFrom, seedOf } from './random'
import { Receiving } from './receiving'
import { inspect } from './reference'

const { constants } = zlib
const TAIL = Buffer.from([0, 0, 255, 255])

/** A stream of zlib's that is given a message at a time. */
class Stream {
  private readonly _parts: Buffer[] = []
  private _error: Error | undefined

  constructor(private readonly _zlib: zlib.DeflateRaw | zlib.InflateRaw) {
    _zlib.on('data', (part: Buffer) => this._parts.push(part))
    _zlib.on('error', (error) => {
      this._error = error
    })
  }

  write(bytes: Uint8Array, flush: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => (this._error ? reject(this._error) : resolve())
      this._zlib.once('error', reject)
      this._zlib.write(bytes)
      this._zlib.flush(flush, () => {
        this._zlib.off('error', reject)
        done()
      })
    })
  }

  take(): Buffer {
    return Buffer.concat(this._parts.splice(0))
  }

  reset(): void {
    this._zlib.reset()
  }

  close(): void {
    this._zlib.close()
  }
}

/** Mostly small, now and then large, seldom of a size where something ends. */
function nextMessage(random: Random): Uint8Array {
  const dice = random(1000)
  if (dice < 850) return message(random, 400)
  if (dice < 975) return message(random, 4096)
  if (dice < 996) return message(random, 20000)
  return pick(random, Object.values(KINDS))(random, pick(random, EDGES))
}

/** What a server sends, whose window has `bits` and whose context is kept or not. */
function server(random: Random, bits: number, keepsContext: boolean) {
  const settings = {
    windowBits: bits,
    level: random(10),
    memLevel: 1 + random(9),
    strategy: pick(random, [
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_FILTERED,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
      constants.Z_FIXED,
    ]),
  }
  // Each message by itself, with what came before as a dictionary: then it may end with a final block.
  const isByItself = random(4) === 0
  const stream = isByItself ? undefined : new Stream(zlib.createDeflateRaw(settings))
  let history: Uint8Array = new Uint8Array(0)
  const compress = async (bytes: Uint8Array): Promise<Uint8Array> => {
    if (!stream) {
      const isFinal = random(3) === 0
      const payload = zlib.deflateRawSync(bytes, {
        ...settings,
        dictionary: history.length ? Buffer.from(history) : undefined,
        finishFlush: isFinal ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      })
      if (keepsContext) history = Uint8Array.from(join([history, bytes]).subarray(-(1 << bits)))
      // RFC 7692 section 7.2.3.4: behind a final block an empty one, without its last four octets; or nothing.
      if (isFinal) return random(2) ? join([payload, Uint8Array.of(0)]) : payload
      return payload.subarray(0, -4)
    }
    if (!keepsContext) stream.reset()
    while (bytes.length && random(3) === 0) {
      const next = 1 + random(bytes.length)
      const flush = [constants.Z_NO_FLUSH, constants.Z_BLOCK, constants.Z_PARTIAL_FLUSH]
      flush.push(constants.Z_SYNC_FLUSH, constants.Z_FULL_FLUSH)
      await stream.write(bytes.subarray(0, next), pick(random, flush))
      bytes = bytes.subarray(next)
    }
    await stream.write(bytes, random(20) ? constants.Z_SYNC_FLUSH : constants.Z_FULL_FLUSH)
    const payload = stream.take()
    // Nothing came, where zlib had just been flushed: an empty block, section 7.2.3.6.
    if (!payload.length) return Uint8Array.of(0)
    if (!payload.subarray(-4).equals(TAIL)) throw new Error('zlib has not flushed')
    return payload.length === 4 ? Uint8Array.of(0) : payload.subarray(0, -4)
  }
  return {
    compress,
    close: () => stream && stream.close(),
    settings: { ...settings, isByItself },
  }
}

/** Frames of a message, with pings between. */
function framesOf(random: Random, kind: number, payload: Uint8Array, rsv: number): Uint8Array {
  const frames: Uint8Array[] = []
  let opcode = kind
  let bits = rsv
  while (random(4) === 0) {
    const size = random(payload.length + 1)
    frames.push(frame(opcode, payload.subarray(0, size), false, bits))
    payload = payload.subarray(size)
    opcode = bits = 0
    if (random(4) === 0) frames.push(frame(9, Uint8Array.of(random(256))))
  }
  frames.push(frame(opcode, payload, true, bits))
  return join(frames)
}

async function receiveConnection(random: Random, most: number): Promise<number> {
  const bits = 8 + random(8)
  const keepsContext = random(3) > 0
  const isWhole = random(2) === 0
  const ring = pick(random, [256, 512, 4096, 65536])
  const haste = pick(random, [1, 10, 300, 5000, Infinity])
  const stopping = pick(random, [0, 0, 2, 5])
  const { compress, close, settings } = server(random, bits, keepsContext)
  const connection = JSON.stringify({
    bits,
    keepsContext,
    isWhole,
    ring,
    haste,
    stopping,
    settings,
  })
  let parts: Uint8Array[] = []
  let received: { kind: number; bytes: Uint8Array }[] = []
  const receiving = new Receiving(
    {
      extension: deflate(random(2) ? {} : { serverMaxWindowBits: bits }),
      answer:
        'permessage-deflate; server_max_window_bits=' +
        bits +
        (keepsContext ? '' : '; server_no_context_takeover'),
      isWhole,
      ring,
      limits: { maxMessageSize: 1 << 20 },
      stops: () => stopping > 0 && random(stopping) === 0,
    },
    {
      onSpan(bytes, start, end, kind, final) {
        parts.push(bytes.slice(start, end))
        if (!final) return
        received.push({ kind, bytes: join(parts) })
        parts = []
      },
      onViolation(id, code, offset) {
        throw new Error(id + ' ' + code + ' at ' + offset + ': ' + connection)
      },
    },
  )
  const count = Math.min(most, 1 + random(120))
  for (let i = 0; i < count; i++) {
    const bytes = nextMessage(random)
    const kind = isUtf8(bytes) && random(2) ? 1 : 2
    // Now and then one that is not compressed, and so not part of the context.
    const isCompressed = random(12) > 0
    const payload = isCompressed ? await compress(bytes) : bytes
    receiving.receive(framesOf(random, kind, payload, isCompressed ? 4 : 0), () =>
      haste === Infinity ? haste : 1 + random(haste),
    )
    const one = received.pop()
    if (
      !one ||
      received.length ||
      parts.length ||
      one.kind !== kind ||
      !Buffer.from(bytes).equals(one.bytes)
    ) {
      throw new Error('message ' + i + ' of ' + bytes.length + ' octets: ' + connection)
    }
    received = []
  }
  close()
  return count
}

/** A view somewhere in a larger array, with other octets around it. */
function placed(random: Random, bytes: Uint8Array): [Uint8Array, number, number] {
  const before = random(3) * random(10)
  const all = new Uint8Array(before + bytes.length + random(5)).fill(0xee)
  all.set(bytes, before)
  return [all, before, before + bytes.length]
}

async function sendConnection(random: Random, most: number): Promise<number> {
  const bits = 8 + random(8)
  const clientContextTakeover = random(2) === 0
  const isTold = random(4) === 0
  const native = random(4) === 0
  const options: DeflateOptions = {
    clientContextTakeover,
    threshold: pick(random, [0, 0, 0, 100]),
    level: (1 + random(9)) as DeflateOptions['level'],
    clientMaxWindowBits: random(2) ? true : bits,
  }
  const answer =
    'permessage-deflate; client_max_window_bits=' +
    bits +
    (isTold ? '; client_no_context_takeover' : '')
  const connection = JSON.stringify({ bits, isTold, native, options })
  const { transform } = (native ? deflateZlib : deflate)(options).accept(answer, {
    isStreaming: true,
    limits: { maxMessageSize: Infinity },
    stopped: false,
    onSpan() {},
    onViolation() {},
  }) as { transform: Transform }
  // One stream for all messages, or one a message that is told what came before.
  const stream = random(2) ? new Stream(zlib.createInflateRaw({ windowBits: bits })) : undefined
  const count = Math.min(most, 1 + random(120))
  let history: Uint8Array = new Uint8Array(0)
  for (let i = 0; i < count; i++) {
    const bytes = nextMessage(random)
    const where = 'message ' + i + ' of ' + bytes.length + ' octets: ' + connection
    const [all, start, end] = placed(random, bytes)
    const copy = all.slice()
    const payload = transform.send(all, start, end)
    if (!Buffer.from(copy).equals(all)) throw new Error('the source has been changed, ' + where)
    if (!payload) continue
    sent++
    if (payload.length >= bytes.length) throw new Error('not smaller, ' + where)
    if (isTold) history = new Uint8Array(0)
    if (isTold && stream) stream.reset()
    let inflated: Uint8Array
    try {
      if (stream) {
        await stream.write(join([payload, TAIL]), constants.Z_SYNC_FLUSH)
        inflated = stream.take()
      } else {
        inflated = zlib.inflateRawSync(join([payload, TAIL]), {
          windowBits: bits,
          finishFlush: constants.Z_SYNC_FLUSH,
          dictionary: history.length ? Buffer.from(history.subarray(-(1 << bits))) : undefined,
        })
      }
    } catch (error) {
      throw new Error((error as Error).message + ', ' + where)
    }
    if (!Buffer.from(bytes).equals(inflated)) throw new Error('another message, ' + where)
    if (bytes.length < 700 || random(200) === 0) {
      const { blocks, distance, output, rest } = inspect(join([payload, TAIL]), history)
      const isFinal = blocks.some((block) => block.endsWith('final'))
      if (rest || isFinal || distance > 1 << bits || !Buffer.from(bytes).equals(output)) {
        throw new Error(blocks.join(', ') + ', distance ' + distance + ', ' + where)
      }
    }
    history = Uint8Array.from(join([history, bytes]).subarray(-32768))
  }
  if (stream) stream.close()
  return count
}

let sent = 0

/** Runs connections until `count` messages have passed; prints how it goes, and throws at the first difference. */
export async function run(way: 'receive' | 'send', count: number, seed: number): Promise<void> {
  const random = randomFrom(seed)
  const started = process.hrtime()
  let messages = 0
  let connections = 0
  let told = 0
  sent = 0
  while (messages < count) {
    // Each connection has a seed of its own.
    const own = random(4294967296)
    try {
      const connection = way === 'receive' ? receiveConnection : sendConnection
      messages += await connection(randomFrom(own), count - messages)
    } catch (error) {
      throw new Error(
        'seed ' + seed + ', connection ' + connections + ': ' + (error as Error).message,
      )
    }
    connections++
    if (messages - told >= 20000 || messages >= count) {
      told = messages
      const [seconds] = process.hrtime(started)
      console.log(
        way + ': ' + messages + ' messages on ' + connections + ' connections, ' + seconds + ' s',
      )
    }
  }
  if (way === 'send') console.log(sent + ' of them compressed')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [way, count] = process.argv.slice(2)
  if (way !== 'receive' && way !== 'send') throw new Error('receive or send?')
  await run(way, Number(count || 100000), seedOf(way))
}
