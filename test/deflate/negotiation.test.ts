import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DeflateOptions, deflate, inflate } from '../../src/deflate/deflate'
import { parseExtensions } from '../../src/deflate/extension-list'
import { readAnswer } from '../../src/deflate/negotiation'
import type { Transform, TransformSink } from '../../src/protocol/extension'
import { allocatedBy } from '../support/allocated-by'

const negotiation = suite('negotiation of permessage-deflate')

const sink = (): TransformSink => ({
  isStreaming: true,
  limits: { maxMessageSize: Infinity },
  stopped: false,
  onSpan() {},
  onViolation() {},
})

// RFC 6455 section 9.1. An element, its parameters, and its text.
const LISTS: [list: string, elements: string[]][] = [
  ['a', ['a']],
  ['permessage-deflate', ['permessage-deflate']],
  ['a, b', ['a', 'b']],
  ['a,b,c', ['a', 'b', 'c']],
  ['a;b', ['a b']],
  [' a ; b = 1 ;c= "2" , d ', ['a b=1 c=2', 'd']],
  ['\ta\t;\tb\t', ['a b']],
  ['a; b="x"', ['a b=x']],
  ['a; b="\\x\\y"', ['a b=xy']],
  ['a; b="\\1\\5"', ['a b=15']],
  ['a; b=1; b=2', ['a b=1 b=2']],
  // RFC 9110 section 5.6.1.2: empty elements are ignored.
  ['', []],
  [' ', []],
  [',', []],
  [', a,, \t,b ,', ['a', 'b']],
  ["a!#$%&'*+-.^_`|~9; b=!", ["a!#$%&'*+-.^_`|~9 b=!"]],
]

for (const [list, expected] of LISTS) {
  negotiation('reads ' + list, () => {
    const elements = parseExtensions(list).map(({ name, parameters }) =>
      [
        name,
        ...parameters.map(([key, value]) => (value === undefined ? key : key + '=' + value)),
      ].join(' '),
    )
    assert.equal(elements, expected)
  })
}

negotiation('hands on the text of each element', () => {
  assert.equal(
    parseExtensions(' a; b="1" ,c ;d').map(({ text }) => text),
    ['a; b="1"', 'c ;d'],
  )
})

const MALFORMED = [
  'a b',
  ';a',
  'a;',
  'a;;b',
  'a; =1',
  'a; b=',
  'a; b=1 2',
  'a; b=""',
  'a; b="',
  'a; b="1',
  'a; b="12',
  'a; b=1"',
  'a; b="1"2',
  'a; b="1"2"',
  'a; b="1\\"',
  'a; b="\\',
  'a; b="1 2"',
  'a; b="1;2"',
  'a; b="1,2"',
  'a; b="\\"1\\""',
  'a; b==1',
  '"a"',
  'a; "b"=1',
  'a/b',
  'ä',
  'a; b=ö',
  'a; b=(1)',
  // White space is space and tab.
  '\xa0a',
  'a;\xa0b',
  'a; b=1\xa0',
  'a; b\xa0=1',
]

for (const list of MALFORMED) {
  negotiation('refuses ' + list, () => {
    assert.throws(
      () => parseExtensions(list),
      (error: Error) => /^".*" is malformed$/.test(error.message),
    )
  })
}

// Options → the offer.
const OFFERS: [DeflateOptions, string][] = [
  [{}, 'permessage-deflate; client_max_window_bits'],
  [{ clientMaxWindowBits: false }, 'permessage-deflate'],
  [{ clientMaxWindowBits: true }, 'permessage-deflate; client_max_window_bits'],
  [{ clientMaxWindowBits: 8 }, 'permessage-deflate; client_max_window_bits=8'],
  [{ clientMaxWindowBits: 15 }, 'permessage-deflate; client_max_window_bits=15'],
  [
    { serverMaxWindowBits: 9, clientMaxWindowBits: false },
    'permessage-deflate; server_max_window_bits=9',
  ],
  [
    {
      serverMaxWindowBits: 8,
      clientMaxWindowBits: 12,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    },
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
      'server_max_window_bits=8; client_max_window_bits=12',
  ],
]

for (const [options, offer] of OFFERS) {
  negotiation('offers for ' + JSON.stringify(options), () => {
    assert.is(deflate(options).offer, offer)
  })
}

negotiation('offers no window for what is not sent', () => {
  assert.is(inflate().offer, 'permessage-deflate')
  assert.is(
    inflate({ serverMaxWindowBits: 10, serverNoContextTakeover: true }).offer,
    'permessage-deflate; server_no_context_takeover; server_max_window_bits=10',
  )
})

interface Answer {
  options?: DeflateOptions
  /** Behind `permessage-deflate`. */
  answer: string
  /** server window, client window, and `s`, `c` where a side begins each message anew. */
  agreed?: string
  /** The error's message. */
  error?: string
}

const P = 'permessage-deflate'
const refusal = (parameter: string) => P + ': ' + parameter + ' does not answer the offer'
const MISSING = P + ': a parameter of the offer is missing'
const windows = (name: string, values: string[], options?: DeflateOptions): Answer[] =>
  values.map((value) => ({ options, answer: '; ' + name + value, error: refusal(name + value) }))

const NO_WINDOW = [
  '=7',
  '=16',
  '=0',
  '=-8',
  '=08',
  '=015',
  '=+9',
  '=9.0',
  '=8.5',
  '=1e1',
  '=0xa',
  '=a',
  '=NaN',
  '=999',
]

const ANSWERS: Answer[] = [
  { answer: '', agreed: '15 15' },
  { answer: '; server_no_context_takeover', agreed: '15 15 s' },
  { answer: '; client_no_context_takeover', agreed: '15 15 c' },
  { answer: '; client_no_context_takeover; server_no_context_takeover', agreed: '15 15 sc' },
  ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap((bits): Answer[] => [
    { answer: '; server_max_window_bits=' + bits, agreed: bits + ' 15' },
    { answer: '; client_max_window_bits=' + bits, agreed: '15 ' + bits },
    { answer: '; client_max_window_bits="' + bits + '"', agreed: '15 ' + bits },
  ]),
  { answer: ';server_max_window_bits="10";client_max_window_bits="\\1\\1"', agreed: '10 11' },
  ...windows('server_max_window_bits', ['', ...NO_WINDOW]),
  ...windows('client_max_window_bits', ['', ...NO_WINDOW]),
  ...['server_no_context_takeover', 'client_no_context_takeover'].flatMap((name) =>
    ['=1', '=true', '=15'].map((value) => ({
      answer: '; ' + name + value,
      error: refusal(name + value),
    })),
  ),
  ...['server_no_context_takeover', 'client_no_context_takeover'].map((name) => ({
    answer: '; ' + name + '; ' + name,
    error: refusal(name),
  })),
  {
    answer: '; server_max_window_bits=9; server_max_window_bits=9',
    error: refusal('server_max_window_bits=9'),
  },
  {
    answer: '; client_max_window_bits=9; client_max_window_bits=10',
    error: refusal('client_max_window_bits=10'),
  },
  ...['x', 'x=1', 'SERVER_NO_CONTEXT_TAKEOVER', 'toString', '__proto__', 'constructor=1'].map(
    (one) => ({
      answer: '; ' + one,
      error: refusal(one),
    }),
  ),
  { answer: '; mem_level=9; server_no_context_takeover', error: refusal('mem_level=9') },

  // RFC 7692 section 7.1.2.1: at most what was asked for, and there if it was asked for.
  { options: { serverMaxWindowBits: 10 }, answer: '; server_max_window_bits=10', agreed: '10 15' },
  { options: { serverMaxWindowBits: 10 }, answer: '; server_max_window_bits=8', agreed: '8 15' },
  { options: { serverMaxWindowBits: 8 }, answer: '; server_max_window_bits=8', agreed: '8 15' },
  ...windows('server_max_window_bits', ['=11', '=15'], { serverMaxWindowBits: 10 }),
  { options: { serverMaxWindowBits: 10 }, answer: '', error: MISSING },
  { options: { serverMaxWindowBits: 15 }, answer: '', error: MISSING },
  // Section 7.1.1.1.
  {
    options: { serverNoContextTakeover: true },
    answer: '; server_no_context_takeover',
    agreed: '15 15 s',
  },
  { options: { serverNoContextTakeover: true }, answer: '', error: MISSING },
  // Section 7.1.1.2: a hint, which need not be answered, and is kept.
  { options: { clientNoContextTakeover: true }, answer: '', agreed: '15 15 c' },
  {
    options: { clientNoContextTakeover: true },
    answer: '; client_no_context_takeover',
    agreed: '15 15 c',
  },
  // Section 7.1.2.2: only if it was offered, and at most what was.
  ...windows('client_max_window_bits', ['=8', '=15'], { clientMaxWindowBits: false }),
  { options: { clientMaxWindowBits: 11 }, answer: '', agreed: '15 11' },
  { options: { clientMaxWindowBits: 11 }, answer: '; client_max_window_bits=11', agreed: '15 11' },
  { options: { clientMaxWindowBits: 11 }, answer: '; client_max_window_bits=9', agreed: '15 9' },
  ...windows('client_max_window_bits', ['=12', '=15'], { clientMaxWindowBits: 11 }),

  // Elements beside it.
  { answer: ', permessage-deflate', error: P + ' is accepted twice' },
  { answer: '; server_max_window_bits=10, permessage-deflate', error: P + ' is accepted twice' },
  { answer: '; x="', error: '"permessage-deflate; x="" is malformed' },
]

for (const { options = {}, answer, agreed, error } of ANSWERS) {
  negotiation('answer "' + P + answer + '" to ' + JSON.stringify(options), () => {
    const offer = {
      serverMaxWindowBits: options.serverMaxWindowBits,
      clientMaxWindowBits: options.clientMaxWindowBits ?? true,
      serverNoContextTakeover: !!options.serverNoContextTakeover,
      clientNoContextTakeover: !!options.clientNoContextTakeover,
    }
    let outcome: string
    try {
      const { rest, agreement } = readAnswer(offer, P + answer)
      assert.is(rest, '')
      const { serverNoContextTakeover: s, clientNoContextTakeover: c, ...bits } = agreement!
      const takeover = (s ? 's' : '') + (c ? 'c' : '')
      outcome = (bits.serverMaxWindowBits + ' ' + bits.clientMaxWindowBits + ' ' + takeover).trim()
    } catch (thrown) {
      outcome = (thrown as Error).message
    }
    assert.is(outcome, agreed || error)
    // The same through the extension.
    const accept = () => deflate(options).accept(P + answer, sink())
    if (error) assert.throws(accept, (thrown: Error) => thrown.message === error)
    else assert.ok(accept().transform)
  })
}

negotiation('a refused offer is an answer without it', () => {
  assert.equal(deflate().accept('', sink()), { rest: '' })
  assert.equal(deflate().accept('x-other; a="1"', sink()), { rest: 'x-other; a="1"' })
})

negotiation('what is accepted of others is handed on', () => {
  const { rest, transform } = deflate().accept('a; b="1", permessage-deflate ,c', sink())
  assert.is(rest, 'a; b="1", c')
  assert.ok(transform)
})

negotiation('takes the window that was agreed on, and nothing after', () => {
  for (let bits = 8; bits < 16; bits++) {
    const answer = P + '; server_max_window_bits=' + bits
    let transform: Transform | undefined
    const taken = allocatedBy(() => {
      transform = deflate().accept(answer, sink()).transform
    })
    assert.ok(taken.includes(2 ** bits), bits + ': ' + taken)
    const message = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0)
    assert.equal(
      allocatedBy(() => transform!.receive(message, 0, 7, true)),
      [],
    )
  }
})

negotiation('one extension serves many connections', () => {
  const extension = deflate()
  const first = extension.accept(P, sink()).transform!
  const second = extension.accept(P + '; client_max_window_bits=9', sink()).transform!
  assert.is.not(first, second)
  const bytes = new Uint8Array(600).fill(97)
  assert.equal(first.send(bytes, 0, 600)!.length > 0, second.send(bytes, 0, 600)!.length > 0)
})

const BAD_OPTIONS: [Record<string, unknown>, string][] = [
  [{ serverMaxWindowBits: 7 }, 'BAD_OPTION: serverMaxWindowBits 7, expected 8–15'],
  [{ serverMaxWindowBits: 16 }, 'BAD_OPTION: serverMaxWindowBits 16, expected 8–15'],
  [{ serverMaxWindowBits: 8.5 }, 'BAD_OPTION: serverMaxWindowBits 8.5, expected 8–15'],
  [{ serverMaxWindowBits: NaN }, 'BAD_OPTION: serverMaxWindowBits NaN, expected 8–15'],
  [{ clientMaxWindowBits: 7 }, 'BAD_OPTION: clientMaxWindowBits 7, expected 8–15'],
  [{ clientMaxWindowBits: 16 }, 'BAD_OPTION: clientMaxWindowBits 16, expected 8–15'],
  [{ clientMaxWindowBits: 0 }, 'BAD_OPTION: clientMaxWindowBits 0, expected 8–15'],
  [{ clientMaxWindowBits: NaN }, 'BAD_OPTION: clientMaxWindowBits NaN, expected 8–15'],
  [{ level: 0 }, 'BAD_OPTION: level 0, expected 1–9'],
  [{ level: 10 }, 'BAD_OPTION: level 10, expected 1–9'],
  [{ level: 1.5 }, 'BAD_OPTION: level 1.5, expected 1–9'],
  [{ threshold: -1 }, 'BAD_OPTION: threshold -1, expected 0–Infinity'],
  [{ threshold: NaN }, 'BAD_OPTION: threshold NaN, expected 0–Infinity'],
  [{ maxDeflateSize: -1 }, 'BAD_OPTION: maxDeflateSize -1, expected 0–Infinity'],
  [{ maxInflatedSize: -1 }, 'BAD_OPTION: maxInflatedSize -1, expected 0–Infinity'],
  [{ maxInflatedSize: NaN }, 'BAD_OPTION: maxInflatedSize NaN, expected 0–Infinity'],
]

for (const [options, message] of BAD_OPTIONS) {
  negotiation('option ' + JSON.stringify(options) + ' throws', () => {
    assert.throws(
      () => deflate(options),
      (error: Error & { id: string }) =>
        error instanceof RangeError && error.message === message && error.id === 'BAD_OPTION',
    )
  })
}

negotiation('options at their ends are taken', () => {
  deflate({ level: 1, threshold: 0, maxInflatedSize: 0, maxDeflateSize: 0 })
  deflate({ level: 9, threshold: Infinity, maxInflatedSize: Infinity, maxDeflateSize: Infinity })
  for (let bits = 8; bits < 16; bits++) {
    deflate({ serverMaxWindowBits: bits, clientMaxWindowBits: bits })
    inflate({ serverMaxWindowBits: bits })
  }
})

negotiation.run()
