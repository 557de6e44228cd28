// The request, RFC 6455 section 4.1.

import { casesOf, connect, open, frames } from './cases.mjs'

const { cases, add } = casesOf('request')

/** The request line's target and the header lines that the server got. */
async function requestOf(env, url, options) {
  let lines
  const session = await open(env, url, options, {
    text(_, text) {
      lines = JSON.parse(text)
    },
  })
  await session.when(() => session.log.length > 1)
  session.socket.close(1000)
  await session.closed
  return lines
}

function field(lines, name) {
  return lines.slice(1).filter((line) => line.toLowerCase().indexOf(name.toLowerCase() + ':') === 0)
}

add('the request has what RFC 6455 asks for, and nothing twice', async (env) => {
  const lines = await requestOf(env, '/request?a=1&b=%20')
  env.equal(lines[0], '/request?a=1&b=%20')
  env.equal(field(lines, 'Host'), ['Host: ' + env.url('').slice('ws://'.length)])
  env.equal(field(lines, 'Upgrade'), ['Upgrade: websocket'])
  env.equal(field(lines, 'Connection'), ['Connection: Upgrade'])
  env.equal(field(lines, 'Sec-WebSocket-Version'), ['Sec-WebSocket-Version: 13'])
  env.equal(field(lines, 'Authorization'), [])
  env.equal(field(lines, 'Sec-WebSocket-Extensions'), [])
  env.equal(field(lines, 'Sec-WebSocket-Protocol'), [])
  const [key] = field(lines, 'Sec-WebSocket-Key')
  env.ok(/^Sec-WebSocket-Key: [A-Za-z0-9+/]{21}[AQgw]==$/.test(key), key)
  const [other] = field(await requestOf(env, '/request'), 'Sec-WebSocket-Key')
  env.ok(other !== key, 'a new key for each connection')
})

add(
  'the IPv6 address stands in brackets in Host',
  async (env) => {
    const lines = await requestOf(env, env.ipv6Url('/request'))
    env.equal(field(lines, 'Host'), ['Host: ' + env.ipv6Url('').slice('ws://'.length)])
  },
  ['ipv6'],
)

for (const [userInfo, expected] of [
  ['user:pass@', 'dXNlcjpwYXNz'],
  ['Aladdin:open%20sesame@', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
  ['user@', 'dXNlcjo='],
  [':pass@', 'OnBhc3M='],
  ['a%40b:c%3Ad@', 'YUBiOmM6ZA=='],
  ['j%C3%BCrgen:%F0%9F%98%80@', 'asO8cmdlbjrwn5iA'],
  ['jürgen:😀@', 'asO8cmdlbjrwn5iA'],
]) {
  add('userinfo ' + userInfo + ' becomes Basic authorization', async (env) => {
    const lines = await requestOf(env, env.url('/request').replace('//', '//' + userInfo))
    env.equal(field(lines, 'Authorization'), ['Authorization: Basic ' + expected])
    env.equal(field(lines, 'Host'), ['Host: ' + env.url('').slice('ws://'.length)])
  })
}

add('sends further headers, and lets them replace Host and Authorization', async (env) => {
  const lines = await requestOf(env, env.url('/request').replace('//', '//user:pass@'), {
    headers: {
      'X-One': 'a\tb, c',
      'x-empty': '',
      HOST: 'other.example',
      authorization: 'Bearer t',
      'User-Agent': 'test',
    },
  })
  env.equal(field(lines, 'X-One'), ['X-One: a\tb, c'])
  env.equal(field(lines, 'x-empty'), ['x-empty: '])
  env.equal(field(lines, 'Host'), ['HOST: other.example'])
  env.equal(field(lines, 'Authorization'), ['authorization: Bearer t'])
  env.equal(field(lines, 'User-Agent'), ['User-Agent: test'])
})

for (const [asked, chosen, header] of [
  ['chat', 'chat', 'chat'],
  [['chat', 'super.chat'], 'super.chat', 'chat, super.chat'],
  [['a', 'b', 'c'], 'a', 'a, b, c'],
]) {
  add('subprotocol: asks for ' + header + ', gets ' + chosen, async (env) => {
    const session = await open(env, '/request?choose=' + chosen, { protocols: asked })
    env.equal(session.socket.protocol, chosen)
    await session.when(() => session.log.length > 1)
    session.socket.close(1000)
    await session.closed
    env.equal(session.log[0], 'open protocol ' + chosen)
  })
}

add('subprotocols: none is chosen', async (env) => {
  const session = connect(env, frames(env, '88 00').path, { protocols: ['a', 'b'] })
  await session.closed
  env.equal(session.log, ['open', 'close 1005 "" clean'])
})

export { cases as request }
