// An extension over a real socket: what is agreed, and what of the peer's part in it is refused.

import { suite } from 'uvu'
import { built } from '../runtime/built'
import { GOOD_HEAD } from '../runtime/session.mjs'
import { ends, env, peers, start } from './harness'

const extended = suite('extensions')
await built()
const bundle = new URL('../../dist/deflate.js', import.meta.url).href
const { deflate } = (await import(bundle)) as typeof import('../../src/deflate/deflate')

/** A connection with permessage-deflate offered, to a peer that answers with `answer` and `frames`. */
function agreeing(answer: string, frames: string) {
  const accept = 'Sec-WebSocket-Accept: $ACCEPT\r\n'
  const head = GOOD_HEAD.replace(accept, accept + 'Sec-WebSocket-Extensions: ' + answer + '\r\n')
  const steps = encodeURIComponent(JSON.stringify([['write', { head }, frames]]))
  const url = env.url('/raw?key=extensions&steps=' + steps)
  return start(url, { extensions: [deflate()] }, { head })
}

extended('the example of RFC 7692 section 7.2.3.1', async () => {
  await ends(agreeing('permessage-deflate', 'c1 07 f248cdc9c90700 88 00'), [
    'open',
    'text "Hello"',
    'close 1005 "" clean',
  ])
})

extended('RSV1 in the second frame of a message', async () => {
  await ends(agreeing('permessage-deflate', '41 03 f248cd c0 04 c9c90700'), [
    'open',
    'error RESERVED_BITS 1002 @5',
    'close 1002 "RESERVED_BITS" unclean',
  ])
})

extended('a block of the type that does not exist', async () => {
  const session = agreeing('permessage-deflate', 'c1 03 070000 81 01 78')
  await session.closed
  // The offset is that of the span that was being inflated.
  env.equal(
    session.log.map((line) => line.split(' @')[0]),
    ['open', 'error INVALID_DEFLATE 1007', 'close 1007 "INVALID_DEFLATE" unclean'],
  )
})

for (const answer of [
  'permessage-deflate; unheard_of',
  'permessage-deflate, permessage-deflate',
  'permessage-deflate, x',
  'permessage-deflate; client_max_window_bits=16',
  'x-webkit-deflate-frame',
]) {
  extended('an answer that does not fit the offer: ' + answer, async () => {
    const session = agreeing(answer, '81 01 78')
    await session.closed
    env.equal(
      session.log.map((line) => line.split(' head@')[0]),
      ['error BAD_EXTENSIONS 1006', 'close 1006 "BAD_EXTENSIONS" unclean'],
    )
  })
}

extended.after(() => peers.stop())
extended.run()
