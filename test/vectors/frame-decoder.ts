// Frames, RFC 6455 section 5.2: what comes in, and the callbacks of FrameDecoder, each with the offset of the
// octet that caused it.

export interface FrameVector {
  name: string
  in: string
  log: string[]
}

const long = (octet: string, count: number) => octet + '*' + count

export const frameVectors: FrameVector[] = [
  { name: 'nothing', in: '', log: [] },

  // Section 5.7, the frames that a server may send.
  {
    name: 'a text message in one frame',
    in: '81 05 48 65 6c 6c 6f',
    log: ['frame @1 text fin 5', 'payload @2 "Hello" end'],
  },
  {
    name: 'a fragmented text message',
    in: '01 03 48 65 6c 80 02 6c 6f',
    log: ['frame @1 text 3', 'payload @2 "Hel" end', 'frame @6 text fin 2', 'payload @7 "lo" end'],
  },
  {
    name: 'a ping',
    in: '89 05 48 65 6c 6c 6f',
    log: ['ping @2 "Hello"'],
  },
  {
    name: '256 octets of binary in one frame',
    in: '82 7e 01 00 ' + long('2a', 256),
    log: ['frame @3 binary fin 256', 'payload @4 2a*256 end'],
  },
  {
    name: '64 KiB of binary in one frame',
    in: '82 7f 00 00 00 00 00 01 00 00 ' + long('2a', 65536),
    log: ['frame @9 binary fin 65536', 'payload @10 2a*65536 end'],
  },
  {
    name: "a client's masked text message",
    in: '81 85 37 fa 21 3d 7f 9f 4d 51 58',
    log: ['violation @1 MASKED_FRAME 1002'],
  },
  {
    name: "a client's masked pong",
    in: '8a 85 37 fa 21 3d 7f 9f 4d 51 58',
    log: ['violation @1 MASKED_FRAME 1002'],
  },

  // Lengths.
  {
    name: 'length 0',
    in: '82 00 82 00',
    log: [
      'frame @1 binary fin 0',
      'payload @2 "" end',
      'frame @3 binary fin 0',
      'payload @4 "" end',
    ],
  },
  {
    name: 'length 1',
    in: '82 01 07',
    log: ['frame @1 binary fin 1', 'payload @2 07 end'],
  },
  {
    name: 'length 125, the longest in 7 bits',
    in: '82 7d ' + long('55', 125),
    log: ['frame @1 binary fin 125', 'payload @2 55*125 end'],
  },
  {
    name: 'length 126, the shortest in 16 bits',
    in: '82 7e 00 7e ' + long('55', 126),
    log: ['frame @3 binary fin 126', 'payload @4 55*126 end'],
  },
  {
    name: 'length 127',
    in: '82 7e 00 7f ' + long('55', 127),
    log: ['frame @3 binary fin 127', 'payload @4 55*127 end'],
  },
  {
    name: 'length 65535, the longest in 16 bits',
    in: '82 7e ff ff ' + long('55', 65535),
    log: ['frame @3 binary fin 65535', 'payload @4 55*65535 end'],
  },
  {
    name: 'length 65536, the shortest in 64 bits',
    in: '82 7f 00 00 00 00 00 01 00 00 ' + long('55', 65536) + ' 89 00',
    log: ['frame @9 binary fin 65536', 'payload @10 55*65536 end', 'ping @65548 ""'],
  },
  {
    name: 'length 2^31, where a 32-bit integer turns negative',
    in: '82 7f 00 00 00 00 80 00 00 00 "abc"',
    log: ['frame @9 binary fin 2147483648', 'payload @10 "abc"'],
  },
  {
    name: 'length 2^32 − 1',
    in: '82 7f 00 00 00 00 ff ff ff ff "abc"',
    log: ['frame @9 binary fin 4294967295', 'payload @10 "abc"'],
  },
  {
    name: 'length 2^32',
    in: '82 7f 00 00 00 01 00 00 00 00 "abc"',
    log: ['frame @9 binary fin 4294967296', 'payload @10 "abc"'],
  },
  {
    name: 'length 2^53 − 1, the longest that a number counts exactly',
    in: '82 7f 00 1f ff ff ff ff ff ff "abc"',
    log: ['frame @9 binary fin 9007199254740991', 'payload @10 "abc"'],
  },
  {
    name: 'length 2^53',
    in: '82 7f 00 20 00 00 00 00 00 00 "abc"',
    log: ['violation @9 FRAME_TOO_BIG 1009'],
  },
  {
    name: 'length 2^53 + 1, which a number would round',
    in: '82 7f 00 20 00 00 00 00 00 01 "abc"',
    log: ['violation @9 FRAME_TOO_BIG 1009'],
  },
  {
    name: 'length 2^63 − 1, the longest that the protocol allows',
    in: '82 7f 7f ff ff ff ff ff ff ff "abc"',
    log: ['violation @9 FRAME_TOO_BIG 1009'],
  },
  {
    name: 'length 2^63: the sign bit',
    in: '82 7f 80 00 00 00 00 00 00 00',
    log: ['violation @2 LENGTH_SIGN_BIT 1002'],
  },
  {
    name: 'the sign bit on a length that would be short',
    in: '82 7f 80 00 00 00 00 00 00 05 "Hello"',
    log: ['violation @2 LENGTH_SIGN_BIT 1002'],
  },
  {
    name: 'a high bit in the first of 16 bits is no sign',
    in: '82 7e 80 00 ' + long('55', 3),
    log: ['frame @3 binary fin 32768', 'payload @4 "UUU"'],
  },
  {
    name: 'length 0 in 16 bits',
    in: '82 7e 00 00',
    log: ['violation @3 LENGTH_NOT_MINIMAL 1002'],
  },
  {
    name: 'length 125 in 16 bits',
    in: '81 7e 00 7d ' + long('55', 125),
    log: ['violation @3 LENGTH_NOT_MINIMAL 1002'],
  },
  {
    name: 'length 5 in 64 bits',
    in: '82 7f 00 00 00 00 00 00 00 05 "Hello"',
    log: ['violation @7 LENGTH_NOT_MINIMAL 1002'],
  },
  {
    name: 'length 65535 in 64 bits',
    in: '82 7f 00 00 00 00 00 00 ff ff ' + long('55', 200),
    log: ['violation @7 LENGTH_NOT_MINIMAL 1002'],
  },

  // RSV bits and opcodes.
  ...[0x40, 0x20, 0x10, 0x70].flatMap((bits) =>
    [1, 2, 8, 9, 10].map((opcode) => ({
      name: 'RSV bits ' + (bits >> 4).toString(2).padStart(3, '0') + ' with opcode ' + opcode,
      in: '81 02 "ok" ' + (0x80 | bits | opcode).toString(16) + ' 00',
      log: ['frame @1 text fin 2', 'payload @2 "ok" end', 'violation @4 RESERVED_BITS 1002'],
    })),
  ),
  ...[0x40, 0x20, 0x10].map((bits) => ({
    name: 'RSV bits ' + (bits >> 4).toString(2).padStart(3, '0') + ' on a continuation',
    in: '01 02 "ok" ' + (0x80 | bits).toString(16) + ' 00',
    log: ['frame @1 text 2', 'payload @2 "ok" end', 'violation @4 RESERVED_BITS 1002'],
  })),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
    {
      name: 'reserved opcode ' + opcode,
      in: (0x80 | opcode).toString(16) + ' 00',
      log: ['violation @0 RESERVED_OPCODE 1002'],
    },
    {
      name: 'reserved opcode ' + opcode + ' inside a message',
      in: '01 01 "a" ' + (0x80 | opcode).toString(16) + ' 00',
      log: ['frame @1 text 1', 'payload @2 "a" end', 'violation @3 RESERVED_OPCODE 1002'],
    },
  ]),

  // Control frames.
  {
    name: 'control frames, empty',
    in: '89 00 8a 00 88 00',
    log: ['ping @2 ""', 'pong @4 ""', 'close @6 ""'],
  },
  {
    name: 'a ping of 125 octets',
    in: '89 7d ' + long('55', 125) + ' 8a 01 "x"',
    log: ['ping @2 55*125', 'pong @129 "x"'],
  },
  ...[8, 9, 10].flatMap((opcode) => [
    {
      name: 'control opcode ' + opcode + ' without FIN',
      in: '0' + opcode.toString(16) + ' 00',
      log: ['violation @0 FRAGMENTED_CONTROL 1002'],
    },
    {
      name: 'control opcode ' + opcode + ' of 126 octets',
      in: (0x80 | opcode).toString(16) + ' 7e 00 7e ' + long('55', 126),
      log: ['violation @1 CONTROL_TOO_LONG 1002'],
    },
    {
      name: 'control opcode ' + opcode + ' with a length of 64 bits',
      in: (0x80 | opcode).toString(16) + ' 7f 00 00 00 00 00 01 00 00',
      log: ['violation @1 CONTROL_TOO_LONG 1002'],
    },
    {
      name: 'control opcode ' + opcode + ' between fragments',
      in: '01 01 "a" ' + (0x80 | opcode).toString(16) + ' 02 "hi" 80 01 "b"',
      log: [
        'frame @1 text 1',
        'payload @2 "a" end',
        { 8: 'close', 9: 'ping', 10: 'pong' }[opcode] + ' @5 "hi"',
        'frame @8 text fin 1',
        'payload @9 "b" end',
      ],
    },
  ]),

  // Order of fragments.
  {
    name: 'a continuation with nothing to continue, with FIN',
    in: '80 02 "hi"',
    log: ['violation @0 UNEXPECTED_CONTINUATION 1002'],
  },
  {
    name: 'a continuation with nothing to continue, without FIN',
    in: '00 02 "hi"',
    log: ['violation @0 UNEXPECTED_CONTINUATION 1002'],
  },
  {
    name: 'a continuation after a message has ended',
    in: '01 01 "a" 80 01 "b" 80 01 "c"',
    log: [
      'frame @1 text 1',
      'payload @2 "a" end',
      'frame @4 text fin 1',
      'payload @5 "b" end',
      'violation @6 UNEXPECTED_CONTINUATION 1002',
    ],
  },
  {
    name: 'a text frame inside a fragmented message',
    in: '01 01 "a" 81 01 "b"',
    log: ['frame @1 text 1', 'payload @2 "a" end', 'violation @3 EXPECTED_CONTINUATION 1002'],
  },
  {
    name: 'a binary frame inside a fragmented message',
    in: '01 01 "a" 02 01 "b"',
    log: ['frame @1 text 1', 'payload @2 "a" end', 'violation @3 EXPECTED_CONTINUATION 1002'],
  },
  {
    name: 'a control frame does not end a fragmented message',
    in: '02 00 89 00 81 00',
    log: [
      'frame @1 binary 0',
      'payload @2 "" end',
      'ping @4 ""',
      'violation @4 EXPECTED_CONTINUATION 1002',
    ],
  },
  {
    name: 'empty fragments',
    in: '02 00 00 00 00 01 07 80 00',
    log: [
      'frame @1 binary 0',
      'payload @2 "" end',
      'frame @3 binary 0',
      'payload @4 "" end',
      'frame @5 binary 1',
      'payload @6 07 end',
      'frame @8 binary fin 0',
      'payload @9 "" end',
    ],
  },

  // Where several rules are broken, the first octet that breaks one counts, and RSV before the opcode.
  {
    name: 'RSV bits on a reserved opcode',
    in: 'f3 80',
    log: ['violation @0 RESERVED_BITS 1002'],
  },
  {
    name: 'a masked control frame that is too long',
    in: '89 fe 00 7e',
    log: ['violation @1 MASKED_FRAME 1002'],
  },
  {
    name: 'nothing is told after a violation',
    in: '83 00 81 05 "Hello" 89 00 83 00',
    log: ['violation @0 RESERVED_OPCODE 1002'],
  },

  // Ends in the middle.
  { name: 'half a header', in: '81', log: [] },
  { name: 'half an extended length', in: '81 7f 00 00 00 00', log: [] },
  {
    name: 'half a payload',
    in: '81 05 "Hel"',
    log: ['frame @1 text fin 5', 'payload @2 "Hel"'],
  },
  {
    name: 'no payload yet',
    in: '81 05',
    log: ['frame @1 text fin 5'],
  },
  { name: 'half a ping', in: '89 05 "Hel"', log: [] },
]

/** With `reservedBits` 0x30, as when an extension uses RSV1. */
export const extendedVectors: FrameVector[] = [
  {
    name: 'RSV1 on the first frame of a message',
    in: 'c1 01 "a" 42 01 "b" 80 01 "c" 81 00',
    log: [
      'frame @1 text fin rsv1 1',
      'payload @2 "a" end',
      'frame @4 binary rsv1 1',
      'payload @5 "b" end',
      'frame @7 binary fin rsv1 1',
      'payload @8 "c" end',
      'frame @10 text fin 0',
      'payload @11 "" end',
    ],
  },
  {
    name: 'RSV1 on a continuation',
    in: '41 01 "a" c0 01 "b"',
    log: ['frame @1 text rsv1 1', 'payload @2 "a" end', 'violation @3 RESERVED_BITS 1002'],
  },
  ...[8, 9, 10].map((opcode) => ({
    name: 'RSV1 on control opcode ' + opcode,
    in: (0xc0 | opcode).toString(16) + ' 00',
    log: ['violation @0 RESERVED_BITS 1002'],
  })),
  {
    name: 'RSV2 beside RSV1',
    in: 'e1 00',
    log: ['violation @0 RESERVED_BITS 1002'],
  },
  {
    name: 'RSV3 beside RSV1',
    in: 'd2 00',
    log: ['violation @0 RESERVED_BITS 1002'],
  },
]
