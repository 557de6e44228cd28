// Sending never lies: over a transport that takes what it likes and when it likes, everything that was accepted is sent, in
// order and unchanged, or the end tells that it was not; and nothing that anybody does meanwhile changes what is sent.

import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import type { Kind } from '../src/protocol/opcode'
import { Arena } from './support/arena'
import { frame, join } from './support/frames'
import { SAMPLE_NONCE } from './support/platform'
import { type Accepted, checkSent } from './support/sent'

const sending = suite('sending')
const BOUNDS = { numRuns: 200, interruptAfterTimeLimit: 15000 }

const HEAD = Buffer.from(
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
)

interface Outgoing {
  kind: Kind
  /** Sizes of its fragments; one, and `isWhole`: sent by `sendText` or `sendBinary`. */
  sizes: number[]
  isWhole: boolean
}

const RING = 300
const sizes = fc.oneof(
  { weight: 4, arbitrary: fc.nat(40) },
  { weight: 2, arbitrary: fc.constantFrom(0, 125, 126, 286, 287, 288, 292, 293, 294, 295, 300) },
  { weight: 1, arbitrary: fc.constantFrom(1000, 3333, 70000) },
)
const outgoing: fc.Arbitrary<Outgoing> = fc.record({
  kind: fc.constantFrom<Kind>(1, 2),
  sizes: fc.array(sizes, { minLength: 1, maxLength: 4 }),
  isWhole: fc.boolean(),
})

/** How the network and the rest of the world behave, step by step. */
interface Schedule {
  /** Of each write: the octets taken at once, or −1: later. */
  takes: number[]
  /** What happens next, over and over. */
  steps: Step[]
}

type Step =
  | 'turn'
  | 'settle all'
  | 'settle 1'
  | 'settle 7'
  | 'settle 0'
  | 'ping'
  | 'pause'
  | 'resume'
  | 'own ping'

const schedules: fc.Arbitrary<Schedule> = fc.record({
  takes: fc.array(fc.constantFrom(-1, -1, 1, 2, 13, 1000000), { minLength: 1, maxLength: 6 }),
  steps: fc.array(
    fc.constantFrom<Step>(
      ...(['turn', 'turn', 'settle all', 'settle 1', 'settle 7', 'settle 0'] as const),
      ...(['ping', 'pause', 'resume', 'own ping'] as const),
    ),
    { maxLength: 12 },
  ),
})
/** Everything at once. */
const CALM: Schedule = { takes: [1000000], steps: [] }

type End = 'none' | 'close' | 'peer closes' | 'violation' | 'ended' | 'lost' | 'abort'

class Session {
  readonly accepted: Accepted[] = []
  readonly parts: Uint8Array[] = []
  readonly arena: Arena
  readonly pings: Uint8Array[] = []
  /** What `bufferedAmount` was in `onClose`. */
  left = -1

  private _message = 0
  private _fragment = 0
  private _writes = 0
  private _mayTry = true
  /** The array of a large message, which is ours again at `onWritable`. */
  private _lent: Uint8Array | undefined

  constructor(
    private readonly _messages: Outgoing[],
    schedule: Schedule,
  ) {
    this.arena = new Arena(
      {
        onWritable: () => {
          this._mayTry = true
          if (this._lent) this._lent.fill(0xee)
          this._lent = undefined
        },
        onPing: (bytes, start, end) => {
          this.pings.push(Uint8Array.from(bytes.subarray(start, end)))
        },
        onClose: () => {
          this.left = this.arena.client.bufferedAmount
        },
      },
      {
        words: SAMPLE_NONCE,
        client: { sendBuffer: RING, receiveBuffer: 256 },
        fail: this.fail,
        takes: () => schedule.takes[this._writes++ % schedule.takes.length],
      },
    )
    const { arena } = this
    arena.client.onConnected()
    for (let i = 0; arena.isWriting || i < 500; i++) arena.settle()
    for (let at = 0; at < HEAD.length; ) at += arena.receive(HEAD, at, Infinity)
    assert.is(arena.client.readyState, 1)
  }

  readonly fail = (what: string): never => {
    throw new Error(what)
  }

  get isDone(): boolean {
    return this._message === this._messages.length
  }

  /** Sends as much as is taken; after a refusal it waits for `onWritable`. */
  send(): void {
    const { client } = this.arena
    while (this._mayTry && !this.isDone && client.readyState === 1) {
      const { kind, sizes: all, isWhole } = this._messages[this._message]
      const list = isWhole ? all.slice(0, 1) : all
      const size = list[this._fragment]
      const seed = this._message * 7 + this._fragment
      const bytes = Uint8Array.from({ length: size }, (_, i) => 0x20 + ((seed + i) % 90))
      const copy = bytes.slice()
      const final = this._fragment === list.length - 1
      const isTaken = !isWhole
        ? client.sendFragment(bytes, 0, size, kind, final)
        : kind === 1
          ? client.sendText(Buffer.from(bytes).toString())
          : client.sendBinary(bytes)
      this._mayTry = isTaken
      if (!isTaken) break
      // What fits has been copied; what does not is ours again at `onWritable`.
      if (size + 14 <= RING) bytes.fill(0xee)
      else if (!isWhole || kind === 2) this._lent = bytes
      this.parts.push(copy)
      this._fragment++
      if (final) {
        this.accepted.push({ kind, bytes: join(this.parts.splice(0)) })
        this._message++
        this._fragment = 0
      }
    }
  }

  do(step: Step): void {
    const { arena } = this
    const { client } = arena
    const settled = /^settle (\w+)$/.exec(step)
    if (settled) arena.settle(settled[1] === 'all' ? Infinity : Number(settled[1]))
    else if (step === 'turn') arena.turn()
    else if (step === 'pause') client.pause()
    else if (step === 'resume') client.resume()
    else if (step === 'own ping') {
      if (client.readyState === 1) client.ping(Uint8Array.of(1, 2, 3))
    } else if (!arena.isPaused && !arena.isAborted) {
      const ping = frame(9, [this.pings.length & 255, 9])
      for (let at = 0; at < ping.length && !arena.isPaused; ) {
        const count = arena.receive(ping, at, Infinity)
        if (!count) break
        at += count
      }
    }
  }

  end(how: End): void {
    const { arena } = this
    const { client } = arena
    const give = (bytes: number[]) => {
      if (!arena.isPaused && !arena.isAborted) arena.receive(Uint8Array.from(bytes), 0, Infinity)
    }
    if (how === 'close') client.close(1000)
    else if (how === 'peer closes') give([0x88, 2, 3, 0xe8])
    else if (how === 'violation') give([0xff])
    else if (how === 'ended') client.onEnd()
    else if (how === 'lost') client.onTransportError(new Error('lost'))
    else if (how === 'abort') client.abort()
  }

  /** Lets all that is under way come to its end. */
  settle(): void {
    const { arena } = this
    for (let quiet = 0, steps = 0; quiet < 3; steps++) {
      if (steps > 100000) this.fail('does not come to rest')
      this.send()
      const wasWriting = arena.isWriting
      arena.settle()
      quiet = arena.turn() || wasWriting ? 0 : quiet + 1
    }
  }

  check(bufferedAmount: number) {
    return checkSent({
      written: Uint8Array.from(this.arena.written),
      sent: this.accepted,
      parts: this.parts,
      pings: this.pings,
      bufferedAmount,
      fail: this.fail,
    })
  }
}

const dataOf = (session: Session) =>
  session
    .check(session.arena.client.bufferedAmount)
    .filter(({ opcode }) => opcode < 8)
    .map(
      ({ opcode, fin, payload }) =>
        opcode + (fin ? ' fin ' : ' ') + Buffer.from(payload).toString(),
    )

sending('the network, pauses and pings change nothing of what is sent', () => {
  fc.assert(
    fc.property(fc.array(outgoing, { maxLength: 8 }), schedules, (messages, schedule) => {
      const calm = new Session(messages, CALM)
      calm.settle()
      const other = new Session(messages, schedule)
      for (let times = 0; times < 5; times++) {
        for (const step of schedule.steps) {
          other.send()
          other.do(step)
        }
      }
      other.arena.client.resume()
      other.settle()
      // All of it was accepted, and has left.
      assert.equal([calm.isDone, other.isDone], [true, true])
      assert.equal([calm.arena.client.bufferedAmount, other.arena.client.bufferedAmount], [0, 0])
      assert.equal(dataOf(other), dataOf(calm))
    }),
    BOUNDS,
  )
})

sending(
  'what was accepted before an end has left, or bufferedAmount tells in onClose that it has not',
  () => {
    const ends = fc.constantFrom<End>('close', 'peer closes', 'violation', 'ended', 'lost', 'abort')
    fc.assert(
      fc.property(
        fc.array(outgoing, { minLength: 1, maxLength: 8 }),
        schedules,
        ends,
        fc.nat(60),
        (messages, schedule, end, when) => {
          const session = new Session(messages, schedule)
          const { arena } = session
          const { steps } = schedule
          for (let i = 0; i < when; i++) {
            session.send()
            if (steps.length) session.do(steps[i % steps.length])
          }
          session.end(end)
          session.settle()
          if (!arena.isAborted) {
            // The peer answers, or goes.
            arena.client.resume()
            arena.turn()
            if (end === 'close' && !arena.isPaused)
              arena.receive(Uint8Array.of(0x88, 2, 3, 0xe8), 0, 4)
            session.settle()
            if (!arena.isAborted) arena.client.onEnd()
          }
          session.settle()
          assert.ok(session.left >= 0, 'onClose has not come')
          assert.is(session.left, arena.client.bufferedAmount)
          session.check(session.left)
          // We close in order: all that was accepted before has left.
          if (end === 'close' && arena.client.closeSent) {
            assert.is(session.left, 0)
          }
        },
      ),
      BOUNDS,
    )
  },
)

sending.run()
