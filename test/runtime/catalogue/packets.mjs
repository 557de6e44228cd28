// Frames however the network cuts them.

import { fillPattern, showBytes, toHex } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, connect, open, script, frames } from './cases.mjs'

const { cases, add } = casesOf('packets')

add('takes a frame in the same packet as the response', async (env) => {
  const session = connect(env, frames(env, '81 05 68656c6c6f 82 01 00 88 02 03e8').path)
  await session.closed
  env.equal(session.log, ['open', 'text "hello"', 'binary 00', 'close 1000 "" clean'])
})

add('takes all of it one byte at a time', async (env) => {
  const hex =
    '81 05 68656c6c6f 01 02 c3a9 89 01 70 80 01 21 82 7e 0080' +
    toHex(fillPattern(new Uint8Array(128)))
  const peer = script(env, ['bytewise', { head: GOOD_HEAD }, hex, '88 05 03e8 627965'])
  const session = connect(env, peer.path)
  await session.closed
  env.equal(session.log, [
    'open',
    'text "hello"',
    'ping 70',
    'text "é!"',
    'binary ' + showBytes(fillPattern(new Uint8Array(128))),
    'close 1000 "bye" clean',
  ])
})

add('puts the sends of one turn in one packet', async (env) => {
  const peer = script(env, ['write', { head: GOOD_HEAD }])
  const session = await open(env, peer.path)
  const { socket } = session
  for (let i = 0; i < 20; i++) socket.sendText('message ' + i)
  socket.ping()
  socket.close(1000)
  await session.closed
  const report = await peer.report()
  env.equal(report.frames.length, 22)
  env.equal(report.frames[19], 'text "message 19"')
  env.equal(report.chunks, 1)
})

export { cases as packets }
