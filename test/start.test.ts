// `npm start`, both ways, as processes with pipes: the demonstration, and a session with a server.
// The bundle was built by `npm test`.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type WebSocket, WebSocketServer } from 'ws'

const start = suite('npm start')
const root = fileURLToPath(new URL('..', import.meta.url))

interface Ended {
  code: number | null
  out: string[]
  err: string[]
}

/** Runs the command with `input` typed, and the end of the input after it unless `staysOpen`. */
function run(args: string[], input = '', staysOpen = false): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['scripts/start.mjs', ...args], { cwd: root })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text))
    // A session that is over does not read the rest of its input.
    child.stdin.on('error', () => undefined)
    child.stdin.write(input)
    if (!staysOpen) child.stdin.end()
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, out: lines(out), err: lines(err) }))
  })
}

function lines(text: string): string[] {
  return text ? text.trimEnd().split('\n') : []
}

/** A server on loopback, while `use` runs; it logs what comes and does what `answer` says. */
async function withServer(
  answer: (peer: WebSocket, text: string, isBinary: boolean) => void,
  use: (url: string, log: string[]) => Promise<void>,
  /** Milliseconds before it reads anything. */
  sleep = 0,
): Promise<void> {
  const log: string[] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await new Promise((resolve) => server.on('listening', resolve))
  server.on('connection', (peer) => {
    if (sleep) {
      peer.pause()
      setTimeout(() => peer.resume(), sleep)
    }
    peer.on('message', (bytes, isBinary) => {
      const text = bytes.toString()
      log.push('message ' + (text.length < 60 ? text : digest(text)))
      answer(peer, text, isBinary)
    })
    peer.on('ping', (bytes) => log.push('ping ' + bytes))
    peer.on('close', (code, reason) => log.push('close ' + code + ' ' + reason))
    peer.on('error', (error) => log.push('error ' + error.message))
  })
  try {
    await use('ws://127.0.0.1:' + (server.address() as AddressInfo).port + '/', log)
  } finally {
    for (const peer of server.clients) peer.terminate()
    await new Promise((resolve) => server.close(resolve))
  }
}

function digest(text: string): string {
  return text.length + ' characters, ' + createHash('sha256').update(text).digest('hex')
}

const echo = (peer: WebSocket, text: string) => peer.send(text)

start('the demonstration shows the main job, and ends with 0', async () => {
  const { code, out, err } = await run([])
  const shown = out.map((line) =>
    line
      .replace(/ws \S+ on ws:\/\/127\.0\.0\.1:\d+\//, 'ws VERSION on URL')
      .replace(/[\d,]+ bytes minified, [\d,]+ with brotli/, 'N bytes minified, N with brotli')
      .replace(/no piece larger than [\d,]+/, 'no piece larger than N')
      .trimEnd(),
  )
  assert.equal(err, [])
  assert.equal(shown, [
    'server    ws VERSION on URL',
    '',
    'open      whole messages',
    'text      → "Grüße, ring"',
    '          ← "Grüße, ring"',
    'binary    → 00 01 7f 80 ff',
    '          ← 00 01 7f 80 ff',
    'ping      → "are you there?"',
    'pong      ← "are you there?"',
    'ping      ← "and you?"',
    'pong      → "and you?", by itself',
    'close     → 1000 "done"',
    '          ← 1000, clean',
    '',
    'open      fragments, rings of 4,096 bytes each',
    'fragments → "one "',
    '          → "two "',
    '          → "three", final',
    '            the server got one message: "one two three"',
    '          ← "three "',
    '          ← "two "',
    '          ← "one", final',
    'large     → 4,194,304 bytes, 1024 times the send ring',
    '          25 % 50 % 75 % 100 %',
    '            the server got the same bytes',
    '          ← 4,194,304 bytes, 1024 times the receive ring',
    '          25 % 50 % 75 % 100 %',
    '            the same bytes, no piece larger than N',
    'close     → 1000 "done"',
    '          ← 1000, clean',
    '',
    'bundle    N bytes minified, N with brotli',
    'buffers   4,096 bytes to receive, 4,096 to send, for any message size',
  ])
  assert.is(code, 0)
})

start('a session sends lines, prints replies, and closes at the end of the input', () =>
  withServer(echo, async (url, log) => {
    assert.equal(await run([url], 'one\n\nzwölf\nlast, without a line end'), {
      code: 0,
      out: [
        'open      ' + url,
        '←         one',
        '←         ',
        '←         zwölf',
        '←         last, without a line end',
        'close     1000',
      ],
      err: [],
    })
    assert.equal(log, [
      'message one',
      'message ',
      'message zwölf',
      'message last, without a line end',
      'close 1000 ',
    ])
  }),
)

start('all that was typed goes out before the Close frame, however much it is', () =>
  withServer(
    (peer, text) => peer.send(digest(text)),
    async (url, log) => {
      const typed = Array.from({ length: 2000 }, (_, i) => i + ' ' + 'x'.repeat(i % 90))
      // More than the kernel takes at once: sends are refused, and the end of the input comes before the last is.
      for (let i = 0; i < 12; i++) typed.splice(1000 + i, 0, 'ü'.repeat(500000 + i))
      const { code, out, err } = await run([url], typed.join('\n') + '\n')
      assert.equal(err, [])
      assert.is(code, 0)
      assert.equal(
        out.slice(1, -1),
        typed.map((text) => '←         ' + digest(text)),
      )
      assert.is(log.length, typed.length + 1)
      assert.is(log[log.length - 1], 'close 1000 ')
    },
    500,
  ),
)

start('replies that come after the end of the input are printed', () =>
  withServer(
    (peer) => {
      for (let i = 1; i <= 3; i++) peer.send('reply ' + i)
    },
    async (url) => {
      const { code, out } = await run([url], 'go\n')
      assert.equal(out.slice(1), [
        '←         reply 1',
        '←         reply 2',
        '←         reply 3',
        'close     1000',
      ])
      assert.is(code, 0)
    },
  ),
)

start('the commands', () =>
  withServer(echo, async (url, log) => {
    const { code, out, err } = await run(
      [url],
      '/ping abc\n//slash\n/help\n/close 99\n/dance\n/close 4001 good bye\n',
    )
    assert.equal(out.slice(1).sort(), [
      '          /close [code [reason]]    begins the closing handshake, as the end of the input does',
      '          /help                     prints this',
      '          /ping [text]              sends a ping',
      '          a line                    is sent as a text message; // sends one that begins with /',
      'close     4001 good bye',
      'pong      3 bytes: 61 62 63',
      '←         /slash',
    ])
    assert.equal(err, [
      'error     BAD_CLOSE_CODE: 99, expected 1000–1003, 1007–1014 or 3000–4999',
      'error     /dance: no such command; /help lists them',
    ])
    assert.equal(log, ['ping abc', 'message /slash', 'close 4001 good bye'])
    assert.is(code, 0)
  }),
)

start('a message cannot steer the terminal, and binary ones are shown in hexadecimal', () =>
  withServer(
    (peer) => {
      peer.send('\u001b[2Jgone\nnext')
      peer.send(Buffer.from([0, 255]))
    },
    async (url) => {
      const { out } = await run([url], 'go\n')
      assert.equal(out.slice(1, 4), [
        '←         \\u001b[2Jgone',
        '          next',
        '←         2 bytes: 00 ff',
      ])
    },
  ),
)

start('it ends when the server closes, with the input still open', () =>
  withServer(
    (peer) => peer.close(1001, 'going away'),
    async (url) => {
      assert.equal(await run([url], 'go\n', true), {
        code: 0,
        out: ['open      ' + url, 'close     1001 going away'],
        err: [],
      })
    },
  ),
)

start('a violation by the server is one line, and the exit code is 1', () =>
  withServer(
    (peer) =>
      (peer as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
        Buffer.from([0x83, 0]),
      ),
    async (url) => {
      const { code, out, err } = await run([url], 'go\n', true)
      assert.is(err.length, 1)
      assert.match(err[0], /^error {5}RESERVED_OPCODE: at byte \d+$/)
      assert.is(out[1], 'close     1002 RESERVED_OPCODE, not clean')
      assert.is(code, 1)
    },
  ),
)

start('a lost connection is one line, and the exit code is 1', () =>
  withServer(
    (peer) => peer.terminate(),
    async (url) => {
      const { code, err } = await run([url], 'go\n', true)
      assert.is(err.length, 1)
      assert.match(err[0], /^error {5}CONNECTION_(LOST|ENDED): /)
      assert.is(code, 1)
    },
  ),
)

start('a refused connection is one line, and the exit code is 1', async () => {
  // A port that was free a moment ago.
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  assert.equal(await run(['ws://127.0.0.1:' + port + '/'], 'hello\n'), {
    code: 1,
    out: [],
    err: ['error     CONNECT_FAILED: connect ECONNREFUSED 127.0.0.1:' + port],
  })
})

start('a server that speaks no WebSocket is one line, and the exit code is 1', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { code, out, err } = await run(['ws://127.0.0.1:' + port + '/'], 'hello\n')
  server.close()
  assert.equal(
    { code, out, err },
    { code: 1, out: [], err: ['error     BAD_STATUS: 404, expected 101'] },
  )
})

start('a bad URL and a wrong call end with 2', async () => {
  assert.equal(await run(['http://127.0.0.1/']), {
    code: 2,
    out: [],
    err: [
      'error     BAD_URL: http://127.0.0.1, expected ws:// or wss://, a host, a port, printable ASCII, and no fragment',
    ],
  })
  const { code, err } = await run(['--help'])
  assert.match(err[0], /^usage: npm start/)
  assert.is(code, 2)
})

start.run()
