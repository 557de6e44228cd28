// Connections, RFC 6455 sections 5.5 and 7: what happens, and the log of it. `sent` lines are the frames that
// leave when the network takes them (`drain`).

import type { Kind } from '../../src/protocol/opcode'
import type { ConnectionRun, RunOptions } from '../support/connection-run'

export interface ConnectionVector extends RunOptions {
  name: string
  run(it: ConnectionRun): void
  log: string[]
}

const bytes = (length: number, octet = 0x2a) => new Uint8Array(length).fill(octet)
const badCodes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 5001, 65535]
const goodCodes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
]
const hex = (code: number) => {
  const digits = code.toString(16).padStart(4, '0')
  return digits.slice(0, 2) + ' ' + digits.slice(2)
}

export const connectionVectors: ConnectionVector[] = [
  // Messages and pongs.
  {
    name: 'messages in and out',
    run(it) {
      it.receive('81 05 "Hello" 82 02 07 08')
      it.connection.sendText('Grüße')
      it.connection.sendBinary(bytes(3, 1), 0, 3)
      it.drain()
      it.state()
    },
    log: [
      'text "Hello"',
      'binary 07 08',
      'sent text 47 72 c3 bc c3 9f 65 fin',
      'sent binary 01 01 01 fin',
      'state OPEN',
    ],
  },
  {
    name: "a pong has the ping's payload, to the octet",
    run(it) {
      it.receive('89 00 89 05 00 ff 61 c3 28 89 7d 2a*125')
      it.drain()
    },
    log: [
      'ping ""',
      'ping 00 ff 61 c3 28',
      'ping 2a*125',
      'sent pong ""',
      'sent pong 00 ff 61 c3 28',
      'sent pong 2a*125',
    ],
  },
  {
    name: 'a pong that nobody asked for',
    run(it) {
      it.receive('8a 01 "x"')
      it.drain()
      it.state()
    },
    log: ['pong "x"', 'state OPEN'],
  },
  {
    name: 'a pong passes between the fragments of a large message',
    sendRing: 256,
    run(it) {
      it.connection.sendBinary(bytes(300), 0, 300)
      it.connection.refill()
      it.receive('89 03 "abc"')
      it.drain()
    },
    log: [
      'ping "abc"',
      'sent binary 2a*111',
      'sent pong "abc"',
      'sent continuation 2a*111',
      'sent continuation 2a*78 fin',
      'writable',
    ],
  },
  {
    name: 'a ping stays unread while the send ring has no room for its pong',
    sendRing: 256,
    run(it) {
      it.attempt(() => it.connection.sendBinary(bytes(240), 0, 240))
      it.receive('89 05 "Hello" 81 01 "a" 89 01 "b"')
      it.say('now it drains')
      it.drain()
    },
    log: [
      'returned true',
      'now it drains',
      'sent binary 2a*240 fin',
      'ping "Hello"',
      'text "a"',
      'ping "b"',
      'sent pong "Hello"',
      'sent pong "b"',
    ],
  },

  // The peer closes.
  {
    name: 'the peer closes without a code',
    run(it) {
      it.receive('88 00')
      it.state()
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'state CLOSING 1005 sent received',
      'sent close ""',
      'state CLOSING 1005 sent received',
    ],
  },
  {
    name: 'the peer closes with a code and a reason; the answer has the code',
    run(it) {
      it.receive('88 06 03 e8 "Bye!"')
      it.drain()
      it.state()
    },
    log: ['closing', 'sent close 1000 ""', 'state CLOSING 1000 "Bye!" sent received'],
  },
  {
    name: 'a reason of 123 octets, in UTF-8',
    run(it) {
      it.receive('88 7d 0f a0 c3 bc 61*121')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'sent close 4000 ""',
      'state CLOSING 4000 "ü' + 'a'.repeat(121) + '" sent received',
    ],
  },
  ...goodCodes.map((code) => ({
    name: 'close code ' + code + ' is good',
    run(it: ConnectionRun) {
      it.receive('88 02 ' + hex(code))
      it.drain()
      it.state()
    },
    log: ['closing', 'sent close ' + code + ' ""', 'state CLOSING ' + code + ' sent received'],
  })),
  ...badCodes.map((code) => ({
    name: 'close code ' + code + ' is bad',
    run(it: ConnectionRun) {
      it.receive('81 01 "a" 88 02 ' + hex(code))
      it.drain()
      it.state()
    },
    log: [
      'text "a"',
      'closing',
      'failure @5 BAD_CLOSE_FRAME 1002',
      'sent close 1002 ""',
      'state CLOSING 1002 "BAD_CLOSE_FRAME" sent',
    ],
  })),
  {
    name: 'a Close frame of 1 octet',
    run(it) {
      it.receive('88 01 03')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'failure @1 BAD_CLOSE_FRAME 1002',
      'sent close 1002 ""',
      'state CLOSING 1002 "BAD_CLOSE_FRAME" sent',
    ],
  },
  {
    name: 'a reason that is not UTF-8',
    run(it) {
      it.receive('88 06 03 e8 "ab" ff "c"')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'failure @6 INVALID_UTF8 1007',
      'sent close 1007 ""',
      'state CLOSING 1007 "INVALID_UTF8" sent',
    ],
  },
  {
    name: 'a reason that ends within a character',
    run(it) {
      it.receive('88 05 03 e8 "a" e2 82')
      it.drain()
    },
    log: ['closing', 'failure @7 INVALID_UTF8 1007', 'sent close 1007 ""'],
  },
  {
    name: 'nothing counts after the Close frame: neither data, nor pings, nor violations',
    run(it) {
      it.receive('88 02 03 e8 81 01 "a" 89 01 "b" 83 00')
      it.receive('81 01 "c" 88 02 03 e9')
      it.drain()
      it.state()
    },
    log: ['closing', 'sent close 1000 ""', 'state CLOSING 1000 sent received'],
  },
  {
    name: 'what was sent before the Close frame leaves before it',
    run(it) {
      it.connection.sendText('one')
      it.receive('89 01 "p" 88 00')
      it.drain()
    },
    log: ['ping "p"', 'closing', 'sent text "one" fin', 'sent pong "p"', 'sent close ""'],
  },
  {
    name: 'the peer closes between the fragments of its own message',
    run(it) {
      it.receive('01 01 "a" 88 02 03 e9')
      it.drain()
      it.state()
    },
    log: ['closing', 'sent close 1001 ""', 'state CLOSING 1001 sent received'],
  },
  {
    name: 'the peer closes while a large message is on its way: the rest of it is given up',
    sendRing: 256,
    run(it) {
      it.connection.sendBinary(bytes(1000), 0, 1000)
      it.connection.refill()
      it.receive('88 02 03 e8')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'sent binary 2a*111',
      'sent close 1000 ""',
      'state CLOSING 1000 sent received',
    ],
  },
  {
    name: 'a send after the peer has closed',
    run(it) {
      it.receive('88 00')
      it.attempt(() => it.connection.sendText('late'))
      it.attempt(() => it.connection.sendBinary(bytes(1), 0, 1))
      it.attempt(() => it.connection.sendFragment(bytes(1), 0, 1, 2, true))
      it.attempt(() => it.connection.ping())
      it.attempt(() => it.connection.close(1000, ''))
      it.drain()
    },
    log: [
      'closing',
      'threw Error NOT_OPEN',
      'threw Error NOT_OPEN',
      'threw Error NOT_OPEN',
      'threw Error NOT_OPEN',
      'sent close ""',
    ],
  },

  // We close.
  {
    name: 'we close, the peer answers',
    run(it) {
      it.connection.close(1000, 'done')
      it.drain()
      it.state()
      it.receive('88 02 03 e8')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'sent close 1000 "done"',
      'state CLOSING 1006 sent',
      'state CLOSING 1000 sent received',
    ],
  },
  {
    name: 'we close without a code',
    run(it) {
      it.connection.close(undefined, '')
      it.drain()
      it.receive('88 00')
      it.drain()
      it.state()
    },
    log: ['closing', 'sent close ""', 'state CLOSING 1005 sent received'],
  },
  {
    name: 'we close twice: the first time counts',
    run(it) {
      it.connection.close(1000, 'one')
      it.connection.close(1001, 'two')
      it.drain()
      it.state()
    },
    log: ['closing', 'sent close 1000 "one"', 'state CLOSING 1006 sent'],
  },
  {
    name: 'the Close frames cross: each side has sent its own, nobody answers',
    run(it) {
      it.connection.close(1000, 'ours')
      it.receive('88 08 0f a0 "theirs"')
      it.drain()
      it.state()
    },
    log: ['closing', 'sent close 1000 "ours"', 'state CLOSING 4000 "theirs" sent received'],
  },
  {
    name: 'messages that arrive while we wait for the answer are delivered',
    run(it) {
      it.connection.close(1000, '')
      it.drain()
      it.receive('81 01 "a" 02 01 07 80 01 08 88 02 03 e8')
      it.state()
    },
    log: [
      'closing',
      'sent close 1000 ""',
      'text "a"',
      'binary 07 08',
      'state CLOSING 1000 sent received',
    ],
  },
  {
    name: 'a ping that arrives while we wait is told, and not answered: nothing follows a Close frame',
    run(it) {
      it.connection.close(1000, '')
      it.drain()
      it.receive('89 01 "p"')
      it.drain()
      it.receive('88 02 03 e8')
      it.drain()
    },
    log: ['closing', 'sent close 1000 ""', 'ping "p"'],
  },
  {
    name: 'a violation while we wait: it has failed, and no second Close frame leaves',
    run(it) {
      it.connection.close(1000, '')
      it.drain()
      it.receive('83 00 88 02 03 e8')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'sent close 1000 ""',
      'failure @0 RESERVED_OPCODE 1002',
      'state CLOSING 1002 "RESERVED_OPCODE" sent',
    ],
  },
  {
    name: 'we close while a large message waits: it leaves first',
    sendRing: 256,
    run(it) {
      it.connection.sendBinary(bytes(200), 0, 200)
      it.attempt(() => it.connection.sendBinary(bytes(300, 7), 0, 300))
      it.connection.close(4000, 'after that')
      it.state()
      it.drain()
      it.state()
    },
    log: [
      'returned true',
      'closing',
      'state CLOSING 1006',
      'sent binary 2a*200 fin',
      'sent binary 07*111',
      'sent continuation 07*111',
      'sent continuation 07*78 fin',
      'sent close 4000 "after that"',
      'state CLOSING 1006 sent',
    ],
  },
  {
    name: 'a ping while our Close frame waits behind a large message is answered',
    sendRing: 256,
    run(it) {
      it.connection.sendBinary(bytes(300), 0, 300)
      it.connection.refill()
      it.connection.close(1000, '')
      it.receive('89 01 "p"')
      it.drain()
    },
    log: [
      'closing',
      'ping "p"',
      'sent binary 2a*111',
      'sent pong "p"',
      'sent continuation 2a*111',
      'sent continuation 2a*78 fin',
      'sent close 1000 ""',
    ],
  },
  {
    name: 'the peer closes while our Close frame waits behind a large message: its code is echoed',
    sendRing: 256,
    run(it) {
      it.connection.sendBinary(bytes(300), 0, 300)
      it.connection.refill()
      it.connection.close(1000, 'ours')
      it.receive('88 02 03 e9')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'sent binary 2a*111',
      'sent close 1001 ""',
      'state CLOSING 1001 sent received',
    ],
  },
  {
    name: 'a violation while our Close frame waits behind a large message',
    sendRing: 256,
    run(it) {
      it.connection.sendBinary(bytes(300), 0, 300)
      it.connection.refill()
      it.connection.close(1000, 'ours')
      it.receive('c1 00')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'failure @0 RESERVED_BITS 1002',
      'sent binary 2a*111',
      'sent close 1002 ""',
      'state CLOSING 1002 "RESERVED_BITS" sent',
    ],
  },
  {
    name: 'we close within a message of fragments: it stays unfinished',
    run(it) {
      it.connection.sendFragment(bytes(2), 0, 2, 2, false)
      it.connection.close(1001, '')
      it.drain()
    },
    log: ['closing', 'sent binary "**"', 'sent close 1001 ""'],
  },

  // Violations.
  {
    name: 'a violation sends its code, and nothing is delivered after it',
    run(it) {
      it.receive('80 02 "hi" 81 02 "ok" 88 02 03 e8')
      it.drain()
      it.state()
    },
    log: [
      'closing',
      'failure @0 UNEXPECTED_CONTINUATION 1002',
      'sent close 1002 ""',
      'state CLOSING 1002 "UNEXPECTED_CONTINUATION" sent',
    ],
  },
  {
    name: 'text that is not UTF-8 fails with 1007',
    run(it) {
      it.receive('81 04 "ab" ff "c"')
      it.drain()
    },
    log: ['closing', 'failure @4 INVALID_UTF8 1007', 'sent close 1007 ""'],
  },
  {
    name: 'a message over the limit fails with 1009',
    limits: { maxMessageSize: 3 },
    run(it) {
      it.receive('82 03 01 02 03 82 04 01 02 03 04')
      it.drain()
    },
    log: ['binary 01 02 03', 'closing', 'failure @6 MESSAGE_TOO_BIG 1009', 'sent close 1009 ""'],
  },
  {
    name: 'control frames in a row, up to the limit; a data frame begins anew',
    limits: { maxControlFrames: 2 },
    run(it) {
      it.receive('8a 00 8a 00 81 01 "a" 8a 00 8a 00 82 00 8a 00 8a 00')
      it.state()
      it.receive('8a 00')
      it.drain()
    },
    log: [
      'pong ""',
      'pong ""',
      'text "a"',
      'pong ""',
      'pong ""',
      'binary ""',
      'pong ""',
      'pong ""',
      'state OPEN',
      'closing',
      'failure @19 TOO_MANY_CONTROL_FRAMES 1008',
      'sent close 1008 ""',
    ],
  },
  {
    name: 'a violation gives up the large message that is on its way',
    sendRing: 256,
    run(it) {
      it.connection.sendBinary(bytes(600), 0, 600)
      it.connection.refill()
      it.receive('8b 00')
      it.drain()
    },
    log: ['closing', 'failure @0 RESERVED_OPCODE 1002', 'sent binary 2a*111', 'sent close 1002 ""'],
  },

  // From within a callback.
  {
    name: 'close() inside onMessage: what follows is delivered still, until the answer',
    run(it) {
      it.onLine = (line) => {
        if (line === 'text "a"') it.connection.close(1000, '')
      }
      it.receive('81 01 "a" 81 01 "b" 89 01 "p" 88 02 03 e8')
      it.drain()
      it.state()
    },
    log: [
      'text "a"',
      'closing',
      'text "b"',
      'ping "p"',
      'sent close 1000 ""',
      'state CLOSING 1000 sent received',
    ],
  },
  {
    name: 'a send inside onPing: behind the pong',
    run(it) {
      it.onLine = (line) => {
        if (line === 'ping "p"') it.connection.sendText('saw it')
      }
      it.receive('89 01 "p"')
      it.drain()
    },
    log: ['ping "p"', 'sent pong "p"', 'sent text "saw it" fin'],
  },

  // Sending.
  {
    name: 'a message that does not fit is refused, and onWritable tells when it does',
    sendRing: 256,
    run(it) {
      it.attempt(() => it.connection.sendBinary(bytes(200, 1), 0, 200))
      it.attempt(() => it.connection.sendBinary(bytes(100, 2), 0, 100))
      it.attempt(() => it.connection.sendBinary(bytes(10, 3), 0, 10))
      it.drain()
      it.attempt(() => it.connection.sendBinary(bytes(100, 2), 0, 100))
      it.drain()
    },
    log: [
      'returned true',
      'returned false',
      'returned true',
      'sent binary 01*200 fin',
      'sent binary 03*10 fin',
      'writable',
      'returned true',
      'sent binary 02*100 fin',
    ],
  },
  {
    name: 'nothing is refused that the network takes at once',
    sendRing: 256,
    run(it) {
      it.takesWhenFull = true
      it.attempt(() => it.connection.sendBinary(bytes(200, 1), 0, 200))
      it.attempt(() => it.connection.sendBinary(bytes(100, 2), 0, 100))
      it.drain()
    },
    log: ['returned true', 'sent binary 01*200 fin', 'returned true', 'sent binary 02*100 fin'],
  },
  {
    name: 'while a large message waits no other is taken, but a ping is',
    sendRing: 256,
    run(it) {
      it.attempt(() => it.connection.sendBinary(bytes(300), 0, 300))
      it.attempt(() => it.connection.sendText('no'))
      it.attempt(() => it.connection.sendBinary(bytes(999), 0, 999))
      it.attempt(() => it.connection.ping(bytes(2)))
      it.drain()
    },
    log: [
      'returned true',
      'returned false',
      'returned false',
      'returned true',
      'sent ping "**"',
      'sent binary 2a*111',
      'sent continuation 2a*111',
      'sent continuation 2a*78 fin',
      'writable',
    ],
  },
  {
    name: 'a message in fragments, with a ping between',
    run(it) {
      const { connection } = it
      it.attempt(() => connection.sendFragment(bytes(5, 0x61), 0, 2, 1, false))
      it.attempt(() => connection.ping())
      it.attempt(() => connection.sendFragment(bytes(5, 0x62), 3, 3, 1, false))
      it.attempt(() => connection.sendFragment(bytes(5, 0x63), 1, 5, 1, true))
      it.attempt(() => connection.sendText('next'))
      it.drain()
    },
    log: [
      'returned true',
      'returned true',
      'returned true',
      'returned true',
      'returned true',
      'sent text "aa"',
      'sent ping ""',
      'sent continuation ""',
      'sent continuation "cccc" fin',
      'sent text "next" fin',
    ],
  },
  {
    name: 'a large fragment, and what follows continues it',
    sendRing: 256,
    run(it) {
      it.attempt(() => it.connection.sendFragment(bytes(300), 0, 300, 2, false))
      it.drain()
      it.attempt(() => it.connection.sendFragment(bytes(1, 7), 0, 1, 2, true))
      it.drain()
    },
    log: [
      'returned true',
      'sent binary 2a*111',
      'sent continuation 2a*111',
      'sent continuation 2a*78',
      'writable',
      'returned true',
      'sent continuation 07 fin',
    ],
  },
  {
    name: 'another message inside a message of fragments is misuse',
    run(it) {
      const { connection } = it
      connection.sendFragment(bytes(1), 0, 1, 2, false)
      it.attempt(() => connection.sendText('no'))
      it.attempt(() => connection.sendBinary(bytes(1), 0, 1))
      it.attempt(() => connection.sendFragment(bytes(1), 0, 1, 1, true))
      it.attempt(() => connection.sendFragment(bytes(1), 0, 1, 2, true))
      it.drain()
    },
    log: [
      'threw Error MESSAGE_OPEN',
      'threw Error MESSAGE_OPEN',
      'threw Error MESSAGE_OPEN',
      'returned true',
      'sent binary "*"',
      'sent continuation "*" fin',
    ],
  },
  {
    name: 'text fragments may be cut within a character',
    run(it) {
      const euro = Uint8Array.of(0xe2, 0x82, 0xac)
      it.connection.sendFragment(euro, 0, 1, 1, false)
      it.connection.sendFragment(euro, 1, 2, 1, false)
      it.connection.sendFragment(euro, 2, 3, 1, true)
      it.drain()
    },
    log: ['sent text e2', 'sent continuation 82', 'sent continuation ac fin'],
  },
  {
    name: 'a text message of one fragment that is not UTF-8 is misuse, and nothing is sent',
    run(it) {
      it.attempt(() => it.connection.sendFragment(Uint8Array.of(0x61, 0xff), 0, 2, 1, true))
      it.attempt(() => it.connection.sendFragment(Uint8Array.of(0xe2, 0x82), 0, 2, 1, true))
      it.attempt(() => it.connection.sendText('ok'))
      it.drain()
    },
    log: [
      'threw TypeError BAD_TEXT',
      'threw TypeError BAD_TEXT',
      'returned true',
      'sent text "ok" fin',
    ],
  },
  {
    name: 'a refused text fragment leaves its message open, to be gone on with',
    run(it) {
      const send = (octet: number, final: boolean) =>
        it.attempt(() => it.connection.sendFragment(Uint8Array.of(octet), 0, 1, 1, final))
      send(0xc3, false)
      send(0xff, false)
      it.attempt(() => it.connection.sendText('no'))
      send(0x28, true)
      send(0xa9, true)
      it.attempt(() => it.connection.sendText('next'))
      it.drain()
    },
    log: [
      'returned true',
      'threw TypeError BAD_TEXT',
      'threw Error MESSAGE_OPEN',
      'threw TypeError BAD_TEXT',
      'returned true',
      'returned true',
      'sent text c3',
      'sent continuation a9 fin',
      'sent text "next" fin',
    ],
  },
  {
    name: 'only text and binary can be sent',
    run(it) {
      for (const kind of [0, 3, 8, 9, 10, 1.5, NaN]) {
        it.attempt(() => it.connection.sendFragment(bytes(1), 0, 1, kind as Kind, true))
      }
      it.drain()
    },
    log: new Array(7).fill('threw RangeError BAD_KIND'),
  },
  {
    name: 'misuse names what is wrong',
    run(it) {
      const { connection } = it
      const wrong = (value: unknown) => value as never
      it.attempt(() => connection.sendText(wrong(7)))
      it.attempt(() => connection.sendBinary(wrong('text'), 0, 4))
      it.attempt(() => connection.sendBinary(wrong([1, 2]), 0, 2))
      it.attempt(() => connection.sendBinary(bytes(4), -1, 4))
      it.attempt(() => connection.sendBinary(bytes(4), 0, 5))
      it.attempt(() => connection.sendBinary(bytes(4), 3, 2))
      it.attempt(() => connection.sendBinary(bytes(4), NaN, 2))
      it.attempt(() => connection.sendBinary(bytes(8), 0.5, 4))
      it.attempt(() => connection.sendBinary(bytes(8), 0, 3.5))
      it.attempt(() => connection.ping(bytes(126)))
      it.attempt(() => connection.ping(wrong('text')))
      it.attempt(() => connection.close(undefined, 'a reason without a code'))
      it.attempt(() => connection.close(1000, 'é'.repeat(62)))
      it.attempt(() => connection.close(1000, wrong(5)))
      it.attempt(() => connection.close(wrong('1000'), ''))
      it.attempt(() => connection.sendBinary(bytes(4), wrong('1'), 3))
      it.drain()
      it.state()
    },
    log: [
      'threw TypeError BAD_TEXT',
      'threw TypeError BAD_BYTES',
      'threw TypeError BAD_BYTES',
      'threw RangeError BAD_RANGE',
      'threw RangeError BAD_RANGE',
      'threw RangeError BAD_RANGE',
      'threw RangeError BAD_RANGE',
      'threw RangeError BAD_RANGE',
      'threw RangeError BAD_RANGE',
      'threw RangeError BAD_PING',
      'threw TypeError BAD_BYTES',
      'threw RangeError BAD_CLOSE_CODE',
      'threw RangeError BAD_CLOSE_REASON',
      'threw TypeError BAD_CLOSE_REASON',
      'threw RangeError BAD_CLOSE_CODE',
      'threw RangeError BAD_RANGE',
      'state OPEN',
    ],
  },
  {
    name: 'close() refuses the codes that must not be on the wire',
    run(it) {
      for (const code of [...badCodes, -1, 1000.5, NaN, Infinity]) {
        it.attempt(() => it.connection.close(code, ''))
      }
      it.state()
    },
    log: [...Array(badCodes.length + 4).fill('threw RangeError BAD_CLOSE_CODE'), 'state OPEN'],
  },
  {
    name: 'a reason of 123 octets may be sent',
    run(it) {
      it.connection.close(4999, 'é'.repeat(61) + 'x')
      it.drain()
    },
    log: ['closing', 'sent close 4999 ' + 'c3 a9 '.repeat(61) + '78'],
  },
]
