// Responses to the opening handshake, RFC 6455 section 4.1 and RFC 9112: what comes in, and what Handshake
// tells. The request asked for the subprotocols `chat` and `superchat`, with the key of section 1.3.

export interface HandshakeVector {
  name: string
  in: string
  /** `open PROTOCOL EXTENSIONS, N bytes`, or `refused ID @N`, N being the octet that was wrong. */
  log: string[]
  protocols?: string[]
  maxLength?: number
  /** What is known of the response afterwards, if it matters. */
  status?: number
  retryAfter?: string
}

const STATUS = 'HTTP/1.1 101 Switching Protocols'
const UPGRADE = 'Upgrade: websocket'
const CONNECTION = 'Connection: Upgrade'
const ACCEPT = 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** A head of these lines. */
const head = (...lines: string[]) => lines.join('\r\n') + '\r\n\r\n'

/** A vector of a head whose last octet completes it: it is accepted, or refused there. */
const ends = (
  name: string,
  outcome: string,
  lines: string[],
  more: Partial<HandshakeVector> = {},
): HandshakeVector => {
  const text = head(...lines)
  const log = outcome.startsWith('open')
    ? [outcome + ', ' + text.length + ' bytes']
    : ['refused ' + outcome + ' @' + (text.length - 1)]
  return { name, in: text, log, ...more }
}

/** A vector that is refused at the first octet of `wrong`, which stands at the end of `before`. */
const wrongAt = (name: string, before: string, wrong: string, rest = ''): HandshakeVector => ({
  name,
  in: before + wrong + rest,
  log: ['refused BAD_RESPONSE @' + before.length],
})

/** A vector of a head that is refused at the line feed that ends `line`. */
const wrongLine = (
  name: string,
  before: string[],
  line: string,
  after: string[],
): HandshakeVector => {
  const upTo = [...before, line].join('\r\n') + '\r\n'
  return {
    name,
    in: upTo + after.map((other) => other + '\r\n').join('') + '\r\n',
    log: ['refused BAD_RESPONSE @' + (upTo.length - 1)],
  }
}

const REST = [UPGRADE, CONNECTION, ACCEPT]

export const handshakeVectors: HandshakeVector[] = [
  // Section 1.3.
  ends('the response of section 1.3', 'open chat ', [
    STATUS,
    ...REST,
    'Sec-WebSocket-Protocol: chat',
  ]),
  ends('no subprotocol', 'open  ', [STATUS, ...REST]),
  {
    name: 'a frame that shares the packet belongs to the connection',
    in: head(STATUS, ...REST) + '\x81\x05Hello',
    log: ['open  , ' + head(STATUS, ...REST).length + ' bytes'],
  },
  ends('further fields are ignored', 'open  ', [
    STATUS,
    'Date: Thu, 01 Jan 1970 00:00:00 GMT',
    'Set-Cookie: a=b; Path=/',
    'X-Empty:',
    ...REST,
    'Server: x: y: z',
  ]),
  ends('fields in another order and another case', 'open superchat ', [
    STATUS,
    'SEC-WEBSOCKET-PROTOCOL: superchat',
    'sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    'CONNECTION: UPGRADE',
    'uPGRADE: WebSocket',
  ]),
  ends('Upgrade: WebSocket', 'open  ', [STATUS, 'Upgrade: WebSocket', CONNECTION, ACCEPT]),
  ends('Upgrade: WEBSOCKET', 'open  ', [STATUS, 'Upgrade: WEBSOCKET', CONNECTION, ACCEPT]),
  ends('Connection: keep-alive, Upgrade', 'open  ', [
    STATUS,
    UPGRADE,
    'Connection: keep-alive, Upgrade',
    ACCEPT,
  ]),
  ends('Connection in two fields', 'open  ', [
    STATUS,
    UPGRADE,
    'Connection: keep-alive',
    'Connection: upgrade',
    ACCEPT,
  ]),
  ends('no reason phrase, with its space', 'open  ', ['HTTP/1.1 101 ', ...REST]),
  ends('no reason phrase and no space', 'open  ', ['HTTP/1.1 101', ...REST]),
  ends('a reason phrase in UTF-8', 'open  ', ['HTTP/1.1 101 \xc3\xa4', ...REST]),
  ends('no space behind the colon', 'open  ', [
    STATUS,
    'Upgrade:websocket',
    'Connection:Upgrade',
    'Sec-WebSocket-Accept:s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  ]),
  ends('spaces and tabs around a value', 'open  ', [
    STATUS,
    'Upgrade: \t websocket \t',
    'Connection:\tUpgrade ',
    'Sec-WebSocket-Accept:  s3pPLMBiTxaQ9kYGzzhZRbK+xOo=  ',
  ]),
  ends('extensions are handed on', 'open  permessage-deflate; a=1, b', [
    STATUS,
    ...REST,
    'Sec-WebSocket-Extensions: permessage-deflate; a=1',
    'Sec-WebSocket-Extensions: b',
  ]),

  // The status line.
  ends('status 404', 'BAD_STATUS', ['HTTP/1.1 404 Not Found', 'Content-Length: 0'], {
    status: 404,
  }),
  ends(
    'status 503 with Retry-After',
    'BAD_STATUS',
    ['HTTP/1.1 503 Service Unavailable', 'Retry-After: 120'],
    { status: 503, retryAfter: '120' },
  ),
  ends('status 401', 'BAD_STATUS', ['HTTP/1.1 401 Unauthorized', 'WWW-Authenticate: Basic'], {
    status: 401,
  }),
  ends('status 302', 'BAD_STATUS', ['HTTP/1.1 302 Found', 'Location: wss://other.example/'], {
    status: 302,
  }),
  ends('status 200 with all fields of a good response', 'BAD_STATUS', ['HTTP/1.1 200 OK', ...REST]),
  // RFC 9110 section 15.2.
  ends('interim responses before the final one', 'open  ', [
    'HTTP/1.1 100 Continue',
    '',
    'HTTP/1.1 103 Early Hints',
    'Link: </a>; rel=preload',
    'Upgrade: h2c',
    '',
    STATUS,
    ...REST,
  ]),
  ends('what an interim response says is not of the final one', 'BAD_UPGRADE', [
    'HTTP/1.1 103 Early Hints',
    ...REST,
    '',
    STATUS,
  ]),
  ends(
    'a refusal behind an interim response',
    'BAD_STATUS',
    ['HTTP/1.1 102 Processing', '', 'HTTP/1.1 503 Service Unavailable', 'Retry-After: 120'],
    { status: 503, retryAfter: '120' },
  ),
  { name: 'an interim response alone', in: head('HTTP/1.1 199 Later', ...REST), log: [] },
  {
    name: 'interim responses that never end',
    in: head('HTTP/1.1 100 Continue').repeat(9),
    log: ['refused RESPONSE_TOO_BIG @200'],
    maxLength: 200,
  },
  wrongLine('HTTP/1.0', [], 'HTTP/1.0 101 Switching Protocols', REST),
  wrongLine('HTTP/2', [], 'HTTP/2 101', REST),
  wrongLine('HTTP/1.10', [], 'HTTP/1.10 101 Switching Protocols', REST),
  wrongLine('http in small letters', [], 'http/1.1 101 Switching Protocols', REST),
  wrongLine('no version', [], '101 Switching Protocols', REST),
  wrongLine('two spaces before the status', [], 'HTTP/1.1  101 Switching Protocols', REST),
  wrongLine('a status of two digits', [], 'HTTP/1.1 10 Switching Protocols', REST),
  wrongLine('a status of four digits', [], 'HTTP/1.1 1010 Switching Protocols', REST),
  ...['1e1', '1e2', '1e3', 'Inf', '0x1', '+10', ' 10', '10 ', '99 ', '000', '099'].map((status) =>
    wrongLine(
      'the status ' + JSON.stringify(status),
      [],
      'HTTP/1.1 ' + status + ' Switching',
      REST,
    ),
  ),
  {
    name: 'of a status line that is wrong the status is not told',
    in: 'http/1.1 101 Switching Protocols\r\n',
    log: ['refused BAD_RESPONSE @33'],
    status: 0,
  },
  wrongLine('a status that is no number', [], 'HTTP/1.1 abc Switching Protocols', REST),
  wrongLine('an empty first line', [], '', [STATUS, ...REST]),
  wrongLine('another protocol', [], 'SSH-2.0-OpenSSH_9.6', []),

  // What section 4.1 asks for.
  ends('no Upgrade', 'BAD_UPGRADE', [STATUS, CONNECTION, ACCEPT]),
  ends('another Upgrade', 'BAD_UPGRADE', [STATUS, 'Upgrade: h2c', CONNECTION, ACCEPT]),
  ends('Upgrade twice', 'BAD_UPGRADE', [STATUS, UPGRADE, UPGRADE, CONNECTION, ACCEPT]),
  ends('Upgrade with a version', 'BAD_UPGRADE', [
    STATUS,
    'Upgrade: websocket/13',
    CONNECTION,
    ACCEPT,
  ]),
  ends('an empty Upgrade', 'BAD_UPGRADE', [STATUS, 'Upgrade:', CONNECTION, ACCEPT]),
  ends('no Connection', 'BAD_CONNECTION', [STATUS, UPGRADE, ACCEPT]),
  ends('Connection: close', 'BAD_CONNECTION', [STATUS, UPGRADE, 'Connection: close', ACCEPT]),
  ends('Connection: not-upgrade', 'BAD_CONNECTION', [
    STATUS,
    UPGRADE,
    'Connection: not-upgrade, upgrades',
    ACCEPT,
  ]),
  ends('no Sec-WebSocket-Accept', 'BAD_ACCEPT', [STATUS, UPGRADE, CONNECTION]),
  ends('Sec-WebSocket-Accept of another key', 'BAD_ACCEPT', [
    STATUS,
    UPGRADE,
    CONNECTION,
    'Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=',
  ]),
  ends('Sec-WebSocket-Accept in another case', 'BAD_ACCEPT', [
    STATUS,
    UPGRADE,
    CONNECTION,
    'Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  ]),
  ends('Sec-WebSocket-Accept without padding', 'BAD_ACCEPT', [
    STATUS,
    UPGRADE,
    CONNECTION,
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo',
  ]),
  ends('Sec-WebSocket-Accept twice', 'BAD_ACCEPT', [STATUS, ...REST, ACCEPT]),
  ends('the key itself for Sec-WebSocket-Accept', 'BAD_ACCEPT', [
    STATUS,
    UPGRADE,
    CONNECTION,
    'Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==',
  ]),
  ends('a subprotocol that was not asked for', 'BAD_PROTOCOL', [
    STATUS,
    ...REST,
    'Sec-WebSocket-Protocol: other',
  ]),
  ends('a subprotocol in another case', 'BAD_PROTOCOL', [
    STATUS,
    ...REST,
    'Sec-WebSocket-Protocol: Chat',
  ]),
  ends('Sec-WebSocket-Protocol twice', 'BAD_PROTOCOL', [
    STATUS,
    ...REST,
    'Sec-WebSocket-Protocol: chat',
    'Sec-WebSocket-Protocol: chat',
  ]),
  ends(
    'a subprotocol although none was asked for',
    'BAD_PROTOCOL',
    [STATUS, ...REST, 'Sec-WebSocket-Protocol: chat'],
    { protocols: [] },
  ),
  ends('all the subprotocols that were asked for', 'BAD_PROTOCOL', [
    STATUS,
    ...REST,
    'Sec-WebSocket-Protocol: chat, superchat',
  ]),
  ends(
    'an empty subprotocol although none was asked for',
    'BAD_PROTOCOL',
    [STATUS, ...REST, 'Sec-WebSocket-Protocol:'],
    { protocols: [] },
  ),
  ends('an accept value with a space that is not one', 'BAD_ACCEPT', [
    STATUS,
    UPGRADE,
    CONNECTION,
    ACCEPT.replace(': ', ': \xa0'),
  ]),
  wrongAt('DEL', head(STATUS).slice(0, -2) + 'Server: a', '\x7f'),
  ends('an empty subprotocol', 'BAD_PROTOCOL', [STATUS, ...REST, 'Sec-WebSocket-Protocol:']),

  // The form of the head.
  wrongLine('a folded line', [STATUS, 'X-Long: one'], ' two', REST),
  wrongLine('a line folded with a tab', [STATUS, 'X-Long: one'], '\ttwo', REST),
  wrongLine('a first line that is folded', [STATUS], ' Upgrade: websocket', REST),
  wrongLine('a space before the colon', [STATUS], 'Upgrade : websocket', REST),
  wrongLine('a line without a colon', [STATUS], 'Upgrade websocket', REST),
  wrongLine('a line without a colon, of one letter', [STATUS], 'U', REST),
  wrongLine('a field without a name', [STATUS], ': websocket', REST),
  wrongLine('a name in quotes', [STATUS], '"Upgrade": websocket', REST),
  wrongLine('a name that is not ASCII', [STATUS], '\xc3\x9cpgrade: websocket', REST),
  wrongAt('a bare line feed behind the status line', STATUS, '\n', head(...REST)),
  wrongAt(
    'a bare line feed behind a field',
    STATUS + '\r\n' + UPGRADE,
    '\n',
    head(CONNECTION, ACCEPT),
  ),
  wrongAt('a bare line feed instead of the empty line', head(STATUS, ...REST).slice(0, -2), '\n'),
  wrongAt('a bare carriage return within a line', STATUS + '\r', 'x', '\r\n' + head(...REST)),
  wrongAt('two carriage returns', STATUS + '\r', '\r', '\n' + head(...REST)),
  wrongAt('NUL in the status line', 'HTTP/1.1 101 ', '\0', '\r\n' + head(...REST)),
  wrongAt('NUL in a value', STATUS + '\r\nX-Nul: a', '\0', 'b\r\n' + head(...REST)),
  wrongAt('NUL at the beginning', '', '\0', head(STATUS, ...REST)),
  wrongAt(
    'a control character in a value',
    STATUS + '\r\nX-Bell: ',
    '\x07',
    '\r\n' + head(...REST),
  ),
  wrongAt('a line feed at the beginning', '', '\n', head(STATUS, ...REST)),
  wrongAt('a TLS alert', '', '\x15', '\x03\x03\x00\x02\x02\x28'),

  // Bounds.
  {
    name: 'a head as long as the limit',
    in: head(STATUS, ...REST),
    maxLength: head(STATUS, ...REST).length,
    log: ['open  , ' + head(STATUS, ...REST).length + ' bytes'],
  },
  {
    name: 'a head one octet over the limit',
    in: head(STATUS, ...REST),
    maxLength: head(STATUS, ...REST).length - 1,
    log: ['refused RESPONSE_TOO_BIG @' + (head(STATUS, ...REST).length - 1)],
  },
  {
    name: 'a line that never ends',
    in: 'HTTP/1.1 101 ' + 'a'.repeat(2000),
    maxLength: 1024,
    log: ['refused RESPONSE_TOO_BIG @1024'],
  },
  {
    name: 'fields that never end',
    in: STATUS + '\r\n' + 'X: y\r\n'.repeat(500),
    maxLength: 1024,
    log: ['refused RESPONSE_TOO_BIG @1024'],
  },
  { name: 'a head that is not complete yet', in: head(STATUS, ...REST).slice(0, -1), log: [] },
  { name: 'nothing', in: '', log: [] },
]
