// A few thousand streams of each kind in every run of the tests; `npm run fuzz` goes on for as long as you like.

import { runInNewContext } from 'node:vm'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { randomFrom } from '../deflate/random'
import { withCounters } from './counters.mjs'
import { Guide } from './guide'
import { fuzz, TARGETS } from './loop'

const fuzzing = suite('fuzzing')
const STREAMS: Record<string, number> = {
  frames: 6000,
  messages: 4000,
  handshake: 4000,
  deflate: 400,
  client: 1500,
}

for (const target of Object.keys(TARGETS)) {
  fuzzing(target + ': no disagreement with the reference', async () => {
    const { failure, summary } = await fuzz({
      targets: [target],
      streams: STREAMS[target],
      milliseconds: 60000,
      say: () => {},
    })
    console.log(target + ', ' + summary)
    assert.is(failure, '')
  })
}

fuzzing('a seed makes the same streams again', async () => {
  const lines: string[] = []
  for (let times = 0; times < 2; times++) {
    const options = { targets: ['messages', 'client'], seed: 7, streams: 100, milliseconds: 60000 }
    await fuzz({ ...options, say: (line) => lines.push(line) })
  }
  assert.equal(lines.slice(0, 3), lines.slice(3))
})

/** Five doors, each behind the one before, one in 30 of which opens by chance: 24 million cases without a guide. */
fuzzing('a guide finds what chance does not', () => {
  const counters = new Uint32Array(8)
  const guide = new Guide(counters, randomFrom(1))
  let opened = 0
  let cases = 0
  for (; opened < 5 && cases < 50000; cases++) {
    const random = guide.next('doors')
    for (opened = 0; opened < 5 && random(30) === 17; ) counters[opened++]++
    guide.learn('doors')
  }
  assert.is(opened, 5)
  // The same choices lead there again.
  const random = new Guide(counters, randomFrom(2)).replay(guide.choices)
  for (let i = 0; i < 5; i++) assert.is(random(30), 17)
})

fuzzing('counters change nothing, and tell which way the program goes', () => {
  const { code, count } = withCounters(
    'const f = (a, b) => { if (a) return b ? 1 : 2; else if (b) return 3\n' +
      'for (let i = 0; i < 2; i++) a = (a && b) || i; switch (b) { case 0: return () => ({ a }) } }; f',
    0,
  )
  const counters = new Uint32Array(16)
  const taken = (a: number, b: number) => {
    counters.fill(0)
    const f = runInNewContext(code, { $counters: counters, Uint32Array })
    const result = f(a, b)
    return [typeof result === 'function' ? result().a : result, String(counters.slice(0, count))]
  }
  const found = [
    [1, 1],
    [1, 0],
    [0, 1],
    [0, 0],
  ].map(([a, b]) => taken(a, b))
  assert.equal(
    found.map(([result]) => result),
    [1, 2, 3, 1],
  )
  assert.is(new Set(found.map(([, counts]) => counts)).size, 4)
})

fuzzing.run()
