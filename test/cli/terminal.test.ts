// On a terminal: a real one, made by Python's pty, and what it shows in the end.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandFor, echo, withServer } from '../support/command-line'
import { Screen } from '../support/screen'

const terminal = suite('command line on a terminal')

/** Runs its arguments on a terminal, and ends with their exit code. */
const PTY = `
import os, pty, sys
command = ['sh', '-c', 'stty cols 200 rows 50; exec "$@"', 'sh']
sys.exit(os.waitstatus_to_exitcode(pty.spawn(command + sys.argv[1:])))
`
const CONTROL_C = '\x03'
const CONTROL_D = '\x04'
const UP = '\x1b[A'
const LEFT = '\x1b[D'
const GREETING = '/help lists the commands, Ctrl+D closes'

class Terminal {
  private readonly _child: ChildProcessWithoutNullStreams
  private readonly _screen = new Screen()
  private _changed: () => void = () => {}
  private _fail: (error: Error) => void = () => {}

  constructor(args: string[]) {
    this._child = spawn('python3', ['-c', PTY, ...args], {
      env: { ...process.env, TERM: 'xterm' },
    })
    this._child.stdout.setEncoding('utf8').on('data', (text) => {
      this._screen.write(text)
      this._changed()
    })
    // What Python has to complain of.
    this._child.stderr.setEncoding('utf8').on('data', (text) => this._screen.write(text))
    this._child.stdin.on('error', () => undefined)
  }

  get lines(): string[] {
    return this._screen.lines
  }

  type(text: string): void {
    this._child.stdin.write(text)
  }

  /** Waits until what is shown fits; the deadline is for what never comes. */
  async until(fits: (text: string) => boolean): Promise<void> {
    const shown = () => this.lines.join('\n').trimEnd()
    const deadline = setTimeout(() => {
      this._child.kill()
      this._fail(new Error('this is shown:\n' + shown()))
    }, 20000)
    const never = new Promise<void>((_, reject) => {
      this._fail = reject
    })
    while (!fits(shown())) {
      const change = new Promise<void>((resolve) => {
        this._changed = resolve
      })
      await Promise.race([change, never])
    }
    clearTimeout(deadline)
  }

  /** Waits until these are the last lines. */
  endsWith(...lines: string[]): Promise<void> {
    return this.until((text) => ('\n' + text).endsWith('\n' + lines.join('\n')))
  }

  /** Types, then a key, and waits until the cursor is in `column`: readline takes keys that come at once for a paste. */
  async edit(text: string, key: string, column: number): Promise<void> {
    this.type(text)
    await this.endsWith('> ' + text)
    this.type(key)
    await this.until(() => this._screen.column === column)
  }

  /** Types a line, and waits for what it leads to, with the prompt behind it. */
  enter(text: string, ...shown: string[]): Promise<void> {
    this.type(text + '\r')
    return this.endsWith(...shown, '>')
  }

  async end(): Promise<number> {
    if (this._child.exitCode !== null) return this._child.exitCode
    const [code] = await once(this._child, 'close')
    return code
  }
}

terminal('lines are sent, messages are printed above the prompt, Ctrl+D closes', () =>
  withServer(echo, async (url, log) => {
    const screen = new Terminal(commandFor([url]))
    await screen.endsWith('>')
    await screen.enter('hello', '< hello')
    await screen.enter('', '<')
    await screen.enter('Grüße 😀', '< Grüße 😀')
    screen.type(CONTROL_D)
    assert.is(await screen.end(), 0)
    assert.equal(screen.lines, [
      `open   ${url}   ${GREETING}`,
      '> hello',
      '< hello',
      '>',
      '<',
      '> Grüße 😀',
      '< Grüße 😀',
      '>',
      'close  1000',
      '',
    ])
    assert.equal(log, ['text hello', 'text ', 'text Grüße 😀', 'close 1000'])
  }),
)

terminal('the line can be edited, and earlier ones come back', () =>
  withServer(echo, async (url, log) => {
    const screen = new Terminal(commandFor([url]))
    await screen.endsWith('>')
    await screen.edit('helo', LEFT, '> helo'.length - 1)
    screen.type('l')
    await screen.endsWith('> hello')
    await screen.enter('', '< hello')
    await screen.enter('second', '< second')
    screen.type(UP)
    await screen.endsWith('> second')
    await screen.enter(UP, '< hello')
    screen.type(CONTROL_D)
    assert.is(await screen.end(), 0)
    assert.equal(log, ['text hello', 'text second', 'text hello', 'close 1000'])
  }),
)

terminal('a message leaves what is being typed as it is', () => {
  let say: (text: string) => void
  return withServer(
    (peer) => {
      say = (text) => peer.send(text)
    },
    async (url, log) => {
      const screen = new Terminal(commandFor([url]))
      await screen.endsWith('>')
      await screen.edit('half a line', LEFT, '> half a line'.length - 1)
      say('short')
      await screen.endsWith('< short', '> half a line')
      screen.type('n')
      await screen.endsWith('> half a linne')
      screen.type('\r')
      while (!log.length) await new Promise(setImmediate)
      screen.type(CONTROL_D)
      assert.is(await screen.end(), 0)
      assert.equal(screen.lines.slice(1, 3), ['< short', '> half a linne'])
      assert.equal(log, ['text half a linne', 'close 1000'])
    },
  )
})

terminal('the commands, and what is wrong with some', () =>
  withServer(echo, async (url, log) => {
    const screen = new Terminal(commandFor([url]))
    await screen.endsWith('>')
    await screen.enter('/ping abc', 'pong   3 bytes: 61 62 63')
    await screen.enter('//slash', '< /slash')
    await screen.enter('/help', '/help                     prints this')
    await screen.enter('/dance', 'error  /dance: no such command; /help lists them')
    await screen.enter(
      '/close 99',
      'error  BAD_CLOSE_CODE: 99, expected 1000–1003, 1007–1014 or 3000–4999',
    )
    await screen.enter(
      '/ping ' + 'x'.repeat(126),
      'error  BAD_PING: 126 bytes, expected 125 at most',
    )
    screen.type('/close 4001 good bye\r')
    assert.is(await screen.end(), 0)
    assert.equal(screen.lines.slice(-2), ['close  4001 good bye', ''])
    assert.equal(log, ['ping abc', 'text /slash', 'close 4001 good bye'])
  }),
)

terminal('a message cannot steer the terminal, and binary ones are shown in hexadecimal', () =>
  withServer(
    (peer) => {
      peer.send('\u001b[2Jgone\nnext\r\u202e')
      peer.send(Buffer.alloc(33, 0xab))
      peer.send(Buffer.alloc(0))
      peer.close(4000, '\u001b[2J')
    },
    async (url) => {
      const screen = new Terminal(commandFor([url]))
      assert.is(await screen.end(), 6)
      assert.equal(screen.lines.slice(1), [
        '< \\u001b[2Jgone',
        '  next\\u000d\\u202e',
        'binary 33 bytes:' + ' ab'.repeat(32) + ' …',
        'binary 0 bytes',
        'close  4000 \\u001b[2J',
        '',
      ])
    },
  ),
)

terminal(
  'pings and pongs are printed where it is asked for; the first prompt comes behind them',
  () =>
    withServer(
      (peer) => {
        peer.ping('p')
        peer.pong('q')
      },
      async (url) => {
        const screen = new Terminal(commandFor(['-P', '--ping', '1000', url]))
        await screen.endsWith('>')
        while (!screen.lines.includes('pong   1 bytes: 71')) await new Promise(setImmediate)
        assert.ok(screen.lines.includes('ping   1 bytes: 70'))
        screen.type(CONTROL_D)
        assert.is(await screen.end(), 0)
      },
    ),
)

terminal('--binary sends what is typed as binary messages', () =>
  withServer(echo, async (url, log) => {
    const screen = new Terminal(commandFor(['--binary', url]))
    await screen.endsWith('>')
    await screen.enter('ab', 'binary 2 bytes: 61 62')
    screen.type(CONTROL_D)
    assert.is(await screen.end(), 0)
    assert.equal(log, ['binary 6162', 'close 1000'])
  }),
)

terminal('Ctrl+C closes, and the exit code is 130', () =>
  withServer(echo, async (url, log) => {
    const screen = new Terminal(commandFor([url]))
    await screen.endsWith('>')
    screen.type('half' + CONTROL_C)
    assert.is(await screen.end(), 130)
    assert.equal(screen.lines.slice(1), ['close  1000', ''])
    assert.equal(log, ['close 1000'])
  }),
)

terminal('the server ends it while a line is being typed', () => {
  let close: () => void
  return withServer(
    (peer) => {
      close = () => peer.terminate()
    },
    async (url) => {
      const screen = new Terminal(commandFor([url]))
      await screen.endsWith('>')
      screen.type('half')
      await screen.endsWith('> half')
      close()
      assert.is(await screen.end(), 7)
      assert.match(screen.lines[1], /^error {2}CONNECTION_(ENDED|LOST): /)
      assert.match(screen.lines[2], /^close {2}1006 CONNECTION_(ENDED|LOST), not clean$/)
    },
  )
})

terminal('a transfer to a file shows how far it is; other output does not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ringlet-cli-'))
  const file = join(directory, 'input')
  const quoted = (args: string[]) => args.map((text) => `'${text}'`).join(' ')
  writeFileSync(file, Buffer.alloc(1_234_567))
  try {
    let go: () => void
    let isQuiet = false
    await withServer(
      (peer) => {
        peer.pause()
        go = () => peer.resume()
        // Long enough for a line to be shown.
        if (isQuiet) setTimeout(go, 1200)
      },
      async (url) => {
        const run = (...args: string[]) =>
          new Terminal([
            'sh',
            '-c',
            `${quoted(commandFor(['-b', ...args, url]))} < '${file}' | cat`,
          ])
        const screen = run()
        await screen.until((text) =>
          /^sent [\d,]+ of 1,234,567 bytes, received 0, \d+\.\d MB\/s$/.test(text),
        )
        go()
        assert.is(await screen.end(), 0)
        assert.is(screen.lines.length, 2)
        assert.match(
          screen.lines[0],
          /^sent 1,234,567 of 1,234,567 bytes, received 0, \d+\.\d MB\/s$/,
        )
        isQuiet = true
        const quiet = run('--no-progress')
        assert.is(await quiet.end(), 0)
        assert.equal(quiet.lines, [''])
      },
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
})

terminal.run()
