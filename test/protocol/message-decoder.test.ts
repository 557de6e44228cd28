import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { expectLog } from '../support/log'
import { NO_LIMITS, runMessages } from '../support/message-run'
import { arrivals } from '../support/pieces'
import { wire } from '../support/wire'
import { messageVectors } from '../vectors/message-decoder'

const messageDecoder = suite('MessageDecoder')
const WHOLE = { name: 'whole', sizes: [Infinity], offset: 0, isHalting: false }

for (const { name, in: text, fragments, whole, limits } of messageVectors) {
  const input = wire(text)
  messageDecoder(name, () => {
    for (const isWhole of [false, true]) {
      const expected = isWhole ? whole : fragments
      for (const capacity of [256, 4096]) {
        for (const arrival of arrivals(input.length, capacity === 256 ? 256 : 1)) {
          const run = runMessages(input, arrival, capacity, isWhole, { ...NO_LIMITS, ...limits })
          const how =
            (isWhole ? 'whole' : 'fragments') + ', ring of ' + capacity + ', ' + arrival.name
          expectLog(run.lines, expected, how)
        }
      }
    }
  })
}

messageDecoder('takes no memory in fragment mode, whatever the size', () => {
  const input = wire('82 7f 00 00 00 00 00 01 00 00 2a*65536')
  const { lines, allocated } = runMessages(input, WHOLE, 256, false, NO_LIMITS)
  assert.equal([lines, allocated], [['binary @10 2a*65536 final'], []])
})

messageDecoder('takes no memory for whole messages that lie in the ring', () => {
  const input = wire(Array.from({ length: 40 }, () => '01 32 2a*50 80 32 2b*50').join(' '))
  for (const arrival of arrivals(input.length, 1)) {
    assert.equal(runMessages(input, arrival, 512, true, NO_LIMITS).allocated, [], arrival.name)
  }
})

messageDecoder('takes memory as octets arrive, not as a header announces them', () => {
  const input = wire('82 7f 00 00 00 00 40 00 00 00 2a*600')
  const { lines, allocated } = runMessages(input, WHOLE, 256, true, {
    ...NO_LIMITS,
    maxMessageSize: 2 ** 30,
  })
  assert.equal([lines, allocated], [[], [512, 1024]])
})

messageDecoder('takes no more than the largest message and the room for control frames', () => {
  const input = wire(
    '02 7e 03 e8 01*1000 00 7e 03 e8 02*1000 89 7d 03*125 80 7e 03 e8 04*1000 82 01 05',
  )
  for (const arrival of arrivals(input.length, 256)) {
    const limits = { ...NO_LIMITS, maxMessageSize: 3000 }
    const { lines, allocated } = runMessages(input, arrival, 256, true, limits)
    assert.equal(
      [lines, allocated],
      [
        ['ping @2010 03*125', 'message binary 01*1000 02*1000 04*1000', 'message binary 05'],
        [512, 1024, 2048, 3254],
      ],
      arrival.name,
    )
  }
})

messageDecoder(
  'a ring that has grown past the largest message grows no further than to its bound',
  () => {
    const input = wire('02 7e 03 e8 01*1000 89 7d 03*125 80 00')
    for (const arrival of arrivals(input.length, 1)) {
      const limits = { ...NO_LIMITS, maxMessageSize: 1000 }
      const { lines, allocated } = runMessages(input, arrival, 512, true, limits)
      assert.equal(lines, ['ping @1006 03*125', 'message binary 01*1000'], arrival.name)
      assert.ok(Math.max(...allocated) <= 1254, arrival.name + ' took ' + allocated)
    }
  },
)

messageDecoder.run()
