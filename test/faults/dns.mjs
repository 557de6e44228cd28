// Names that cannot be found, or not in time: a DNS server of our own on loopback, over UDP, which does what a path of the
// name says; and lookups of the caller's. A connection is made through `createConnection`, with node:dns's own resolver.

import dgram from 'node:dgram'
import { Resolver } from 'node:dns'
import net from 'node:net'
import process from 'node:process'
import { connect } from '../../dist/node.js'

/** What the DNS server answers to the first label of a name: a code of RFC 1035 section 4.1.1, or an address. */
const ANSWERS = {
  silent: () => undefined,
  unknown: (query) => reply(query, 3),
  failing: (query) => reply(query, 2),
  refusing: (query) => reply(query, 5),
  empty: (query) => reply(query, 0),
  garbage: () => Buffer.from('this is no message of the domain name system'),
  short: (query) => query.subarray(0, 7),
  stranger: (query) => {
    const answer = reply(query, 0, '127.0.0.1')
    answer[0] ^= 255
    return answer
  },
  refused: (query) => reply(query, 0, '127.0.0.1'),
  good: (query) => reply(query, 0, '127.0.0.1'),
}

/** The answer to a query with one question: its header, the question, and one address. */
function reply(query, code, address) {
  let end = 12
  while (query[end]) end += query[end] + 1
  const header = Buffer.from(query.subarray(0, end + 5))
  header.writeUInt16BE(0x8180 | code, 2)
  header.writeUInt16BE(address ? 1 : 0, 6)
  header.fill(0, 8, 12)
  if (!address) return header
  const record = Buffer.from('c00c00010001000000000004', 'hex')
  return Buffer.concat([header, record, Buffer.from(address.split('.').map(Number))])
}

async function startDns() {
  const server = dgram.createSocket('udp4')
  let asked = 0
  server.on('message', (query, { port }) => {
    asked++
    const label = query.subarray(13, 13 + query[12]).toString()
    const answer = ANSWERS[label](query)
    if (answer) server.send(answer, port, '127.0.0.1')
  })
  await new Promise((done) => server.bind(0, '127.0.0.1', done))
  return { server, port: server.address().port, asked: () => asked }
}

/** What a connection says until it is over; `act` gets its socket. */
function outcome(url, options, act = () => {}) {
  return new Promise((done) => {
    const log = []
    const socket = connect(
      url,
      {
        onOpen: (one) => {
          log.push('open')
          one.close(1000)
        },
        onError: (error) =>
          log.push(`error ${error.id}${error.cause ? ` ${error.cause.code}` : ''}`),
        onClose: (code, reason, wasClean) => {
          log.push(`close ${code} "${reason}" ${wasClean ? 'clean' : 'unclean'}`)
          setTimeout(() => done(log.join(' | ')), 20)
        },
      },
      options,
    )
    act(socket)
  })
}

const FAILED = (code) => `error CONNECT_FAILED ${code} | close 1006 "CONNECT_FAILED" unclean`
const LATE = 'error HANDSHAKE_TIMEOUT | close 1006 "HANDSHAKE_TIMEOUT" unclean'

/** The names, what must be heard of each, and the port behind it. */
const NAMES = [
  ['unknown', FAILED('ENOTFOUND')],
  ['failing', FAILED('ESERVFAIL')],
  ['refusing', FAILED('EREFUSED')],
  ['empty', FAILED('ENODATA')],
  ['silent', LATE],
  ['garbage', FAILED('EBADRESP')],
  ['short', FAILED('EBADRESP')],
  // An answer to another query is none.
  ['stranger', LATE],
  ['refused', FAILED('ECONNREFUSED')],
]

/** Runs all; `check(name, problem)` for each. `plain` is the port of a server, `refused` of none. */
export async function meetDns(check, { plain: goodPort, refused: refusedPort }) {
  const dns = await startDns()
  const resolver = () => {
    const one = new Resolver({ timeout: 60000, tries: 1 })
    one.setServers([`127.0.0.1:${dns.port}`])
    return one
  }
  /** With a deadline that is soon only where it must come. */
  const through = (lookup, expected) => ({
    handshakeTimeout: expected === LATE ? 700 : 20000,
    createConnection: (options) => net.connect({ ...options, autoSelectFamily: false, lookup }),
  })
  const compare = (name, heard, expected) =>
    check(`dns: ${name}`, heard === expected ? '' : `\n  heard    ${heard}\n  expected ${expected}`)
  const resolvers = []
  const asking = (name, _, callback) => {
    const one = resolver()
    resolvers.push(one)
    one.resolve4(name, (error, addresses) => callback(error, addresses?.[0], 4))
  }
  for (const [name, expected] of NAMES) {
    const url = `ws://${name}.example:${refusedPort}/`
    compare(
      `a name whose server is ${name}`,
      await outcome(url, through(asking, expected)),
      expected,
    )
  }
  compare(
    'a name that is found',
    await outcome(`ws://good.example:${goodPort}/`, through(asking)),
    'open | close 1000 "" clean',
  )
  compare(
    'abort while a name is looked up',
    await outcome(`ws://silent.example:${goodPort}/`, through(asking), (socket) =>
      setTimeout(() => socket.abort(), 20),
    ),
    'close 1006 "" unclean',
  )
  // What is still looked up is the resolver's: it is given up here, and tells its callback.
  for (const one of resolvers) one.cancel()
  for (const [name, lookup, expected] of [
    [
      'a lookup that fails at once',
      (_, __, callback) => callback(Object.assign(new Error('no'), { code: 'EAI_AGAIN' })),
      FAILED('EAI_AGAIN'),
    ],
    ['a lookup that never calls back', () => {}, LATE],
    [
      'a lookup that answers after the deadline',
      (_, __, callback) => setTimeout(callback, 900, null, '127.0.0.1', 4),
      LATE,
    ],
    [
      'a lookup that fails after the deadline',
      (_, __, callback) => setTimeout(callback, 900, new Error('late')),
      LATE,
    ],
    [
      'a lookup that gives no address',
      (_, __, callback) => callback(null, 'nowhere', 4),
      FAILED('ERR_INVALID_IP_ADDRESS'),
    ],
  ]) {
    compare(
      name,
      await outcome(`ws://name.example:${goodPort}/`, through(lookup, expected)),
      expected,
    )
  }
  compare(
    'a connection that createConnection never gives',
    await outcome('ws://name.example/', {
      handshakeTimeout: 700,
      createConnection: () => new Promise(() => {}),
    }),
    LATE,
  )
  check('dns: the names were asked for', dns.asked() < NAMES.length && `${dns.asked()} queries`)
  await new Promise((done) => setTimeout(done, 300))
  dns.server.close()
  const left = process
    .getActiveResourcesInfo()
    .filter((name) => /TCPSOCKET|Connect|GetAddr|Query/i.test(name))
  check('dns: handles', left.length && `${left.join(', ')} are left`)
}
