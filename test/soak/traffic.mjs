// The traffic of a soak: so many connections, each of which does something else each time that it connects, ends in one
// of many ways, and connects again. Plain JavaScript: it runs in every runtime under test.
//
// Every message that comes is compared, by its place in the order, its kind, length and checksum, with what must come;
// every end with the callbacks that it must have.

import { Checksum, toHex } from '../runtime/bytes.mjs'
import { makeMessage, numbersFrom, signatureOf } from './messages.mjs'

/** How a connection ends: the callbacks that must come, or may where the network decides. */
const ENDS = {
  close: ['close 1000 "done" true'],
  'server closes': ['close 4001 "server" true'],
  abort: ['close 1006 "" false'],
  'server vanishes': [
    'error CONNECTION_ENDED, close 1006 "CONNECTION_ENDED" false',
    'error CONNECTION_LOST, close 1006 "CONNECTION_LOST" false',
  ],
  violation: ['error MASKED_FRAME, close 1002 "MASKED_FRAME" false'],
  refusal: ['error BAD_STATUS, close 1006 "BAD_STATUS" false'],
  'end in the handshake': [
    'error CONNECTION_ENDED, close 1006 "CONNECTION_ENDED" false',
    'error CONNECT_FAILED, close 1006 "CONNECT_FAILED" false',
  ],
  push: ['close 1000 "pushed" true'],
}
/** What the server is told to do. */
const COMMANDS = {
  'server closes': '!close',
  'server vanishes': '!vanish',
  violation: '!violate',
}
const RINGS = [256, 512, 1024, 4096, 16384]

export class Traffic {
  /**
   * `connect` and `deflate` are the bundle's, `url` the server's, `utf8` makes bytes of a text, `setTimeout` is the
   * runtime's. `connections` at a time, each with a burst of messages about every `pace` milliseconds, of at most
   * `largest` octets. `options` go to each connection.
   */
  constructor(setup) {
    this.setup = setup
    this.counts = { connects: 0, messages: 0, octets: 0, pongs: 0, ends: {} }
    for (const name of Object.keys(ENDS)) this.counts.ends[name] = 0
    /** What went wrong, the first of it in words. */
    this.wrong = 0
    this.problems = []
    this.open = 0
    this.isStopping = false
    this.lives = 0
  }

  start() {
    const { connections, pace, seed = 1 } = this.setup
    for (let i = 0; i < connections; i++) {
      const number = numbersFrom(seed * 100003 + i)
      this.lives++
      // Not all at once.
      this.setup.setTimeout(() => this.live(number), Math.floor(number() * pace))
    }
  }

  /** Lets every connection end; resolves when the last one has. */
  stop() {
    this.isStopping = true
    return new Promise((done) => {
      this.whenOver = done
      if (!this.lives) done()
    })
  }

  fail(text) {
    this.wrong++
    if (this.problems.length < 20) this.problems.push(text)
  }

  /** Connects, and again when that is over. */
  live(number) {
    if (this.isStopping) {
      if (--this.lives === 0 && this.whenOver) this.whenOver()
      return
    }
    new Life(this, number, () =>
      this.setup.setTimeout(() => this.live(number), Math.floor(number() * this.setup.pace)),
    )
  }
}

/** One connection, from its beginning to its end. */
class Life {
  constructor(traffic, number, over) {
    const { connect, deflate, url, largest, options } = traffic.setup
    this.traffic = traffic
    this.number = number
    this.over = over
    /** Signatures of the messages that must come, and what pongs must bring, in order. */
    this.expected = []
    this.pongs = []
    /** Sends that wait for room. */
    this.queue = []
    this.told = []
    this.checksum = new Checksum()
    this.rest = 4 + Math.floor(number() * 30)
    this.hasEnded = false
    const chance = number()
    let path = '/echo'
    const names = Object.keys(COMMANDS)
    const kind = number()
    this.end = kind < 0.5 ? 'close' : kind < 0.7 ? 'abort' : names[Math.floor(number() * 3)]
    const extensions = []
    if (chance < 0.03) {
      path = '/refuse'
      this.end = 'refusal'
    } else if (chance < 0.06) {
      path = '/drop'
      this.end = 'end in the handshake'
    } else if (chance < 0.2) {
      const seed = Math.floor(number() * 1e6)
      path = '/push?seed=' + seed + '&n=' + this.rest + '&largest=' + largest
      this.pushed = numbersFrom(seed)
      this.end = 'push'
    } else if (deflate && chance < 0.4) {
      path = '/deflate'
      extensions.push(deflate({ threshold: 64, clientContextTakeover: number() < 0.5, level: 1 }))
    }
    const ring = () => RINGS[Math.floor(number() * RINGS.length)]
    const hears = number() < 0.5 ? this.wholeMessages() : this.fragments()
    traffic.counts.connects++
    this.socket = connect(
      url + path,
      {
        ...hears,
        onOpen: () => {
          traffic.open++
          this.wasOpen = true
          this.burst()
        },
        onPong: (bytes, start, end) => this.pong(toHex(bytes, start, end)),
        onWritable: () => this.pump(),
        onError: (error) => this.told.push('error ' + error.id),
        onClose: (code, reason, wasClean) =>
          this.close('close ' + code + ' "' + reason + '" ' + wasClean),
      },
      {
        receiveBuffer: ring(),
        sendBuffer: ring(),
        maxMessageSize: 1 << 20,
        extensions,
        // Long: a busy machine may take its time, and none of these is to fire.
        handshakeTimeout: 120000,
        closeTimeout: 120000,
        pongTimeout: 120000,
        idleTimeout: number() < 0.5 ? 240000 : 0,
        pingInterval: number() < 0.5 ? 5000 : 0,
        ...options,
      },
    )
  }

  wholeMessages() {
    return {
      onText: (text) => {
        const bytes = this.traffic.setup.utf8(text)
        this.message(signatureOf(1, bytes, 0, bytes.length), bytes.length)
      },
      onBinary: (bytes, start, end) => this.message(signatureOf(2, bytes, start, end), end - start),
    }
  }

  fragments() {
    return {
      onFragment: (bytes, start, end, kind, final) => {
        this.checksum.add(bytes, start, end)
        if (!final) return
        const { length } = this.checksum
        this.message(kind + ': ' + this.checksum, length)
        this.checksum = new Checksum()
      },
    }
  }

  message(signature, length) {
    const { traffic } = this
    const { counts } = traffic
    counts.messages++
    counts.octets += length
    const expected = this.pushed ? this.next() : this.expected.shift()
    if (signature !== expected) traffic.fail('got ' + signature + ', expected ' + expected)
    if (!this.pushed && !this.expected.length) this.later()
  }

  /** The signature of the server's next message. */
  next() {
    const { text, bytes } = makeMessage(this.pushed, this.traffic.setup.largest)
    const octets = bytes ?? this.traffic.setup.utf8(text)
    return signatureOf(bytes ? 2 : 1, octets, 0, octets.length)
  }

  pong(body) {
    // Those of the keepalive are empty.
    if (!body) return
    this.traffic.counts.pongs++
    const expected = this.pongs.shift()
    if (body !== expected) this.traffic.fail('got pong ' + body + ', expected ' + expected)
  }

  later() {
    const { setTimeout, pace } = this.traffic.setup
    setTimeout(() => this.burst(), Math.floor(this.number() * 2 * pace))
  }

  /** A few messages of any kind, or the end. */
  burst() {
    const { number, socket, traffic } = this
    if (this.pushed || socket.readyState !== 1) return
    if (this.rest <= 0 || traffic.isStopping) return this.finish()
    for (let count = 1 + Math.floor(number() * 4); count > 0; count--) {
      this.rest--
      this.send()
    }
    if (number() < 0.2) {
      const body = new Uint8Array(1 + Math.floor(number() * 125)).fill(number() * 256)
      this.queue.push(() => {
        const isTaken = socket.ping(body)
        if (isTaken) this.pongs.push(toHex(body))
        return isTaken
      })
    }
    if (number() < 0.1) {
      socket.pause()
      traffic.setup.setTimeout(() => socket.resume(), 20)
    }
    this.pump()
  }

  send() {
    const { number, socket, queue, traffic } = this
    const { largest, utf8 } = traffic.setup
    const { text, bytes } = makeMessage(number, largest)
    const octets = bytes ?? utf8(text)
    const { length } = octets
    const kind = bytes ? 2 : 1
    this.expected.push(signatureOf(kind, octets, 0, length))
    if (number() < 0.3) {
      // In pieces; a text may be cut within a character.
      const cut = Math.floor(number() * length)
      queue.push(() => socket.sendFragment(octets, 0, cut, kind, false))
      queue.push(() => socket.sendFragment(octets, cut, length, kind, true))
    } else {
      queue.push(() => (bytes ? socket.sendBinary(bytes) : socket.sendText(text)))
    }
  }

  /** Sends what waits, until there is no room. */
  pump() {
    const { queue, socket } = this
    while (queue.length && socket.readyState === 1) {
      if (!queue[0]()) return
      queue.shift()
    }
  }

  finish() {
    const { socket, end, traffic } = this
    if (this.hasEnded) return
    this.hasEnded = true
    if (traffic.isStopping) this.end = 'close'
    if (this.end === 'close') socket.close(1000, 'done')
    else if (end === 'abort') socket.abort()
    else {
      // Behind a ping that may wait for room.
      this.queue.push(() => socket.sendText(COMMANDS[end]))
      this.pump()
    }
  }

  close(line) {
    const { traffic, end } = this
    const told = [...this.told, line].join(', ')
    if (this.isOver) return traffic.fail('onClose came twice: ' + line)
    this.isOver = true
    if (this.wasOpen) traffic.open--
    if (ENDS[this.end].indexOf(told) < 0) traffic.fail(end + ': ' + told)
    else traffic.counts.ends[this.end]++
    this.over()
  }
}
