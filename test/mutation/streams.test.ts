// Streams of the fuzzer from fixed seeds, in small portions: most mutants die of the first.

import { suite } from 'uvu'
import { randomFrom } from '../deflate/random'
import { TARGETS } from '../fuzz/loop'

const streams = suite('streams of fixed seeds')

const PORTIONS: Record<string, [portions: number, size: number]> = {
  frames: [6, 200],
  messages: [10, 150],
  handshake: [8, 100],
  deflate: [10, 40],
  client: [10, 40],
}

for (const [target, [portions, size]] of Object.entries(PORTIONS)) {
  for (let portion = 0; portion < portions; portion++) {
    streams(target + ' ' + portion, () => {
      for (let seed = portion * size; seed < (portion + 1) * size; seed++)
        TARGETS[target](randomFrom(seed))
    })
  }
}

streams.run()
