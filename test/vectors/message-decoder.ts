// Messages, RFC 6455 sections 5.4 to 6.2: what comes in, and the callbacks of MessageDecoder in fragment mode
// and in whole-message mode.

export interface MessageVector {
  name: string
  in: string
  /** The log in fragment mode. */
  fragments: string[]
  /** The log in whole-message mode. */
  whole: string[]
  limits?: { maxMessageSize?: number; maxFragments?: number; maxEmptyFragments?: number }
}

const long = (octet: string, count: number) => octet + '*' + count

/** A vector whose log is the same in both modes. */
const same = (name: string, input: string, log: string[]): MessageVector => ({
  name,
  in: input,
  fragments: log,
  whole: log,
})

/** A text message in one frame: the octets, and the offset of the first wrong one, if there is one. */
const text = (name: string, octets: string, length: number, wrong?: number): MessageVector => {
  const input = '81 ' + length.toString(16).padStart(2, '0') + ' ' + octets
  const log = wrong === undefined ? undefined : ['violation @' + (2 + wrong) + ' INVALID_UTF8 1007']
  return {
    name: 'UTF-8: ' + name,
    in: input,
    fragments: log || ['text @2 ' + octets + ' final'],
    whole: log || ['message text ' + octets],
  }
}

export const messageVectors: MessageVector[] = [
  same('nothing', '', []),
  {
    name: 'a text message in one frame',
    in: '81 05 "Hello"',
    fragments: ['text @2 "Hello" final'],
    whole: ['message text "Hello"'],
  },
  {
    name: 'a fragmented text message',
    in: '01 03 "Hel" 80 02 "lo"',
    fragments: ['text @2 "Hello" final'],
    whole: ['message text "Hello"'],
  },
  {
    name: 'a ping between the fragments of a message',
    in: '01 03 "Hel" 89 01 "p" 80 02 "lo" 8a 00',
    fragments: ['text @2 "Hel"', 'ping @7 "p"', 'text @10 "lo" final', 'pong @14 ""'],
    whole: ['ping @7 "p"', 'message text "Hello"', 'pong @14 ""'],
  },
  {
    name: 'control frames around every fragment',
    in: '89 01 "1" 02 01 07 8a 01 "2" 00 01 08 89 01 "3" 80 01 09 8a 01 "4"',
    fragments: [
      'ping @2 "1"',
      'binary @5 07',
      'pong @8 "2"',
      'binary @11 08',
      'ping @14 "3"',
      'binary @17 09 final',
      'pong @20 "4"',
    ],
    whole: [
      'ping @2 "1"',
      'pong @8 "2"',
      'ping @14 "3"',
      'message binary 07 08 09',
      'pong @20 "4"',
    ],
  },
  {
    name: 'empty messages are messages',
    in: '81 00 82 00',
    fragments: ['text @2 "" final', 'binary @4 "" final'],
    whole: ['message text ""', 'message binary ""'],
  },
  {
    name: 'a message of empty fragments',
    in: '01 00 00 00 80 00',
    fragments: ['text @6 "" final'],
    whole: ['message text ""'],
  },
  {
    name: 'an empty last fragment',
    in: '02 01 07 80 00 82 01 08',
    fragments: ['binary @2 07 final', 'binary @7 08 final'],
    whole: ['message binary 07', 'message binary 08'],
  },
  {
    name: 'an empty last fragment after a ping',
    in: '02 01 07 89 00 80 00',
    fragments: ['binary @2 07', 'ping @5 ""', 'binary @7 "" final'],
    whole: ['ping @5 ""', 'message binary 07'],
  },
  {
    name: 'empty fragments before, between and behind',
    in: '01 00 00 01 "a" 00 00 00 01 "b" 80 00',
    fragments: ['text @4 "ab" final'],
    whole: ['message text "ab"'],
  },
  {
    name: 'messages one after the other',
    in: '81 01 "a" 82 02 07 08 81 00 82 01 09',
    fragments: [
      'text @2 "a" final',
      'binary @5 07 08 final',
      'text @9 "" final',
      'binary @11 09 final',
    ],
    whole: ['message text "a"', 'message binary 07 08', 'message text ""', 'message binary 09'],
  },
  {
    name: 'a message of several times the ring',
    in: '82 7e 04 00 ' + long('2a', 1024) + ' 81 01 "z"',
    fragments: ['binary @4 2a*1024 final', 'text @1030 "z" final'],
    whole: ['message binary 2a*1024', 'message text "z"'],
  },
  {
    name: 'many fragments with pings between that together exceed the ring',
    in:
      '02 7d ' +
      long('01', 125) +
      ' 89 7d ' +
      long('aa', 125) +
      ' 00 7d ' +
      long('02', 125) +
      ' 8a 7d ' +
      long('bb', 125) +
      ' 80 7d ' +
      long('03', 125) +
      ' 89 01 "z"',
    fragments: [
      'binary @2 ' + long('01', 125),
      'ping @129 aa*125',
      'binary @256 ' + long('02', 125),
      'pong @383 bb*125',
      'binary @510 ' + long('03', 125) + ' final',
      'ping @637 "z"',
    ],
    whole: [
      'ping @129 aa*125',
      'pong @383 bb*125',
      'message binary ' + [long('01', 125), long('02', 125), long('03', 125)].join(' '),
      'ping @637 "z"',
    ],
  },

  // Autobahn 5.17: a FIN continuation with nothing to continue, then a good message. Nothing is delivered.
  same('a continuation with nothing to continue delivers nothing', '80 02 "hi" 81 02 "ok"', [
    'violation @0 UNEXPECTED_CONTINUATION 1002',
  ]),
  same('two fragments of which the first continues nothing', '00 03 "fra" 80 03 "gme"', [
    'violation @0 UNEXPECTED_CONTINUATION 1002',
  ]),
  {
    name: 'a new message inside another: the first one is never whole',
    in: '01 01 "a" 81 01 "b"',
    fragments: ['text @2 "a"', 'violation @3 EXPECTED_CONTINUATION 1002'],
    whole: ['violation @3 EXPECTED_CONTINUATION 1002'],
  },
  {
    name: 'what came before a violation was delivered',
    in: '81 01 "a" 83 00 81 01 "b"',
    fragments: ['text @2 "a" final', 'violation @3 RESERVED_OPCODE 1002'],
    whole: ['message text "a"', 'violation @3 RESERVED_OPCODE 1002'],
  },

  // Limits.
  {
    name: 'a message as large as the limit',
    in: '82 05 "Hello"',
    limits: { maxMessageSize: 5 },
    fragments: ['binary @2 "Hello" final'],
    whole: ['message binary "Hello"'],
  },
  {
    name: 'a message larger than the limit fails at its header',
    in: '82 06 "Hello!"',
    limits: { maxMessageSize: 5 },
    fragments: ['violation @1 MESSAGE_TOO_BIG 1009'],
    whole: ['violation @1 MESSAGE_TOO_BIG 1009'],
  },
  {
    name: 'a frame of 2^53 − 1 octets is only a number until its octets come',
    in: '82 7f 00 1f ff ff ff ff ff ff "abc"',
    limits: { maxMessageSize: 1000 },
    fragments: ['violation @9 MESSAGE_TOO_BIG 1009'],
    whole: ['violation @9 MESSAGE_TOO_BIG 1009'],
  },
  {
    name: 'fragments count together towards the size',
    in: '02 03 "Hel" 00 02 "lo" 80 01 "!"',
    limits: { maxMessageSize: 5 },
    fragments: ['binary @2 "Hello"', 'violation @10 MESSAGE_TOO_BIG 1009'],
    whole: ['violation @10 MESSAGE_TOO_BIG 1009'],
  },
  {
    name: 'the size counts anew with every message',
    in: '02 03 "Hel" 80 02 "lo" 82 05 "World"',
    limits: { maxMessageSize: 5 },
    fragments: ['binary @2 "Hello" final', 'binary @11 "World" final'],
    whole: ['message binary "Hello"', 'message binary "World"'],
  },
  {
    name: 'limit 0: empty messages only',
    in: '81 00 81 01 "a"',
    limits: { maxMessageSize: 0 },
    fragments: ['text @2 "" final', 'violation @3 MESSAGE_TOO_BIG 1009'],
    whole: ['message text ""', 'violation @3 MESSAGE_TOO_BIG 1009'],
  },
  {
    name: 'as many fragments as the limit, twice',
    in: '02 01 01 00 01 02 80 01 03 02 01 04 00 01 05 80 01 06',
    limits: { maxFragments: 3 },
    fragments: ['binary @2 01 02 03 final', 'binary @11 04 05 06 final'],
    whole: ['message binary 01 02 03', 'message binary 04 05 06'],
  },
  {
    name: 'one fragment above the limit',
    in: '02 01 01 00 01 02 00 01 03 80 01 04',
    limits: { maxFragments: 3 },
    fragments: ['binary @2 01 02 03', 'violation @10 TOO_MANY_FRAGMENTS 1008'],
    whole: ['violation @10 TOO_MANY_FRAGMENTS 1008'],
  },
  {
    name: 'control frames are no fragments',
    in: '02 01 01 89 00 8a 00 80 01 02',
    limits: { maxFragments: 2 },
    fragments: ['binary @2 01', 'ping @5 ""', 'pong @7 ""', 'binary @9 02 final'],
    whole: ['ping @5 ""', 'pong @7 ""', 'message binary 01 02'],
  },
  {
    name: 'as many empty fragments as the limit, twice; the last frame is none',
    in: '02 00 00 00 80 00 02 00 00 00 80 00',
    limits: { maxEmptyFragments: 2 },
    fragments: ['binary @6 "" final', 'binary @12 "" final'],
    whole: ['message binary ""', 'message binary ""'],
  },
  {
    name: 'one empty fragment above the limit',
    in: '02 00 00 00 00 00 80 00',
    limits: { maxEmptyFragments: 2 },
    fragments: ['violation @5 TOO_MANY_FRAGMENTS 1008'],
    whole: ['violation @5 TOO_MANY_FRAGMENTS 1008'],
  },
  {
    name: 'empty messages are no empty fragments',
    in: '82 00 82 00 82 00 82 00',
    limits: { maxEmptyFragments: 0 },
    fragments: [
      'binary @2 "" final',
      'binary @4 "" final',
      'binary @6 "" final',
      'binary @8 "" final',
    ],
    whole: ['message binary ""', 'message binary ""', 'message binary ""', 'message binary ""'],
  },

  // UTF-8, RFC 3629 section 4: the bounds of every range, and the first wrong octet.
  text('the first and the last character of 1 octet', '00 7f', 2),
  text('the first character of 2 octets', 'c2 80', 2),
  text('the last character of 2 octets', 'df bf', 2),
  text('the first character of 3 octets', 'e0 a0 80', 3),
  text('the last character before the surrogates', 'ed 9f bf', 3),
  text('the first character after the surrogates', 'ee 80 80', 3),
  text('the last character of 3 octets', 'ef bf bf', 3),
  text('a byte order mark stays', 'ef bb bf 61', 4),
  text('the first character of 4 octets', 'f0 90 80 80', 4),
  text('the last character, U+10FFFF', 'f4 8f bf bf', 4),
  text('U+FFFE and U+FFFF are characters', 'ef bf be ef bf bf', 6),
  text('a lone continuation octet', '80', 1, 0),
  text('the last continuation octet, alone', 'bf', 1, 0),
  text('a continuation octet too many', 'c2 80 80', 3, 2),
  text('C0, overlong for 1 octet', 'c0 80', 2, 0),
  text('C1, overlong for 1 octet', 'c1 bf', 2, 0),
  text('E0 80, overlong for 2 octets', 'e0 80 80', 3, 1),
  text('E0 9F, overlong for 2 octets', 'e0 9f bf', 3, 1),
  text('F0 80, overlong for 3 octets', 'f0 80 80 80', 4, 1),
  text('F0 8F, overlong for 3 octets', 'f0 8f bf bf', 4, 1),
  text('the first surrogate', 'ed a0 80', 3, 1),
  text('the last surrogate', 'ed bf bf', 3, 1),
  text('a pair of surrogates', 'ed a0 81 ed b0 81', 6, 1),
  text('U+110000', 'f4 90 80 80', 4, 1),
  text('F5', 'f5 80 80 80', 4, 0),
  text('F8, five octets once', 'f8 88 80 80 80', 5, 0),
  text('FC, six octets once', 'fc 84 80 80 80 80', 6, 0),
  text('FE', 'fe', 1, 0),
  text('FF', 'ff', 1, 0),
  text('ASCII where a continuation octet is due', 'c2 61', 2, 1),
  text('ASCII for the third of 3 octets', 'e2 82 61', 3, 2),
  text('ASCII for the fourth of 4 octets', 'f0 9f 98 61', 4, 3),
  text('a first octet where a continuation octet is due', 'e2 e2 82 ac', 4, 1),
  text('the wrong octet comes late', '61 61 61 61 61 61 61 61 61 61 61 61 ff 61', 14, 12),
  text('half a character of 2 octets at the end', '61 c3', 2, 2),
  text('a third of a character of 3 octets at the end', 'e2', 1, 1),
  text('two thirds of a character of 3 octets at the end', 'e2 82', 2, 2),
  text('three quarters of a character of 4 octets at the end', 'f0 9f 98', 3, 3),
  {
    name: 'UTF-8: a character across fragments',
    in: '01 01 f0 00 01 9f 00 00 00 01 98 80 01 80',
    fragments: ['text @2 f0 9f 98 80 final'],
    whole: ['message text f0 9f 98 80'],
  },
  {
    name: 'UTF-8: a character across fragments, and a ping inside',
    in: '01 02 e2 82 89 02 ff fe 80 01 ac',
    fragments: ['text @2 e2 82', 'ping @6 ff fe', 'text @10 ac final'],
    whole: ['ping @6 ff fe', 'message text e2 82 ac'],
  },
  {
    name: 'UTF-8: half a character, and an empty last fragment',
    in: '01 03 61 e2 82 80 00',
    fragments: ['text @2 61 e2 82', 'violation @7 INVALID_UTF8 1007'],
    whole: ['violation @7 INVALID_UTF8 1007'],
  },
  {
    name: 'UTF-8: the first wrong octet fails the connection before the frame is complete',
    in: '81 7d "ab" ff',
    fragments: ['violation @4 INVALID_UTF8 1007'],
    whole: ['violation @4 INVALID_UTF8 1007'],
  },
  {
    name: 'UTF-8: a wrong octet in the second fragment',
    in: '01 02 "ab" 80 02 "c" ff',
    fragments: ['text @2 "ab"', 'violation @7 INVALID_UTF8 1007'],
    whole: ['violation @7 INVALID_UTF8 1007'],
  },
  {
    name: 'UTF-8: the second fragment does not continue the character',
    in: '01 02 "a" c3 80 01 "b"',
    fragments: ['text @2 61 c3', 'violation @6 INVALID_UTF8 1007'],
    whole: ['violation @6 INVALID_UTF8 1007'],
  },
  {
    name: 'UTF-8: binary messages are not checked',
    in: '82 02 c3 28 01 01 "a" 80 01 "b" 82 01 ff',
    fragments: ['binary @2 c3 28 final', 'text @6 "ab" final', 'binary @12 ff final'],
    whole: ['message binary c3 28', 'message text "ab"', 'message binary ff'],
  },
]
