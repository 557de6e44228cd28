import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { randomWords } from '../src/random-words'

const random = suite('randomWords')

random('draws many words at once, gives each out once, and draws again', () => {
  const log: string[] = []
  let fills = 0
  const next = randomWords((bytes) => {
    log.push('fill ' + bytes.length)
    new Int32Array(bytes.buffer).set([fills * 10, fills * 10 + 1, fills * 10 + 2])
    fills++
  }, 3)
  const given: number[] = []
  for (let i = 0; i < 7; i++) {
    given.push(next())
    log.push('word')
  }
  assert.equal(log, [
    ...['fill 12', 'word', 'word', 'word'],
    ...['fill 12', 'word', 'word', 'word'],
    ...['fill 12', 'word'],
  ])
  assert.equal(
    [given.slice(0, 3).sort(), given.slice(3, 6).sort()],
    [
      [0, 1, 2],
      [10, 11, 12],
    ],
  )
})

random('asks for nothing before the first word is needed', () => {
  let fills = 0
  randomWords(() => fills++, 4)
  assert.is(fills, 0)
})

random('words are 32 bits, with their sign', () => {
  const next = randomWords((bytes) => bytes.fill(0xff), 2)
  assert.equal([next(), next()], [-1, -1])
})

random.run()
