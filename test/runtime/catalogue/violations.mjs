// By the peer, of RFC 6455 sections 5 to 8.

import { toHex } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, connect, open, script, frames } from './cases.mjs'

const { cases, add } = casesOf('violations')

/** Name, frames, id, code, offset of the wrong byte; the lines delivered before, whole and in fragment mode; options. */
const VIOLATIONS = [
  ['RSV1 in a text frame', 'c1 01 61', 'RESERVED_BITS', 1002, 0],
  ['RSV2 in a binary frame', 'a2 00', 'RESERVED_BITS', 1002, 0],
  ['RSV3 in a text frame', '91 00', 'RESERVED_BITS', 1002, 0],
  ['RSV1 in a ping', 'c9 00', 'RESERVED_BITS', 1002, 0],
  ['RSV1 in a Close frame', 'c8 02 03e8', 'RESERVED_BITS', 1002, 0],
  ['RSV1 in a continuation', '01 01 61 c0 01 62', 'RESERVED_BITS', 1002, 3, [], ['fragment 1 "a"']],
  ['opcode 3', '83 00', 'RESERVED_OPCODE', 1002, 0],
  ['opcode 7', '87 00', 'RESERVED_OPCODE', 1002, 0],
  ['opcode 11', '8b 00', 'RESERVED_OPCODE', 1002, 0],
  ['opcode 15', '8f 00', 'RESERVED_OPCODE', 1002, 0],
  [
    'opcode 3 within a message',
    '01 01 61 83 00',
    'RESERVED_OPCODE',
    1002,
    3,
    [],
    ['fragment 1 "a"'],
  ],
  [
    'a text within a message',
    '01 01 61 81 01 62',
    'EXPECTED_CONTINUATION',
    1002,
    3,
    [],
    ['fragment 1 "a"'],
  ],
  [
    'a binary within a message',
    '02 01 01 82 01 02',
    'EXPECTED_CONTINUATION',
    1002,
    3,
    [],
    ['fragment 2 01'],
  ],
  // Autobahn 5.15 to 5.18.
  [
    'a continuation after the end of a message',
    '01 01 61 80 01 62 00 01 63 81 01 64',
    'UNEXPECTED_CONTINUATION',
    1002,
    6,
    ['text "ab"'],
    ['fragment 1 "a"', 'fragment 1 "b" final'],
  ],
  [
    'a last continuation before any message',
    '80 01 63 01 01 61 80 01 62',
    'UNEXPECTED_CONTINUATION',
    1002,
    0,
  ],
  [
    'a continuation before any message',
    '00 01 63 01 01 61 80 01 62',
    'UNEXPECTED_CONTINUATION',
    1002,
    0,
  ],
  [
    'two first frames',
    '01 01 61 01 01 62',
    'EXPECTED_CONTINUATION',
    1002,
    3,
    [],
    ['fragment 1 "a"'],
  ],
  ['a ping in fragments', '09 01 61 80 01 62', 'FRAGMENTED_CONTROL', 1002, 0],
  ['a pong in fragments', '0a 00', 'FRAGMENTED_CONTROL', 1002, 0],
  ['a Close frame in fragments', '08 02 03e8', 'FRAGMENTED_CONTROL', 1002, 0],
  ['a masked text', '81 81 00000000 61', 'MASKED_FRAME', 1002, 1],
  ['a masked ping', '89 80 00000000', 'MASKED_FRAME', 1002, 1],
  [
    'a masked frame after a good one',
    '81 01 61 81 81 00000000 61',
    'MASKED_FRAME',
    1002,
    4,
    ['text "a"'],
    ['fragment 1 "a" final'],
  ],
  ['a ping of 126 bytes', '89 7e 007e', 'CONTROL_TOO_LONG', 1002, 1],
  ['a Close frame with a length of 64 bits', '88 7f', 'CONTROL_TOO_LONG', 1002, 1],
  ['a negative length', '82 7f 80 00000000000001', 'LENGTH_SIGN_BIT', 1002, 2],
  ['0 in 16 bits', '82 7e 0000', 'LENGTH_NOT_MINIMAL', 1002, 3],
  ['125 in 16 bits', '82 7e 007d', 'LENGTH_NOT_MINIMAL', 1002, 3],
  ['65535 in 64 bits', '82 7f 000000000000ffff', 'LENGTH_NOT_MINIMAL', 1002, 7],
  ['0 in 64 bits', '82 7f 0000000000000000', 'LENGTH_NOT_MINIMAL', 1002, 7],
  ['a length of 2^53', '82 7f 0020000000000000', 'FRAME_TOO_BIG', 1009, 9],
  ['a length of 2^63 − 1', '82 7f 7fffffffffffffff', 'FRAME_TOO_BIG', 1009, 9],
  [
    'a frame over maxMessageSize',
    '82 7e 03e9',
    'MESSAGE_TOO_BIG',
    1009,
    3,
    [],
    [],
    { maxMessageSize: 1000 },
  ],
  [
    'a frame of 2^40',
    '82 7f 0000010000000000',
    'MESSAGE_TOO_BIG',
    1009,
    9,
    [],
    [],
    { maxMessageSize: 1000 },
  ],
  [
    'fragments over maxMessageSize',
    '02 02 0000 80 02 0000',
    'MESSAGE_TOO_BIG',
    1009,
    5,
    [],
    ['fragment 2 0000'],
    { maxMessageSize: 3 },
  ],
  [
    'more than maxFragments',
    '01 01 61 00 01 62 80 01 63',
    'TOO_MANY_FRAGMENTS',
    1008,
    7,
    [],
    ['fragment 1 "a"', 'fragment 1 "b"'],
    { maxFragments: 2 },
  ],
  [
    'more than maxEmptyFragments',
    '01 00 00 00 00 01 61 00 00',
    'TOO_MANY_FRAGMENTS',
    1008,
    8,
    [],
    ['fragment 1 "a"'],
    { maxEmptyFragments: 2 },
  ],
  ['text that is not UTF-8', '81 03 61ff62', 'INVALID_UTF8', 1007, 3],
  ['a lone continuation octet', '81 01 80', 'INVALID_UTF8', 1007, 2],
  ['a character that breaks off', '81 03 e28261', 'INVALID_UTF8', 1007, 4],
  ['an overlong character', '81 02 c080', 'INVALID_UTF8', 1007, 2],
  ['an overlong character of 3', '81 03 e08080', 'INVALID_UTF8', 1007, 3],
  ['a surrogate', '81 03 eda080', 'INVALID_UTF8', 1007, 3],
  ['beyond U+10FFFF', '81 04 f4908080', 'INVALID_UTF8', 1007, 3],
  [
    'half a character in the next fragment',
    '01 02 61c3 80 01 28',
    'INVALID_UTF8',
    1007,
    6,
    [],
    ['fragment 1 "a\\c3"'],
  ],
  ['a Close frame of one byte', '88 01 03', 'BAD_CLOSE_FRAME', 1002, 1],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map((code) => [
    'close code ' + code,
    '88 02' + toHex([code >> 8, code & 255]),
    'BAD_CLOSE_FRAME',
    1002,
    2,
  ]),
  ['a close reason that is not UTF-8', '88 04 03e8 c328', 'INVALID_UTF8', 1007, 5],
]

for (const [name, hex, id, code, offset, texts = [], pieces = [], options = {}] of VIOLATIONS) {
  for (const [step, isWhole] of [
    ['write', true],
    ['bytewise', true],
    ['write', false],
  ]) {
    const how = (step === 'write' ? '' : ', byte by byte') + (isWhole ? '' : ', in fragment mode')
    add('violation: ' + name + how, async (env) => {
      // What follows is in order, and must not be delivered.
      const peer = script(env, [step, { head: GOOD_HEAD }, hex, '81 01 78 89 00 88 02 03e8'])
      const session = connect(env, peer.path, options, { fragments: !isWhole })
      await session.closed
      env.equal(session.log, [
        'open',
        ...(isWhole ? texts : pieces),
        'error ' + id + ' ' + code + ' @' + offset,
        'close ' + code + ' "' + id + '" unclean',
      ])
      env.equal((await peer.report()).frames, ['close ' + code + ' ""'])
    })
  }
}

add('violation: text that ends within a character', async (env) => {
  const peer = frames(env, '81 02 61c3')
  const session = connect(env, peer.path)
  await session.closed
  // Known with the last byte of the message.
  env.ok(/^error INVALID_UTF8 1007 @[34]$/.test(session.log[1]), session.log[1])
  env.equal(session.log[2], 'close 1007 "INVALID_UTF8" unclean')
  env.equal((await peer.report()).frames, ['close 1007 ""'])
})

add('violation: a flood of control frames', async (env) => {
  const peer = frames(env, { times: 50000, hex: '8a00' })
  const session = connect(env, peer.path, { receiveBuffer: 256, maxControlFrames: 1000 })
  await session.closed
  const pongs = session.log.filter((line) => line === 'pong empty').length
  env.ok(pongs >= 1000 && pongs < 50000, pongs + ' pongs')
  const rest = session.log.filter((line) => line !== 'pong empty')
  env.equal(
    rest.map((line) => line.split(' @')[0]),
    ['open', 'error TOO_MANY_CONTROL_FRAMES 1008', 'close 1008 "TOO_MANY_CONTROL_FRAMES" unclean'],
  )
  env.equal((await peer.report()).frames, ['close 1008 ""'])
})

add(
  'what was sent before a violation in the same packet is on the wire before the Close frame',
  async (env) => {
    const peer = frames(env, '81 01 61 89 01 70 81 01 62 81 81')
    const session = connect(
      env,
      peer.path,
      {},
      { text: (session, text) => session.socket.sendText('echo ' + text) },
    )
    await session.closed
    env.equal(session.log, [
      'open',
      'text "a"',
      'ping 70',
      'text "b"',
      'error MASKED_FRAME 1002 @10',
      'close 1002 "MASKED_FRAME" unclean',
    ])
    env.equal((await peer.report()).frames, [
      'text "echo a"',
      'pong 70',
      'text "echo b"',
      'close 1002 ""',
    ])
  },
)

add('a violation while we are closing: no second Close frame', async (env) => {
  const peer = script(
    env,
    ['write', { head: GOOD_HEAD }],
    ['hold'],
    ['frames', 1],
    ['write', '83 00'],
    ['wait', 50],
    ['fin'],
  )
  const session = await open(env, peer.path)
  session.socket.close(1000)
  await session.closed
  env.equal(session.log, [
    'open',
    'error RESERVED_OPCODE 1002 @0',
    'close 1002 "RESERVED_OPCODE" unclean',
  ])
  env.equal((await peer.report()).frames, ['close 1000 ""'])
})

export { cases as violations, VIOLATIONS }
