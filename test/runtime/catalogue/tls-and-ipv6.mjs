// TLS and addresses.

import { Checksum, fillPattern, showBytes } from '../bytes.mjs'
import { casesOf, sleep, connect, open, closeAndCompare, frames } from './cases.mjs'

const { cases, add } = casesOf('TLS, IPv6')

add(
  'wss: echoes',
  async (env) => {
    const session = await open(env, env.secureUrl('/echo'), env.trust)
    const bytes = fillPattern(new Uint8Array(65536))
    session.socket.sendText('sécret')
    session.socket.sendBinary(bytes)
    await session.until('binary ' + showBytes(bytes))
    session.socket.close(1000)
    await session.closed
    env.equal(
      session.log.filter((line) => line !== 'writable'),
      ['open', 'text "sécret"', 'binary ' + showBytes(bytes), 'close 1000 "" clean'],
    )
  },
  ['trust'],
)

add(
  'wss: passes 1 MiB both ways in fragments through rings of 4096',
  async (env) => {
    const received = new Checksum()
    let isFinal = false
    const session = await open(
      env,
      env.secureUrl('/echo'),
      { ...env.trust, receiveBuffer: 4096, sendBuffer: 4096 },
      {
        fragments: true,
        quiet: true,
        fragment(session, bytes, start, end, _, final) {
          received.add(bytes, start, end)
          isFinal = final
          if (final) session.look()
        },
      },
    )
    const bytes = fillPattern(new Uint8Array(1 << 20))
    session.socket.sendBinary(bytes)
    await session.when(() => isFinal)
    env.equal('' + received, '' + new Checksum().add(bytes))
    session.socket.close(1000)
    await session.closed
  },
  ['trust'],
)

add(
  'wss: pauses and resumes',
  async (env) => {
    const session = connect(
      env,
      env.secureUrl('/messages?n=300'),
      { ...env.trust, receiveBuffer: 256 },
      {
        text(session, text) {
          if (+text % 50 !== 0) return
          session.socket.pause()
          env.setTimeout(() => session.socket.resume(), 5)
        },
      },
    )
    await session.closed
    const expected = ['open']
    for (let i = 0; i < 300; i++) expected.push('text "' + i + '"')
    env.equal(session.log, [...expected, 'close 1000 "sent" clean'])
  },
  ['trust'],
)

add(
  'wss: everything that came before the end is delivered, though paused, and more than a ring of it',
  async (env) => {
    const session = connect(
      env,
      env.secureUrl(frames(env, '81 01 61 '.repeat(200), ['fin']).path),
      { ...env.trust, receiveBuffer: 256 },
      {
        text(session) {
          if (session.log.length > 2) return
          session.socket.pause()
          env.setTimeout(() => session.socket.resume(), 100)
        },
      },
    )
    await session.closed
    env.equal(session.log, [
      'open',
      ...Array(200).fill('text "a"'),
      'error CONNECTION_ENDED 1006',
      'close 1006 "CONNECTION_ENDED" unclean',
    ])
  },
  ['trust'],
)

add(
  'wss: a violation by the peer',
  async (env) => {
    const peer = frames(env, '81 01 61 83 00')
    const session = connect(env, env.secureUrl(peer.path), env.trust)
    await session.closed
    env.equal(session.log, [
      'open',
      'text "a"',
      'error RESERVED_OPCODE 1002 @3',
      'close 1002 "RESERVED_OPCODE" unclean',
    ])
    env.equal((await peer.report()).frames, ['close 1002 ""'])
  },
  ['trust'],
)

add(
  'wss: an authority that nobody trusts is refused',
  async (env) => {
    const session = connect(env, env.secureUrl('/echo'))
    await session.closed
    env.equal(session.log, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
  },
  ['certificates'],
)

add(
  'wss: the certificate of another host is refused',
  async (env) => {
    const session = connect(env, env.strangerUrl('/echo'), env.trust)
    await session.closed
    env.equal(session.log, ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean'])
  },
  ['trust', 'certificates'],
)

add(
  'wss: to a server without TLS',
  async (env) => {
    const session = connect(env, env.url('/echo').replace('ws:', 'wss:'), {
      ...env.trust,
      handshakeTimeout: 300,
    })
    await session.closed
    env.equal(session.log.length, 2)
    env.ok(
      /^error (CONNECT_FAILED|HANDSHAKE_TIMEOUT|CONNECTION_ENDED) 1006$/.test(session.log[0]),
      session.log[0],
    )
  },
  ['trust'],
)

add(
  'aborts during the TLS handshake',
  async (env) => {
    const session = connect(env, env.secureUrl('/echo'), env.trust)
    await sleep(env, 1)
    session.socket.abort()
    await session.closed
    env.equal(session.log[session.log.length - 1], 'close 1006 "" unclean')
  },
  ['trust'],
)

add(
  'IPv6 literal',
  async (env) => {
    const session = await open(env, env.ipv6Url('/request'))
    await session.when(() => session.log.length > 1)
    session.socket.close(1000)
    await session.closed
    const host = env.ipv6Url('').slice('ws://'.length)
    env.equal(host.slice(0, 6), '[::1]:')
  },
  ['ipv6'],
)

add(
  'IPv6 literal with TLS',
  async (env) => {
    const session = await open(env, env.ipv6SecureUrl('/echo'), env.trust)
    session.socket.sendText('six')
    await session.until('text "six"')
    await closeAndCompare(session, ['open', 'text "six"'])
  },
  ['ipv6Secure', 'trust'],
)

export { cases as tlsAndIpv6 }
