// A message that breaks a limit in the four octets that its sender has left off: one violation, and nothing after it.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deflate } from '../../src/deflate/deflate'
import { frame } from '../support/frames'
import { bits } from './bits'
import { Receiving } from './receiving'

const tail = suite('the tail of a message')

/** A stored block of 256 octets, whose last four look like those that are left off: its output ends in the tail. */
const cut = bits().stored(new Uint8Array(256)).bytes().subarray(0, -4)

function run(opcode: number, isWhole: boolean, maxInflatedSize: number): string[] {
  const log: string[] = []
  const receiving = new Receiving(
    {
      extension: deflate({ maxInflatedSize }),
      answer: 'permessage-deflate; server_max_window_bits=8',
      isWhole,
    },
    {
      onSpan: (_bytes, start, end, kind, final) =>
        log.push(kind + ' ' + (end - start) + (final ? ' final' : '')),
      onViolation: (id, code) => log.push(id + ' ' + code),
    },
  )
  receiving.receive(frame(opcode, cut, true, 4), () => Infinity)
  return log
}

tail('has the end of the message', () => {
  assert.equal(run(2, false, 1000), ['2 256', '2 0 final'])
})

for (const isWhole of [false, true]) {
  tail('too big, ' + (isWhole ? 'whole' : 'in fragments'), () => {
    assert.equal(run(2, isWhole, 100), ['MESSAGE_TOO_BIG 1009'])
  })
  tail('not UTF-8, ' + (isWhole ? 'whole' : 'in fragments'), () => {
    assert.equal(run(1, isWhole, 1000), ['INVALID_UTF8 1007'])
  })
}

tail.run()
