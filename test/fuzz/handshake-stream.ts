// Answers to the opening handshake, from a source of choices: right in all the ways that are allowed, wrong in one
// place, damaged, cut off, endless; and what a server may say of extensions.

import { pick, type Random } from '../deflate/random'

const NAMES = [
  'Date',
  'Server',
  'Set-Cookie',
  'X',
  'x-y_z~',
  '!',
  'Via',
  '__proto__',
  'constructor',
  'Content-Length',
]
const VALUES = [
  '',
  'a',
  'a b',
  '\t',
  'a=b; Path=/',
  '0',
  '"',
  ':',
  'ä',
  '\xa0',
  '101',
  'upgrade',
  'x'.repeat(60),
]
const SPACES = ['', ' ', ' ', ' ', '\t', '  ', ' \t ']

/** `text` in another case, now and then. */
function anyCase(text: string, random: Random): string {
  switch (random(6)) {
    case 0:
      return text.toLowerCase()
    case 1:
      return text.toUpperCase()
    case 2:
      return Array.from(text, (one) => (random(2) ? one.toUpperCase() : one.toLowerCase())).join('')
    default:
      return text
  }
}

function field(name: string, value: string, random: Random): string {
  return (
    anyCase(name, random) +
    ':' +
    pick(random, SPACES) +
    value +
    (random(8) ? '' : pick(random, SPACES))
  )
}

/** An answer, as characters that are octets. */
export function answerStream(random: Random, accept: string, asked: string[]): string {
  const isWrong = (times: number) => random(times) === 0
  const lines: string[] = []
  const add = (name: string, right: string, wrong: string[]) => {
    if (isWrong(40)) return
    lines.push(field(name, isWrong(30) ? pick(random, wrong) : right, random))
    if (isWrong(60)) lines.push(field(name, right, random))
  }
  add('Upgrade', anyCase('websocket', random), [
    'web socket',
    'websocket, x',
    '',
    'h2c',
    'websocket\xa0',
    'websocketx',
  ])
  add(
    'Connection',
    pick(random, [
      'Upgrade',
      'upgrade',
      'keep-alive, Upgrade',
      'Upgrade , close',
      ',Upgrade',
      'Upgrade,',
      'x,\tUPGRADE\t,y',
    ]),
    ['keep-alive', 'Upgraded', 'Up grade', '', 'upgrade\xa0', 'x;upgrade', 'upgrade=1'],
  )
  add('Sec-WebSocket-Accept', accept, [
    accept.toLowerCase(),
    accept.slice(0, -1),
    accept + '=',
    accept + ' ' + accept,
    '"' + accept + '"',
    '',
    'AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  ])
  if (asked.length && random(2))
    lines.push(field('Sec-WebSocket-Protocol', pick(random, asked), random))
  if (isWrong(20)) {
    lines.push(
      field(
        'Sec-WebSocket-Protocol',
        pick(random, ['', 'other', 'a, b', 'CHAT', 'chat ', 'chat,superchat']),
        random,
      ),
    )
  }
  if (random(4) === 0)
    lines.push(field('Sec-WebSocket-Extensions', extensionHeader(random), random))
  for (let i = random(4); i > 0; i--)
    lines.push(field(pick(random, NAMES), pick(random, VALUES), random))
  if (isWrong(30)) {
    lines.push(
      pick(random, [
        'no colon',
        ' folded',
        '\tfolded',
        ': no name',
        'sp ace: x',
        'X : y',
        'ä: x',
        '',
        '(: x',
      ]),
    )
  }
  // In any order.
  for (let i = lines.length; i > 1; ) {
    const j = random(i--)
    const line = lines[i]
    lines[i] = lines[j]
    lines[j] = line
  }
  const status = isWrong(20)
    ? pick(random, [
        'HTTP/1.0 101 x',
        'HTTP/1.1 200 OK',
        'HTTP/1.1 401 No',
        'HTTP/1.1 1e1 x',
        'HTTP/1.1 0x1',
        'HTTP/1.1 +10',
        'HTTP/1.1  10',
        'HTTP/1.1 000',
        'HTTP/1.1 101x',
        'HTTP/1.1 1010',
        'HTTP/1.1 10',
        'HTTP/1.1  101',
        'HTTP/2 101',
        'http/1.1 101',
        '',
        'x',
      ])
    : pick(random, [
        'HTTP/1.1 101 Switching Protocols',
        'HTTP/1.1 101',
        'HTTP/1.1 101 ',
        'HTTP/1.1 101 \xff\t',
      ])
  let text = [status, ...lines].join('\r\n') + '\r\n\r\n'
  for (let count = random(20) ? 0 : 1 + random(3); count > 0; count--) {
    const hints = random(2) ? [] : lines.slice(random(lines.length + 1))
    text =
      [
        pick(random, ['HTTP/1.1 100 Continue', 'HTTP/1.1 103', 'HTTP/1.1 199 x', 'HTTP/1.1 099']),
        ...hints,
      ].join('\r\n') +
      '\r\n\r\n' +
      text
  }
  if (random(4) === 0)
    text += pick(random, ['\x81\x05Hello', '\x88\x00', 'x'.repeat(random(100)), '\r\n'])
  if (isWrong(20))
    text = text.replace('\r\n', pick(random, ['\n', '\r', '\r\r\n', '\n\r', '\r\n ']))
  if (isWrong(6)) {
    for (let times = 1 + random(3); times > 0; times--) {
      const at = random(text.length + 1)
      const octet = String.fromCharCode(
        random(3) ? pick(random, [0, 9, 10, 13, 32, 44, 58, 127, 128, 255]) : random(256),
      )
      text = text.slice(0, at) + (random(3) ? octet : '') + text.slice(at + random(2))
    }
  }
  if (isWrong(12)) text = text.slice(0, random(text.length + 1))
  return text
}

const PARAMETERS = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
]
const BITS = [
  '8',
  '9',
  '10',
  '11',
  '12',
  '13',
  '14',
  '15',
  '15',
  '7',
  '16',
  '08',
  '0',
  '-8',
  '+9',
  '1e1',
  '0x9',
  '9.0',
  '٨',
  '',
]
const ODD_NAMES = [
  'x',
  'toString',
  '__proto__',
  'Server_no_context_takeover',
  'server_max_window_bits ',
  '',
]

/** A value of Sec-WebSocket-Extensions. */
export function extensionHeader(random: Random): string {
  const space = () => (random(3) ? '' : pick(random, [' ', '\t', '  ', random(30) ? ' ' : '\xa0']))
  const element = () => {
    let text = random(12)
      ? 'permessage-deflate'
      : pick(random, ['x', '', 'permessage-deflate2', 'PERMESSAGE-DEFLATE', '"permessage-deflate"'])
    const names = PARAMETERS.filter(() => random(3) === 0)
    if (random(30) === 0) names.push(pick(random, PARAMETERS))
    if (random(30) === 0) names.push(pick(random, ODD_NAMES))
    for (const name of names) {
      text += space() + ';' + space() + name
      if (/bits/.test(name) ? random(12) > 0 : random(20) === 0) {
        let value = random(4) ? pick(random, BITS.slice(0, 9)) : pick(random, BITS)
        if (random(5) === 0) {
          value = random(4)
            ? '"' + (random(3) ? value : value.replace(/./g, (one) => '\\' + one)) + '"'
            : pick(random, [
                '"',
                '"8',
                '8"',
                '"8\\"',
                '"8""',
                '""',
                '"8" 9',
                '"8,9"',
                '"8;x"',
                '"\\',
              ])
        }
        text += space() + '=' + space() + value
      }
    }
    return text
  }
  let text = random(12) ? element() : ''
  while (random(15) === 0) text += space() + ',' + space() + (random(2) ? element() : '')
  if (random(20) === 0) {
    const at = random(text.length + 1)
    text =
      text.slice(0, at) +
      pick(random, [';', ',', '=', '"', '\\', ' ', 'x', '8', '']) +
      text.slice(at + random(2))
  }
  return text.replace(/[^\t\x20-\xff]/g, '')
}
