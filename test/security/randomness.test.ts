// Masking keys and the handshake's keys, as the built bundles send them: unpredictable as far as statistics can tell, and
// never the same twice. A threshold is some six standard deviations: chance alone fails a run once in hundreds of millions.

import { Buffer } from 'node:buffer'
import { createHash, randomFillSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Handlers, Socket } from '../../src/client'
import { MemoryEngine } from '../espruino/memory-engine'

const randomness = suite('randomness of the bundles')
const CONNECTIONS = 150
const MESSAGES = 80

/** What a server has seen. */
interface Seen {
  /** The octets of Sec-WebSocket-Key, 16 a connection. */
  keys: Uint8Array[]
  masks: number[]
}

/** A peer in memory: answers the request, and keeps the keys of what comes. */
class Peer {
  private _text = ''
  private _isOpen = false

  constructor(private readonly _seen: Seen) {}

  /** Returns what to answer, or ''. */
  take(bytes: Uint8Array): string {
    this._text += Buffer.from(bytes).toString('latin1')
    if (!this._isOpen) {
      const end = this._text.indexOf('\r\n\r\n')
      if (end < 0) return ''
      const key = /^Sec-WebSocket-Key: (\S+)\r$/im.exec(this._text)![1]
      this._seen.keys.push(new Uint8Array(Buffer.from(key, 'base64')))
      this._isOpen = true
      this._text = this._text.slice(end + 4)
      const accept = createHash('sha1')
        .update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
        .digest('base64')
      return (
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: ' +
        accept +
        '\r\n\r\n'
      )
    }
    // Frames with one octet: 82 81, four of the key, the octet.
    while (this._text.length >= 7) {
      assert.is(this._text.slice(0, 2), '\x82\x81')
      this._seen.masks.push(Buffer.from(this._text.slice(2, 6), 'latin1').readUInt32BE())
      this._text = this._text.slice(7)
    }
    return ''
  }
}

type Connect = (url: string, handlers: Handlers, options: object) => Socket
/** Connects once with a bundle to `peer`. */
type Way = (peer: Peer, handlers: Handlers) => Socket

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL('../../dist/' + name + '.js', import.meta.url)), 'utf8')
const moduleOf = (source: string) =>
  'data:text/javascript;base64,' + Buffer.from(source).toString('base64')

/** A bundle whose imports of a platform lead to `stubs`, sources of modules. */
async function load<Module = { connect: Connect }>(
  name: string,
  stubs: Record<string, string>,
): Promise<Module> {
  const source = read(name).replace(/\bfrom\s*["']([\w:/-]+)["']/g, (whole, from) => {
    if (from.startsWith('node:')) return whole
    assert.ok(from in stubs, name + ' imports ' + from)
    return 'from "' + moduleOf(stubs[from]) + '"'
  })
  return import(moduleOf(source))
}

async function node(): Promise<Way> {
  const { connect } = await load('node', {})
  return (peer, handlers) => {
    const createConnection = () => {
      const stream: Duplex = new Duplex({
        read() {},
        write(chunk, _encoding, done) {
          const answer = peer.take(chunk)
          if (answer) stream.push(Buffer.from(answer, 'latin1'))
          done()
        },
      })
      return stream
    }
    return connect('ws://h/', handlers, { createConnection })
  }
}

async function workers(): Promise<Way> {
  let peer: Peer
  Object.assign(globalThis, {
    ringletTestSocket() {
      const mine = peer
      let give!: ReadableByteStreamController
      return {
        readable: new ReadableStream({
          type: 'bytes',
          start: (controller) => {
            give = controller
          },
        }),
        writable: new WritableStream({
          write(chunk) {
            const answer = mine.take(chunk)
            if (answer) give.enqueue(new Uint8Array(Buffer.from(answer, 'latin1')))
          },
        }),
        opened: Promise.resolve(),
        closed: new Promise(() => {}),
        close: () => Promise.resolve(),
      }
    },
  })
  const { connect } = await load('workers', {
    'cloudflare:sockets': 'export const connect = () => globalThis.ringletTestSocket()',
  })
  return (next, handlers) => {
    peer = next
    return connect('ws://h/', handlers, {})
  }
}

/** A socket as ECMA-419 describes it. */
function ioOf(peer: Peer) {
  return class {
    private _unread = Buffer.alloc(0)

    constructor(
      private readonly _options: {
        onReadable(this: unknown, count: number): void
        onWritable(this: unknown, count: number): void
      },
    ) {
      setImmediate(() => _options.onWritable.call(this, 65536))
    }

    write(bytes: Uint8Array): number {
      const answer = peer.take(bytes)
      if (answer) {
        this._unread = Buffer.from(answer, 'latin1')
        setImmediate(() => this._options.onReadable.call(this, this._unread.length))
      }
      return 65536
    }

    read(view: Uint8Array): number {
      const count = Math.min(view.length, this._unread.length)
      view.set(this._unread.subarray(0, count))
      this._unread = this._unread.subarray(count)
      return count
    }

    close(): void {}
  }
}

async function ecma419(): Promise<Way> {
  const { connect } = await load('ecma419', {})
  return (peer, handlers) =>
    connect('ws://h/', handlers, { socket: { io: ioOf(peer) }, random: randomFillSync })
}

/** A bundle with the modules of the SDK that it imports. */
function loadForModdable<Module = { connect: Connect }>(name: string): Promise<Module> {
  // XS's own, which the bundle takes.
  Object.assign(ArrayBuffer, {
    fromString: (text: string) => Uint8Array.from(Buffer.from(text)).buffer,
  })
  return load(name, {
    timer: 'export default { set: (call, delay) => setTimeout(call, delay), clear: clearTimeout }',
    crypt:
      'import { createHash } from "node:crypto"\n' +
      'export class Digest { write(text) { this.text = text }' +
      ' close() { return Uint8Array.from(createHash("sha1").update(this.text).digest()).buffer } }',
    'text/decoder': 'export default TextDecoder',
    logical:
      'export default { xor(target, key, count) {' +
      ' for (let i = 0; i < count; i++) target[i] ^= key[i % key.length] } }',
  })
}

async function moddable(): Promise<Way> {
  const { connect } = await loadForModdable('moddable')
  return (peer, handlers) => connect('ws://h/', handlers, { socket: { io: ioOf(peer) } })
}

interface SDKClient {
  write(bytes: Uint8Array): number
  close(): void
}

async function websocketClient(): Promise<Way> {
  const { default: WebSocketClient } = await loadForModdable<{
    default: new (options: object) => SDKClient
  }>('websocket-client')
  return (peer, { onOpen, onError, onClose }) => {
    let isOpen = false
    const client = new WebSocketClient({
      host: 'h',
      socket: { io: ioOf(peer) },
      onWritable() {
        if (isOpen) return
        isOpen = true
        onOpen!(socket)
      },
      onError,
    })
    const socket = {
      sendBinary: (bytes: Uint8Array) => client.write(bytes) >= 0,
      abort() {
        client.close()
        onClose!(1006, '', false)
      },
    } as Socket
    return socket
  }
}

/** On a board with a source: `E.hwRand` is all that the bundle asks. */
async function espruino(): Promise<Way> {
  const engine = new MemoryEngine({ board: 'PICO_R1_3' })
  return (peer, handlers) => {
    engine.onSocket = (socket) => {
      socket.onWrite = (bytes) => {
        const answer = peer.take(Buffer.from(bytes, 'latin1'))
        setImmediate(() => {
          socket.tell('drain')
          if (answer) socket.tell('data', answer)
        })
      }
    }
    return engine.connect('ws://h/', handlers, { random: undefined, sendBuffer: 4096 })
  }
}

async function gather(way: Way): Promise<Seen> {
  const seen: Seen = { keys: [], masks: [] }
  for (let i = 0; i < CONNECTIONS; i++) {
    const peer = new Peer(seen)
    await new Promise<void>((resolve, reject) => {
      way(peer, {
        onOpen(socket) {
          const one = Uint8Array.of(1)
          for (let j = 0; j < MESSAGES; j++) assert.ok(socket.sendBinary(one))
          // Written at the end of this turn.
          setImmediate(() => setImmediate(() => socket.abort()))
        },
        onError: reject,
        onClose: () => resolve(),
      })
    })
  }
  return seen
}

/** What is not as chance would have it, or nothing. */
function oddities(words: number[]): string[] {
  const found: string[] = []
  const { length } = words
  const isOff = (count: number, total: number) => Math.abs(count - total / 2) > 3 * Math.sqrt(total)
  for (let bit = 0; bit < 32; bit++) {
    const ones = words.filter((word) => (word >>> bit) & 1).length
    if (isOff(ones, length)) found.push('bit ' + bit + ' is set ' + ones + ' times of ' + length)
    const changes = words.filter((word, i) => i && ((word ^ words[i - 1]) >>> bit) & 1).length
    if (isOff(changes, length - 1))
      found.push('bit ' + bit + ' changes ' + changes + ' times of ' + length)
  }
  const counts = new Array<number>(256).fill(0)
  for (const word of words)
    for (let shift = 0; shift < 32; shift += 8) counts[(word >>> shift) & 255]++
  const expected = (length * 4) / 256
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  // 255 degrees of freedom: mean 255, standard deviation 22.6.
  if (chi < 130 || chi > 420) found.push('octets: chi-square ' + chi.toFixed(0))
  const repeated = length - new Set(words).size
  // Of 12,000 words of 32 bits 0.02 pairs are the same by chance.
  if (repeated > 3) found.push(repeated + ' words come again')
  return found
}

for (const [name, way] of Object.entries({
  node,
  workers,
  ecma419,
  moddable,
  websocketClient,
  espruino,
})) {
  randomness(name, async () => {
    const { keys, masks } = await gather(await way())
    assert.is(keys.length, CONNECTIONS)
    assert.is(masks.length, CONNECTIONS * MESSAGES)
    const inKeys = keys.flatMap((key) => {
      assert.is(key.length, 16)
      return [0, 4, 8, 12].map((at) => Buffer.from(key).readUInt32BE(at))
    })
    assert.is(new Set(keys.map(String)).size, CONNECTIONS)
    assert.equal(oddities(masks), [], 'masks')
    assert.equal(oddities(inKeys), [], 'keys')
    // No word serves twice: not a mask as a part of a key.
    const used = new Set(masks)
    assert.ok(inKeys.filter((word) => used.has(word)).length < 3)
  })
}

randomness('what is not random is found', () => {
  const many = (next: (i: number) => number) =>
    Array.from({ length: 12000 }, (_, i) => next(i) >>> 0)
  const word = () => Math.random() * 2 ** 32
  assert.equal(oddities(many(word)), [])
  for (const bad of [
    many(() => 0),
    many(() => 0x37fa213d),
    many((i) => i),
    many((i) => i * 0x9e3779b9),
    many(() => word() & 0x7fffffff),
    many((i) => (i % 2 ? word() : 0x12345678)),
    many(() => Math.floor(Math.random() * 65536) * 65537),
    many(() => Math.random() * 1000),
  ]) {
    assert.ok(oddities(bad).length > 0)
  }
})

randomness.run()
