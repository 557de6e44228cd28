// The response, RFC 6455 section 4.1.

import { toHex, utf8 } from '../bytes.mjs'
import { headLength } from '../session.mjs'
import { casesOf, connect, script, ascii } from './cases.mjs'

const { cases, add } = casesOf('handshake')

/** A response: its status line, and the fields by name; undefined leaves one out. */
function response(fields = {}, statusLine = 'HTTP/1.1 101 Switching Protocols') {
  const all = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': '$ACCEPT',
    ...fields,
  }
  let head = statusLine + '\r\n'
  for (const name in all) {
    const values = typeof all[name] === 'object' ? all[name] : [all[name]]
    for (const value of values) if (value !== undefined) head += name + ': ' + value + '\r\n'
  }
  return head + '\r\n'
}

/** Marks the last octet of a head as the wrong one: what is checked when all of it is there. */
function whole(head) {
  return head.slice(0, -1) + '^\n'
}

/** A ^ stands before the octet that is wrong: the one whose arrival settles it. */
const BAD_HANDSHAKES = [
  ['status 200', whole(response({}, 'HTTP/1.1 200 OK')), 'BAD_STATUS'],
  ['status 426', whole(response({}, 'HTTP/1.1 426 Upgrade Required')), 'BAD_STATUS'],
  ['HTTP/1.0', 'HTTP/1.0 101 Switching Protocols\r^\n\r\n', 'BAD_RESPONSE'],
  ['HTTP/2', 'HTTP/2 101\r^\n\r\n', 'BAD_RESPONSE'],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r^\n', 'BAD_RESPONSE'],
  ['an empty first line', '\r^\n', 'BAD_RESPONSE'],
  ['a status that is no number', 'HTTP/1.1 1x1 X\r^\n', 'BAD_RESPONSE'],
  ['a status of two digits', 'HTTP/1.1 99 X\r^\n', 'BAD_RESPONSE'],
  ['a status of four digits', 'HTTP/1.1 1010 X\r^\n', 'BAD_RESPONSE'],
  ['no Upgrade', whole(response({ Upgrade: undefined })), 'BAD_UPGRADE'],
  ['another Upgrade', whole(response({ Upgrade: 'h2c' })), 'BAD_UPGRADE'],
  ['Upgrade twice', whole(response({ Upgrade: ['websocket', 'websocket'] })), 'BAD_UPGRADE'],
  ['no Connection', whole(response({ Connection: undefined })), 'BAD_CONNECTION'],
  ['another Connection', whole(response({ Connection: 'keep-alive' })), 'BAD_CONNECTION'],
  [
    'a Connection that only contains it',
    whole(response({ Connection: 'upgrades' })),
    'BAD_CONNECTION',
  ],
  ['no accept value', whole(response({ 'Sec-WebSocket-Accept': undefined })), 'BAD_ACCEPT'],
  ['an empty accept value', whole(response({ 'Sec-WebSocket-Accept': '' })), 'BAD_ACCEPT'],
  [
    'a wrong accept value',
    whole(response({ 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' })),
    'BAD_ACCEPT',
  ],
  [
    'the accept value twice',
    whole(response({ 'Sec-WebSocket-Accept': ['$ACCEPT', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='] })),
    'BAD_ACCEPT',
  ],
  ['a subprotocol, unasked', whole(response({ 'Sec-WebSocket-Protocol': 'chat' })), 'BAD_PROTOCOL'],
  [
    'an empty subprotocol, unasked',
    whole(response({ 'Sec-WebSocket-Protocol': '' })),
    'BAD_PROTOCOL',
  ],
  [
    'another subprotocol',
    whole(response({ 'Sec-WebSocket-Protocol': 'chat' })),
    'BAD_PROTOCOL',
    ['a', 'b'],
  ],
  [
    'two subprotocols',
    whole(response({ 'Sec-WebSocket-Protocol': 'a, b' })),
    'BAD_PROTOCOL',
    ['a', 'b'],
  ],
  [
    'a subprotocol twice',
    whole(response({ 'Sec-WebSocket-Protocol': ['a', 'a'] })),
    'BAD_PROTOCOL',
    ['a', 'b'],
  ],
  [
    'a subprotocol in another case',
    whole(response({ 'Sec-WebSocket-Protocol': 'A' })),
    'BAD_PROTOCOL',
    ['a'],
  ],
  ['a line without a colon', 'HTTP/1.1 101 X\r\nUpgrade\r^\n', 'BAD_RESPONSE'],
  ['a folded line', 'HTTP/1.1 101 X\r\nUpgrade: web\r\n socket\r^\n', 'BAD_RESPONSE'],
  ['a line folded by a tab', 'HTTP/1.1 101 X\r\nUpgrade:\r\n\twebsocket\r^\n', 'BAD_RESPONSE'],
  ['a space before the colon', 'HTTP/1.1 101 X\r\nUpgrade : websocket\r^\n', 'BAD_RESPONSE'],
  ['an empty field name', 'HTTP/1.1 101 X\r\n: websocket\r^\n', 'BAD_RESPONSE'],
  ['LF without CR', 'HTTP/1.1 101 X^\nUpgrade: websocket\n', 'BAD_RESPONSE'],
  ['CR without LF', 'HTTP/1.1 101 X\r^Upgrade: websocket\r', 'BAD_RESPONSE'],
  ['CR twice', 'HTTP/1.1 101 X\r^\r\n', 'BAD_RESPONSE'],
  ['NUL', 'HTTP/1.1 101 X\r\nUpgrade: web^\u0000socket\r\n', 'BAD_RESPONSE'],
  ['a control character', 'HTTP/1.1 101 X\r\nUpgrade: web^\u0001socket\r\n', 'BAD_RESPONSE'],
]

for (const [name, marked, id, protocols] of BAD_HANDSHAKES) {
  for (const step of ['write', 'bytewise']) {
    add('handshake: ' + name + (step === 'write' ? '' : ', byte by byte'), async (env) => {
      const head = marked.replace('^', '')
      const offset = headLength(marked.slice(0, marked.indexOf('^')))
      const peer = script(env, [step, { head }, '81 01 78 88 00'])
      const session = connect(env, peer.path, protocols ? { protocols } : {})
      await session.closed
      env.equal(session.log, [
        'error ' + id + ' 1006 head@' + offset,
        'close 1006 "' + id + '" unclean',
      ])
      env.equal((await peer.report()).frames, [])
    })
  }
}

for (const value of ['permessage-deflate', 'x', 'permessage-deflate; client_max_window_bits=8']) {
  add('handshake: the extension ' + value + ', unasked', async (env) => {
    const head = response({ 'Sec-WebSocket-Extensions': value })
    const session = connect(env, script(env, ['write', { head }, '81 01 78']).path)
    await session.closed
    env.equal(
      session.log.map((line) => line.split(' head@')[0]),
      ['error BAD_EXTENSIONS 1006', 'close 1006 "BAD_EXTENSIONS" unclean'],
    )
  })
}

add('handshake: a head over maxResponseHead', async (env) => {
  const head = response({ 'X-Long': ascii(200) })
  const session = connect(env, script(env, ['write', { head }]).path, { maxResponseHead: 300 })
  await session.closed
  env.equal(session.log, [
    'error RESPONSE_TOO_BIG 1006 head@300',
    'close 1006 "RESPONSE_TOO_BIG" unclean',
  ])
})

add('handshake: a head of exactly maxResponseHead', async (env) => {
  const head = response({ 'X-Long': ascii(200) })
  const peer = script(env, ['write', { head }, '88 00'])
  const session = connect(env, peer.path, { maxResponseHead: headLength(head) }, { head })
  await session.closed
  env.equal(session.log, ['open', 'close 1005 "" clean'])
})

add('handshake: a head that never ends', async (env) => {
  const peer = script(env, [
    'write',
    { head: 'HTTP/1.1 101 X\r\n' },
    { times: 9000, hex: toHex(utf8('A: b\r\n')) },
  ])
  const session = connect(env, peer.path)
  await session.closed
  env.equal(session.log, [
    'error RESPONSE_TOO_BIG 1006 head@16384',
    'close 1006 "RESPONSE_TOO_BIG" unclean',
  ])
})

add('handshake: the error of a refusal has the status and Retry-After', async (env) => {
  const head = response({ 'Retry-After': '120' }, 'HTTP/1.1 503 Service Unavailable')
  let error
  const session = connect(
    env,
    script(env, ['write', { head }]).path,
    {},
    { error: (_, given) => (error = given) },
  )
  await session.closed
  env.equal([error.id, error.status, error.headers['retry-after']], ['BAD_STATUS', 503, '120'])
})

for (const [name, head] of [
  ['no reason phrase', response({}, 'HTTP/1.1 101 ')],
  ['no reason phrase, and no space', response({}, 'HTTP/1.1 101')],
  ['bytes above 127 in the reason phrase', response({}, 'HTTP/1.1 101 \u00e9')],
  [
    'another case of names and values',
    response()
      .replace('Upgrade: websocket', 'UPGRADE: WebSocket')
      .replace('Connection: Upgrade', 'connection: upgrade'),
  ],
  [
    'no spaces, and more of them',
    response()
      .replace('Upgrade: websocket', 'Upgrade:websocket')
      .replace('Connection: Upgrade', 'Connection: \t Upgrade \t'),
  ],
  [
    'responses of 1xx before it',
    'HTTP/1.1 100 Continue\r\n\r\n' +
      response({ 'Sec-WebSocket-Accept': 'x' }, 'HTTP/1.1 103 Early Hints') +
      response(),
  ],
  ['a list in Connection', response({ Connection: 'keep-alive, Upgrade' })],
  ['Connection twice', response({ Connection: ['keep-alive', 'Upgrade'] })],
  [
    'further fields',
    response({
      Server: 'x',
      Date: 'Thu, 01 Jan 1970 00:00:00 GMT',
      'Set-Cookie': ['a=b', 'c=d'],
      'X-Colon': 'a:b:c',
      'X-Empty': '',
    }),
  ],
]) {
  for (const step of ['write', 'bytewise']) {
    add(
      'handshake, in order: ' + name + (step === 'write' ? '' : ', byte by byte'),
      async (env) => {
        const session = connect(
          env,
          script(env, [step, { head }, '81 01 61 83 00']).path,
          {},
          { head },
        )
        await session.closed
        env.equal(session.log, [
          'open',
          'text "a"',
          'error RESERVED_OPCODE 1002 @3',
          'close 1002 "RESERVED_OPCODE" unclean',
        ])
      },
    )
  }
}

export { cases as handshake }
