// `npm start`, both ways, as processes with pipes: the demonstration, and the command line.
// The bundle was built by `npm test`.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { echo, runScript, withServer } from './support/command-line'

const start = suite('npm start')
const run = (args: string[], input?: string) => runScript('scripts/start.mjs', args, input)

start('the demonstration shows the main job, and ends with 0', async () => {
  const { code, out, err } = await run([])
  const shown = out.split('\n').map((line) =>
    line
      .replace(/ws \S+ on ws:\/\/127\.0\.0\.1:\d+\//, 'ws VERSION on URL')
      .replace(/[\d,]+ bytes minified, [\d,]+ with brotli/, 'N bytes minified, N with brotli')
      .replace(/no piece larger than [\d,]+/, 'no piece larger than N')
      .trimEnd(),
  )
  assert.is(err, '')
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
    '',
  ])
  assert.is(code, 0)
})

start('with a URL it is the command line, with its options and exit codes', () =>
  withServer(echo, async (url, log) => {
    assert.equal(await run([url, '--subprotocol', 'x'], 'one\ntwo'), {
      code: 0,
      out: 'one\ntwo\n',
      err: '',
    })
    assert.equal(log, ['text one', 'text two', 'close 1000'])
    const { code, err } = await run(['--dance'])
    assert.is(code, 2)
    assert.match(err, /^ringlet: Unknown option '--dance'\n/)
  }),
)

start.run()
