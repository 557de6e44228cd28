// A peer that sends control frames without end, faster than they can be read.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { withoutOnread } from '../runtime/peers.mjs'
import { GOOD_HEAD } from '../runtime/session.mjs'
import { env, peers, start } from './harness'

const floods = suite('flood')

floods('more than maxControlFrames in a row fail the connection', async () => {
  const steps = [['write', { head: GOOD_HEAD }, { times: 50000, hex: '8a00' }]]
  const url = env.url('/raw?key=flood&steps=' + encodeURIComponent(JSON.stringify(steps)))
  const options = { createConnection: withoutOnread, receiveBuffer: 256, maxControlFrames: 1000 }
  const session = start(url, options)
  await session.closed
  const pongs = session.log.filter((line) => line === 'pong empty').length
  assert.ok(pongs >= 1000 && pongs < 50000, pongs + ' pongs')
  const rest = session.log.filter((line) => line !== 'pong empty')
  assert.equal(
    rest.map((line) => line.split(' @')[0]),
    ['open', 'error TOO_MANY_CONTROL_FRAMES 1008', 'close 1008 "TOO_MANY_CONTROL_FRAMES" unclean'],
  )
})

floods.after(() => peers.stop())
floods.run()
