// What a caller passes on from others, a page, a file, a user: nothing of it gets out of its place in the request, into
// errors, or around the defaults.

import { Buffer } from 'node:buffer'
import net from 'node:net'
import { PassThrough } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import fc from 'fast-check'
import { Client, type ClientOptions } from '../../src/client'
import { deflate } from '../../src/deflate/deflate'
import { type Endpoint, endpointOf } from '../../src/endpoint'
import type { RingletError } from '../../src/protocol/protocol-error'
import { reconnect } from '../../src/reconnect'
import { parseUrl } from '../../targets/parse-url'
import { splitUrl } from '../../targets/split-url'
import { WebSocket } from '../../targets/websocket-node'
import { env, peers, connect } from '../node/harness'
import { SAMPLE_NONCE, testPlatform } from '../support/platform'

const BOUNDS = { numRuns: 1500, interruptAfterTimeLimit: 15000 }

function clientOf(endpoint: Endpoint, options: ClientOptions): { client: Client; request: string } {
  let request = ''
  const client = new Client(endpoint, {}, options, testPlatform(SAMPLE_NONCE))
  client.start({
    write(bytes, start, end) {
      request += Buffer.from(bytes.subarray(start, end)).toString('latin1')
      client.onWritten(end - start)
    },
    pause() {},
    resume() {},
    end() {},
    abort() {},
  })
  client.onConnected()
  return { client, request }
}

const requestOf = (endpoint: Endpoint, options: ClientOptions) =>
  clientOf(endpoint, options).request

// --- Injection.

const injection = suite('injection')

/** Ends of lines, as they are, encoded, cut down to an octet from wider characters, and what may hide them. */
const NASTY = [
  ...['\r\n', '\r', '\n', '\0', '\t', ' ', '\x7f', '\x0b', '\x85', '\u2028', '\u2029'],
  ...['\u010d\u010a', '\u560d\u560a', '\uff0d\uff0a', '\ud800', '\udc0a', '😀', 'ä'],
  ...['%0d%0a', '%0D', '%0a', '%00', '%', '%%', '%250d%250a', '%E5%98%8A', '%c0%8a', '\\r\\n'],
  ...[
    ' HTTP/1.1\r\nX-Injected: 1\r\n\r\n',
    '\r\nX-Injected: 1',
    'X-Injected: 1',
    '\\',
    '"',
    ';',
    ',',
    ':',
  ],
  ...[
    '@',
    '#',
    '?',
    '/',
    '//',
    '..',
    '[',
    ']',
    '<',
    '>',
    '{',
    '}',
    '|',
    '^',
    '`',
    "'",
    '=',
    '&',
    '+',
  ],
]
const nasty = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.constantFrom('a', 'Z', '0', '-', '_', '.')), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''))

/** The lines of a request that is in order; fails at one that is not. */
function linesOf(request: string): string[] {
  assert.ok(/^[\t -~\r\n]*$/.test(request), JSON.stringify(request))
  assert.ok(request.endsWith('\r\n\r\n'))
  const lines = request.slice(0, -4).split('\r\n')
  for (const line of lines) assert.ok(line && !/[\r\n]/.test(line), JSON.stringify(request))
  assert.match(lines[0], /^GET \/[!-~]* HTTP\/1\.1$/)
  for (const line of lines.slice(1)) assert.match(line, /^[!#-'*+.0-9A-Z^-z|~-]+: /)
  return lines
}

/** What it returns, or undefined if it is refused with one of `ids`. */
function unless<Result>(ids: string[], action: () => Result): Result | undefined {
  try {
    return action()
  } catch (error) {
    assert.ok(ids.includes((error as RingletError).id), String(error))
    return undefined
  }
}

for (const [name, parse] of Object.entries({ parseUrl, splitUrl })) {
  injection('nothing in a URL ends a line of the request or adds a field, by ' + name, () => {
    const parts = fc.tuple(nasty, nasty, nasty, nasty, nasty)
    let taken = 0
    fc.assert(
      fc.property(parts, fc.boolean(), ([user, host, port, path, query], isShort) => {
        const url = isShort
          ? 'ws://h/' + path + '?' + query
          : 'ws://' + user + '@h' + host + ':80' + port + '/' + path + '?' + query
        const request = unless(['BAD_URL'], () => requestOf(endpointOf(parse(url)), {}))
        if (request === undefined) return
        taken++
        const fields = linesOf(request).map((line) => line.replace(/:.*/, ''))
        const expected = [
          'Host',
          'Upgrade',
          'Connection',
          'Sec-WebSocket-Version',
          'Sec-WebSocket-Key',
        ]
        if (fields.includes('Authorization')) expected.push('Authorization')
        assert.equal(fields.slice(1), expected)
      }),
      BOUNDS,
    )
    assert.ok(taken > 100)
  })
}

const H = endpointOf(new URL('ws://h/'))

injection('nothing in a header or a subprotocol does', () => {
  let taken = 0
  fc.assert(
    fc.property(nasty, nasty, fc.array(nasty, { maxLength: 3 }), (name, value, protocols) => {
      const request = unless(['BAD_HEADER', 'BAD_SUBPROTOCOL'], () =>
        requestOf(H, { headers: { ['X' + name]: value }, protocols }),
      )
      if (request === undefined) return
      taken++
      const lines = linesOf(request)
      assert.is(lines.length, 7 + (protocols.length ? 1 : 0))
      assert.is(lines[lines.length - 1], 'X' + name + ': ' + value)
    }),
    BOUNDS,
  )
  assert.ok(taken > 50)
})

injection('parts of a URL that another parser has let pass are refused', () => {
  const parts = { ...plain(new URL('ws://h/')) }
  for (const [part, value] of [
    ['pathname', '/a\r\nX: y'],
    ['pathname', '/a b'],
    ['pathname', '/ä'],
    ['search', '?a\nb'],
    ['hostname', 'h\r\nX: y'],
    ['hostname', 'h\0'],
    ['port', '80\r\nX: y'],
  ]) {
    assert.throws(
      () => endpointOf({ ...parts, [part]: value }),
      (error: RingletError) => error.id === 'BAD_URL',
    )
  }
})

function plain({
  href,
  protocol,
  hostname,
  port,
  pathname,
  search,
  hash,
  username,
  password,
}: URL) {
  return { href, protocol, hostname, port, pathname, search, hash, username, password }
}

injection.run()

// --- Secrets.

const secrets = suite('no secret in an error')
const SECRET = 'hunter2'

/** All that an error says, to a person or to a log. */
function allOf(error: RingletError): string {
  const cause = error.cause as Error | undefined
  const texts = [error.message, error.stack, JSON.stringify(error), String(error)]
  if (cause) texts.push(cause.message, cause.stack, JSON.stringify(cause))
  return texts.join('\n')
}

secrets('misuse', () => {
  const url = `ws://user:${SECRET}@h/?token=${SECRET}`
  const attempts: (() => unknown)[] = [
    () => connect(url + '#part'),
    () => connect(url.replace('ws:', 'https:')),
    () => connect(url.replace('@h', '@h:0')),
    () => connect(url.replace('@h', '@h:99999')),
    () => connect(url.replace('user', '%zz')),
    () => connect(url.replace('@h', '@ h')),
    () => endpointOf(splitUrl(url + '#part')),
    () => endpointOf(splitUrl(url.replace('@h', '@h:99999'))),
    () => endpointOf(splitUrl(url.replace('user', '%zz'))),
    () => connect('ws://h/', {}, { headers: { Authorization: SECRET + '\n' } }),
    () => connect('ws://h/', {}, { headers: { Cookie: SECRET + 'ä' } }),
    () => connect('ws://h/', {}, { protocols: ['bearer', SECRET + '/='] }),
    () => connect('ws://h/', {}, { protocols: [SECRET, SECRET] }),
    () => new WebSocket(url + '#part'),
    () => new WebSocket(url.replace('@h', '@h:99999')),
    () => new WebSocket('ws://h/', ['bearer', SECRET + ' ']),
    () => new WebSocket('ws://h/', [SECRET, SECRET]),
    () => new WebSocket('ws://h/', [], { headers: { Cookie: SECRET + 'ä' } }),
    () => reconnect(connect, url + '#part', {}),
    () => reconnect(connect, 'ws://h/', {}, { protocols: [SECRET, SECRET] }),
  ]
  for (const attempt of attempts) {
    let error: RingletError | undefined
    try {
      attempt()
    } catch (thrown) {
      error = thrown as RingletError
    }
    assert.ok(error && (error.id || error.name === 'SyntaxError'), String(attempt))
    assert.not.match(allOf(error), SECRET)
  }
})

secrets('a connection that fails, is refused, or ends', async () => {
  const options = { protocols: [SECRET], headers: { Cookie: 'session=' + SECRET } }
  const free = await new Promise<number>((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
  const refusing = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n'))
  })
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  const refused = (refusing.address() as net.AddressInfo).port
  const secretly = (url: string) =>
    url.replace('://', '://user:' + SECRET + '@') + '?token=' + SECRET
  const ids: string[] = []
  for (const url of [
    secretly(`ws://127.0.0.1:${free}/`),
    secretly(`ws://nowhere.invalid:${free}/`),
    secretly(env.secureUrl('/echo')),
    secretly(env.strangerUrl('/echo')),
    secretly(`ws://127.0.0.1:${refused}/`),
  ]) {
    await new Promise<void>((resolve) => {
      connect(
        url,
        {
          onError(error: RingletError) {
            ids.push(error.id)
            // What the server has said is the server's, and is not ours to hide.
            assert.not.match(allOf({ ...error, headers: undefined } as RingletError), SECRET)
            assert.not.match(error.message, SECRET)
          },
          onClose: () => resolve(),
        },
        { ...options, handshakeTimeout: 5000 },
      )
    })
  }
  refusing.close()
  assert.equal(ids, [...new Array(4).fill('CONNECT_FAILED'), 'BAD_STATUS'])
})

secrets.run()

// --- Prototypes.

const pollution = suite('polluted prototypes')

/** Runs `action` while `Object.prototype` has `properties`. */
async function polluted<Result>(
  properties: object,
  action: () => Result,
): Promise<Awaited<Result>> {
  const prototype = Object.prototype as unknown as Record<string, unknown>
  for (const [name, value] of Object.entries(properties)) prototype[name] = value
  try {
    return await action()
  } finally {
    for (const name of Object.keys(properties)) delete prototype[name]
  }
}

const EVIL: Record<string, unknown> = {
  random: () => {
    throw new Error('asked for random bytes')
  },
  headers: { 'X-Injected': '1' },
  protocols: ['injected'],
  extensions: [{ offer: 'injected' }],
  maxMessageSize: 2 ** 40,
  maxResponseHead: 2 ** 40,
  maxFragments: 2 ** 40,
  receiveBuffer: 1 << 20,
  sendBuffer: 'x',
  handshakeTimeout: 0,
  polluted: 'yes',
}

pollution('change nothing of the options', async () => {
  const clean = clientOf(H, {})
  for (const [name, value] of [...Object.entries(EVIL), ['all', undefined] as const]) {
    const properties = name === 'all' ? EVIL : { [name]: value }
    const { client, request } = await polluted(properties, () => clientOf(H, {}))
    assert.is(request, clean.request, name)
    assert.is(client.limits.maxMessageSize, 1 << 20, name)
    assert.is(client.receiveRing.bytes.length, 4096, name)
    assert.is(client.sendRing.bytes.length, 4096, name)
  }
})

pollution('leave options alone that are of their name', async () => {
  const options = { headers: { 'X-Mine': '1' }, protocols: ['mine'], random: () => {} }
  const clean = requestOf(H, options)
  assert.is(await polluted(EVIL, () => requestOf(H, options)), clean)
})

pollution('add no header beside those of the caller', async () => {
  const headers = { 'X-Mine': '1' }
  const clean = requestOf(H, { headers })
  assert.match(clean, 'X-Mine: 1')
  assert.is(
    await polluted({ 'X-Injected': '1', polluted: 'yes' }, () => requestOf(H, { headers })),
    clean,
  )
})

pollution('change nothing of deflate', async () => {
  const { offer } = deflate()
  const evil = {
    serverMaxWindowBits: 8,
    level: 99,
    maxInflatedSize: 0,
    server_max_window_bits: '9',
  }
  const { extension, transform } = await polluted(evil, () => {
    const made = deflate()
    const sink = {
      isStreaming: true,
      limits: { maxMessageSize: 1000 },
      stopped: false,
      onSpan() {},
      onViolation() {},
    }
    return { extension: made, transform: made.accept('permessage-deflate', sink).transform }
  })
  assert.is(extension.offer, offer)
  assert.ok(transform)
})

pollution('do not turn off the verification of TLS, nor lead elsewhere', async () => {
  for (const evil of [
    { tls: { rejectUnauthorized: false } },
    { rejectUnauthorized: false },
    { createConnection: () => net.connect(1) },
    // What Node would read besides.
    { path: '/nowhere' },
    { ca: (env.trust as { tls: { ca: string } }).tls.ca },
    { fd: 0 },
  ]) {
    const code = await polluted(
      evil,
      () =>
        new Promise((resolve) => {
          connect(env.secureUrl('/echo'), {
            onOpen: () => resolve('open'),
            onError: (error: RingletError) =>
              resolve((error.cause as { code?: string } | undefined)?.code),
          })
        }),
    )
    assert.is(code, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', Object.keys(evil)[0])
  }
})

pollution('do not lead a plain connection elsewhere', async () => {
  for (const evil of [{ path: '/nowhere' }, { fd: 0 }, { host: 'nowhere.invalid' }, { port: 1 }]) {
    const told = await polluted(
      evil,
      () =>
        new Promise((resolve) => {
          const socket = connect(env.url('/echo'), {
            onOpen: () => socket.abort(),
            onError: (error: RingletError) => resolve(error.message),
            onClose: () => resolve('was open'),
          })
        }),
    )
    assert.is(told, 'was open', Object.keys(evil)[0])
  }
})

pollution('do not lead the next try of a reconnection elsewhere', async () => {
  const evil = { url: 'ws://evil/', prepare: 'x', ['then' as string]: 'x' }
  const urls = await polluted(evil, () => {
    const found: string[] = []
    const prepares = { prepare: () => ({ headers: {} }) }
    for (const options of [{}, prepares]) {
      reconnect((url: string) => void found.push(url) as never, 'ws://h/', {}, options as never)
    }
    return found
  })
  assert.equal(urls, ['ws://h/', 'ws://h/'])
})

pollution('options from JSON with __proto__ are only what they say', () => {
  const options = JSON.parse('{"__proto__":{"headers":{"X-Injected":"1"},"maxMessageSize":1}}')
  const { client, request } = clientOf(H, options)
  assert.is(request, requestOf(H, {}))
  assert.is(client.limits.maxMessageSize, 1 << 20)
  assert.is(Object.getPrototypeOf({}), Object.prototype)
})

pollution('what the server says pollutes nothing', () => {
  const { client } = clientOf(H, {})
  const head = 'HTTP/1.1 400 No\r\n__proto__: x\r\nconstructor: y\r\ntoString: z\r\n\r\n'
  client.makeRoom()
  client.receiveRing.bytes.set(Buffer.from(head), client.receiveRing.end)
  client.onReceived(head.length)
  assert.is(({} as Record<string, unknown>).x, undefined)
  assert.is(String({}), '[object Object]')
})

pollution.after(() => peers.stop())
pollution.run()

// --- Values that are not what they seem.

const tricks = suite('values that change')

const idOf = (action: () => unknown): string => {
  try {
    action()
    return 'taken'
  } catch (error) {
    return (error as RingletError).id
  }
}

tricks('a number is a number, and a subprotocol is a string', () => {
  const trick = { valueOf: () => 4096, toString: () => 'chat' }
  const anything = trick as never
  for (const value of [{ valueOf: () => 9 } as never, '9', null]) {
    for (const name of ['serverMaxWindowBits', 'clientMaxWindowBits', 'level', 'maxInflatedSize']) {
      assert.is(
        idOf(() => deflate({ [name]: value })),
        'BAD_OPTION',
        name,
      )
    }
    for (const name of ['baseDelay', 'maxDelay', 'maxRetryAfter', 'stableTime', 'maxAttempts']) {
      const options = { [name]: value }
      assert.is(
        idOf(() => reconnect(connect, 'ws://h/', {}, options)),
        'BAD_OPTION',
        name,
      )
    }
  }
  for (const name of [
    'maxMessageSize',
    'receiveBuffer',
    'sendBuffer',
    'maxFragments',
    'closeTimeout',
  ]) {
    assert.is(
      idOf(() => clientOf(H, { [name]: anything })),
      'BAD_OPTION',
      name,
    )
  }
  for (const name of ['level', 'threshold', 'maxInflatedSize', 'serverMaxWindowBits']) {
    assert.is(
      idOf(() => deflate({ [name]: { valueOf: () => 9 } as never })),
      'BAD_OPTION',
      name,
    )
  }
  for (const name of ['baseDelay', 'maxAttempts', 'stableTime']) {
    assert.is(
      idOf(() => reconnect(connect, 'ws://h/', {}, { [name]: anything })),
      'BAD_OPTION',
      name,
    )
  }
  assert.is(
    idOf(() => clientOf(H, { protocols: anything })),
    'BAD_SUBPROTOCOL',
  )
  assert.is(
    idOf(() => clientOf(H, { protocols: [anything] })),
    'BAD_SUBPROTOCOL',
  )
  // JSON cannot write these, and an error that tells of them must not fail itself.
  assert.is(
    idOf(() => clientOf(H, { protocols: [1n as never] })),
    'BAD_SUBPROTOCOL',
  )
  assert.is(
    idOf(() => clientOf(H, { maxMessageSize: NaN })),
    'BAD_OPTION',
  )
})

tricks('a header is made text once, and that text is checked and sent', () => {
  let calls = 0
  const trick = { toString: () => (calls++ ? 'a\r\nX-Injected: 1' : 'first') }
  const request = requestOf(H, { headers: { X: trick as never } })
  assert.is(calls, 1)
  assert.ok(request.includes('\r\nX: first\r\n'))
  linesOf(request)
})

tricks('headers are an object of names and values, and no list that would be lost', () => {
  const pairs = [['Authorization', 'secret']]
  for (const headers of [pairs, new Headers(pairs as never), new Map(pairs as never), 'X: y']) {
    assert.is(
      idOf(() => requestOf(H, { headers: headers as never })),
      'BAD_HEADER',
    )
  }
})

tricks('an option is read once', () => {
  let reads = 0
  const options = {
    get receiveBuffer() {
      return reads++ ? new Uint8Array(1) : 4096
    },
  }
  const { client } = clientOf(H, options)
  assert.is(reads, 1)
  assert.is(client.receiveRing.bytes.length, 4096)
  // With a target in between, too.
  const counts: Record<string, number> = {}
  const counting: Record<string, unknown> = {}
  for (const [name, value] of Object.entries({
    receiveBuffer: 512,
    tls: {},
    headers: {},
    createConnection: () => new PassThrough(),
  })) {
    Object.defineProperty(counting, name, {
      enumerable: true,
      get() {
        counts[name] = (counts[name] || 0) + 1
        return value
      },
    })
  }
  connect('ws://h/', {}, counting).abort()
  assert.equal(counts, { receiveBuffer: 1, tls: 1, headers: 1, createConnection: 1 })
})

tricks('a URL that is another text each time is read once', () => {
  let reads = 0
  const url = { toString: () => (reads++ ? 'ws://h/\r\nX: y' : 'ws://first/') }
  assert.is(endpointOf(splitUrl(url as never)).hostname, 'first')
  assert.is(reads, 1)
  reads = 0
  assert.is(endpointOf(parseUrl(url as never)).hostname, 'first')
  assert.is(reads, 1)
})

tricks.run()
