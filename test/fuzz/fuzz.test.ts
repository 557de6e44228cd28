// A few thousand streams of each kind in every run of the tests; `npm run fuzz` goes on for as long as you like.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
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

fuzzing.run()
