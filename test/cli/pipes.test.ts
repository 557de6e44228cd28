// Standard input and output as pipes: what goes to the server, what comes out, and how it ends.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandFor, echo, ended, launch, run, withServer } from '../support/command-line'

const pipes = suite('command line in a pipe')

pipes('each line is a text message, with either line end, and so is each answer', () =>
  withServer(echo, async (url, log) => {
    assert.equal(
      await run([url], 'one\r\ntwo\n\n/help\nzwölf\u2028\rx\nlast, without a line end'),
      {
        code: 0,
        out: 'one\ntwo\n\n/help\nzwölf\u2028\rx\nlast, without a line end\n',
        err: '',
      },
    )
    assert.equal(log, [
      'text one',
      'text two',
      'text ',
      'text /help',
      'text zwölf\u2028\rx',
      'text last, without a line end',
      'close 1000',
    ])
  }),
)

pipes('a wait that is longer than a timer takes is not over at once', () =>
  withServer(
    (peer) => setTimeout(() => peer.close(1000), 300),
    async (url, log) => {
      assert.equal(await run(['--wait', '3000000', url], ''), { code: 0, out: '', err: '' })
      assert.equal(log, ['close 1000'])
    },
  ),
)

pipes('a line that is larger than any buffer is one message, and comes back as one line', () =>
  withServer(echo, async (url, log) => {
    const line = 'ü'.repeat(5000000)
    const { code, out, err } = await run([url], `before\n${line}\r\nafter\n`)
    assert.ok(out === `before\n${line}\nafter\n`)
    assert.equal([code, err], [0, ''])
    assert.equal(log, ['text before', 'text 10000000 bytes', 'text after', 'close 1000'])
  }),
)

pipes(
  'all lines go out before the Close frame, whole and in order, also where the server is slow',
  () => {
    const lines = Array.from({ length: 2000 }, (_, i) => i + ' ' + 'x'.repeat(i % 90))
    // More than the kernel takes at once.
    for (let i = 0; i < 12; i++) lines.splice(1000 + i, 0, 'ü'.repeat(500000 + i))
    const text = lines.join('\n') + '\n'
    return withServer(
      (peer) => {
        echo(peer, [])
        peer.pause()
        setTimeout(() => peer.resume(), 500)
      },
      async (url, log) => {
        const { code, out, err } = await run([url], text)
        assert.equal([code, err], [0, ''])
        assert.ok(out === text)
        assert.is(log.length, lines.length + 1)
      },
    )
  },
)

pipes('text that is not UTF-8 is not sent, and the line is told', () =>
  withServer(echo, async (url, log) => {
    const bad = Buffer.from('one\nt\xffo\nthree\n', 'latin1')
    assert.equal(await run([url], bad, true), {
      code: 2,
      out: 'one\n',
      err: 'ringlet: input: line 2 is not UTF-8, as text must be; --binary sends any bytes\n',
    })
    assert.equal(log, ['text one', 'close 1007'])
  }),
)

pipes('the same in the middle of a large line', () =>
  withServer(echo, async (url, log) => {
    const { code, out, err } = await run([url], Buffer.alloc(1 << 20, 0xff), true)
    assert.equal([code, out], [2, ''])
    assert.match(err, /^ringlet: input: line 1 is not UTF-8/)
    assert.equal(log, ['close 1007'])
  }),
)

pipes('--binary sends what is read as it is, and writes no line ends', () =>
  withServer(
    (peer) => {
      let size = 0
      peer.on('message', (bytes, isBinary) => {
        assert.ok(isBinary)
        peer.send(bytes)
        if ((size += (bytes as Buffer).length) === 100002) peer.send('text, too')
      })
    },
    async (url) => {
      const bytes = Buffer.alloc(100002, 'a\r\n')
      const { code, out, err } = await run(['--binary', url], bytes)
      assert.equal([code, err], [0, ''])
      assert.ok(out === bytes + 'text, too')
    },
  ),
)

pipes('--single-message sends all of the input as one, of either kind', () =>
  withServer(
    (peer) => peer.on('message', (_, isBinary) => peer.send(isBinary ? 'binary' : 'text')),
    async (url, log) => {
      assert.is((await run(['--single-message', url], 'a\nb\n'.repeat(100000))).out, 'text\n')
      assert.is((await run(['--single-message', '-b', url], '')).out, 'binary')
      assert.equal(log, ['text 400000 bytes', 'close 1000', 'binary ', 'close 1000'])
    },
  ),
)

pipes('answers that come after the end of the input are written', () =>
  withServer(
    (peer) => peer.on('message', () => ['1', '2', '3'].forEach((text) => peer.send(text))),
    async (url) => assert.is((await run([url], 'go\n')).out, '1\n2\n3\n'),
  ),
)

pipes('--wait, --messages and --no-close wait for answers that take their time', () =>
  withServer(
    (peer) =>
      peer.on('message', async (bytes) => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        for (let i = 1; i <= 3; i++) peer.send(bytes + ' ' + i)
        if (String(bytes) === 'close') setTimeout(() => peer.close(), 50)
      }),
    async (url, log) => {
      assert.is((await run(['--wait', '2', url], 'go\n')).out, 'go 1\ngo 2\ngo 3\n')
      assert.equal(log.splice(0), ['text go', 'close 1000'])
      const counted = await run(['--messages', '2', url], 'go\n')
      assert.equal(counted, { code: 0, out: 'go 1\ngo 2\n', err: '' })
      const left = await run(['--no-close', url], 'close\n')
      assert.equal(left, { code: 0, out: 'close 1\nclose 2\nclose 3\n', err: '' })
      assert.equal(log, ['text go', 'close 1000', 'text close', 'close 1005'])
    },
  ),
)

pipes('--json is a line for each event', () =>
  withServer(
    (peer) => {
      peer.ping('p')
      peer.on('message', (bytes, isBinary) => {
        if (isBinary) return
        peer.send(bytes + '\n"')
        peer.send(Buffer.of(0, 255))
        peer.pong('q')
        peer.close(4001, 'enough')
      })
    },
    async (url) => {
      const { code, out, err } = await run(
        ['--json', '-s', 'one', '-s', 'two', '--compress', url],
        'hi\n',
        true,
      )
      assert.equal(
        out
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
        [
          { event: 'open', url, protocol: 'one', extensions: 'permessage-deflate' },
          { event: 'ping', base64: 'cA==' },
          { event: 'text', text: 'hi\n"' },
          { event: 'binary', base64: 'AP8=' },
          { event: 'pong', base64: 'cQ==' },
          { event: 'close', code: 4001, reason: 'enough', wasClean: true },
        ],
      )
      assert.equal([code, err], [6, ''])
    },
    { perMessageDeflate: { serverNoContextTakeover: false } },
  ),
)

pipes('pings and pongs are told where it is asked for', () =>
  withServer(
    (peer) => {
      peer.ping('abc')
      peer.pong()
      peer.on('message', () => peer.close(1000))
    },
    async (url) => {
      assert.equal(await run(['-P', url], 'go\n', true), {
        code: 0,
        out: '',
        err: 'ringlet: ping, 3 bytes\nringlet: pong, 0 bytes\n',
      })
      assert.is((await run([url], 'go\n', true)).err, '')
    },
  ),
)

pipes('--ping sends them, and the server answers', () =>
  withServer(
    (peer) => {
      let pings = 0
      peer.on('ping', () => ++pings === 2 && peer.close(1000))
    },
    async (url, log) => {
      assert.equal(await run(['--ping', '0.05', url], '', true), { code: 0, out: '', err: '' })
      assert.equal(log, ['ping ', 'ping ', 'close 1000'])
    },
  ),
)

pipes('SIGINT and SIGTERM close, and the exit code tells', () =>
  withServer(
    (peer) => peer.send('ready'),
    async (url, log) => {
      for (const [signal, code] of [
        ['SIGINT', 130],
        ['SIGTERM', 143],
      ] as const) {
        const child = launch([url])
        child.stdout.once('data', () => child.kill(signal))
        assert.equal(await ended(child), { code, out: 'ready\n', err: '' })
      }
      assert.equal(log, ['close 1000', 'close 1000'])
    },
  ),
)

pipes('a second SIGINT ends it at once, whatever is stuck', () =>
  withServer(
    (peer) => {
      // Does not read the Close frame, and sends more than anybody takes.
      const { _socket: socket } = peer as unknown as { _socket: NodeJS.Socket }
      peer.send(Buffer.alloc(1 << 24))
      socket.pause()
    },
    async (url) => {
      const child = launch(['-b', url])
      // A pipe that nobody reads any more.
      await once(child.stdout, 'readable')
      child.kill('SIGINT')
      const again = setInterval(() => child.kill('SIGINT'), 100)
      const [code, signal] = await once(child, 'exit')
      clearInterval(again)
      assert.equal([code, signal], [130, null])
    },
  ),
)

for (const args of [[], ['--json']]) {
  pipes('it ends quietly when nobody reads its output any more ' + args, () =>
    withServer(
      (peer) => {
        const send = () => peer.readyState === 1 && peer.send('x'.repeat(1000), send)
        send()
      },
      async (url, log) => {
        const child = launch([...args, url])
        child.stdout.once('data', () => child.stdout.destroy())
        let err = ''
        child.stderr.on('data', (text) => (err += text))
        const [code] = await once(child, 'exit')
        assert.equal([code, err], [0, ''])
        assert.equal(log, ['close 1000'])
      },
    ),
  )
}

for (const options of [[], ['--messages', '1']]) {
  pipes('output that fails is told, and ends with 1 ' + options, () =>
    withServer(
      (peer) => peer.send('x'),
      async (url, log) => {
        const [file, ...args] = commandFor([...options, url])
        const full = openSync('/dev/full', 'w')
        const child = spawn(file, args, { stdio: ['pipe', full, 'pipe'] })
        let err = ''
        child.stderr!.on('data', (text) => (err += text))
        const [code] = await once(child, 'close')
        assert.match(err, /^ringlet: output: ENOSPC/)
        assert.is(code, 1)
        assert.equal(log, ['close 1000'])
      },
    ),
  )
}

for (const option of ['--help', '--version']) {
  pipes(option + ' into output that fails, or that nobody reads', async () => {
    const [file, ...args] = commandFor([option])
    const end = async (child: ChildProcess) => {
      let err = ''
      child.stderr!.on('data', (text) => (err += text))
      const [code] = await once(child, 'close')
      return [code, err]
    }
    const full = openSync('/dev/full', 'w')
    const [code, err] = await end(spawn(file, args, { stdio: ['ignore', full, 'pipe'] }))
    closeSync(full)
    assert.match(err, /^ringlet: output: ENOSPC[^\n]*\n$/)
    assert.is(code, 1)
    const unread = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    unread.stdout.destroy()
    assert.equal(await end(unread), [0, ''])
  })
}

pipes.run()
