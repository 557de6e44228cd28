// The short form of `npm run soak`, and that a soak notices what goes wrong.

import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { built } from '../runtime/built'
import { makeMessage, numbersFrom, signatureOf } from './messages.mjs'
import { type Heard, Traffic } from './traffic.mjs'

await built()
const soak = suite('soak')

soak('the short form passes', async () => {
  const script = fileURLToPath(new URL('run.mjs', import.meta.url))
  const output = await new Promise<string>((done) =>
    execFile(process.execPath, [script, '--quick'], (_, out, err) => done(out + err)),
  )
  assert.match(output, /\n4 passed, 0 failed\n$/, output)
})

soak('a message is the same for whoever makes it, and tells itself apart from the next', () => {
  const [one, other] = [numbersFrom(7), numbersFrom(7)]
  const signatures = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const message = makeMessage(one, 65536)
    assert.equal(makeMessage(other, 65536), message)
    const bytes = message.bytes || Buffer.from(message.text!)
    signatures.add(signatureOf(message.bytes ? 2 : 1, bytes, 0, bytes.length))
  }
  assert.ok(signatures.size > 180, signatures.size + ' of 200')
})

/** What a soak says of a connection whose server is `act`: it gets the handlers. */
function problemsOf(act: (handlers: Heard) => void): string[] {
  const traffic = new Traffic({
    url: '',
    connections: 1,
    pace: 1,
    largest: 100,
    utf8: (text: string) => Buffer.from(text),
    setTimeout(callback: () => void) {
      if (!traffic.counts.connects) callback()
    },
    connect(_: string, handlers: Heard) {
      queueMicrotask(() => act(handlers))
      return {
        readyState: 1,
        sendText: () => true,
        sendBinary: () => true,
        sendFragment: () => true,
        ping: () => true,
        pause() {},
        resume() {},
      }
    },
  })
  traffic.start()
  return traffic.problems
}

for (const [name, act, expected] of [
  [
    'a message that nobody sent',
    (handlers: Heard) => {
      // Whichever way of delivery this connection has.
      if (handlers.onText) handlers.onText('strange')
      else handlers.onFragment!(Buffer.from('strange'), 0, 7, 1, true)
    },
    /^got 1: 7 bytes, sum \w+, expected /,
  ],
  [
    'a pong that nobody asked for',
    (handlers: Heard) => handlers.onPong([1], 0, 1),
    /^got pong 01, /,
  ],
  [
    'an end that must not come',
    (handlers: Heard) => handlers.onClose(1006, 'PONG_TIMEOUT', false),
    /: close 1006 "PONG_TIMEOUT" false$/,
  ],
  [
    'an end that is told twice',
    (handlers: Heard) => {
      handlers.onClose(1000, 'done', true)
      handlers.onClose(1000, 'done', true)
    },
    /^onClose came twice: /,
  ],
] as const) {
  soak('notices ' + name, async () => {
    const problems = problemsOf(act)
    await new Promise((done) => setTimeout(done, 0))
    assert.match(problems[problems.length - 1] || 'nothing', expected)
  })
}

soak.run()
