// Ping and pong, RFC 6455 section 5.5.

import { fillPattern, fromHex, showBytes, showText, toHex } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, connect, open, closeAndCompare, script, frames } from './cases.mjs'

const { cases, add } = casesOf('ping and pong')

for (const payload of ['', '00', '00ff0d0a8081', toHex(fillPattern(new Uint8Array(125)))]) {
  add(
    'answers a ping of ' +
      payload.length / 2 +
      ' bytes (' +
      payload.slice(0, 12) +
      ') with the same bytes',
    async (env) => {
      const session = await open(env, '/ping?payload=' + payload)
      await session.until('text ' + showText('got pong ' + payload))
      await closeAndCompare(session, [
        'open',
        'ping ' + showBytes(fromHex(payload)),
        'text ' + showText('got pong ' + payload),
      ])
    },
  )
}

add('sends pings, and tells of the pongs', async (env) => {
  const session = await open(env, '/ping')
  session.socket.ping()
  session.socket.ping(fromHex('00ff'))
  await session.until('text "got ping 00ff"')
  await session.until('pong 00ff')
  session.socket.close(1000)
  await session.closed
  const sorted = (kind) => session.log.filter((line) => line.indexOf(kind) === 0)
  env.equal(sorted('pong'), ['pong empty', 'pong 00ff'])
  env.equal(sorted('text'), ['text "got ping "', 'text "got ping 00ff"'])
})

add('tells of a pong that nobody asked for', async (env) => {
  const session = connect(env, frames(env, '8a 01 00 88 00').path)
  await session.closed
  env.equal(session.log, ['open', 'pong 00', 'close 1005 "" clean'])
})

add('answers each of 5000 pings in one packet, through rings of 256', async (env) => {
  const peer = script(
    env,
    ['write', { head: GOOD_HEAD }, { times: 5000, hex: '890170' }],
    ['frames', 5000],
    ['write', '8800'],
  )
  const session = connect(env, peer.path, { receiveBuffer: 256, sendBuffer: 256 })
  await session.closed
  env.equal(session.log.filter((line) => line === 'ping 70').length, 5000)
  const { frames: sent } = await peer.report()
  env.equal(sent.filter((line) => line === 'pong 70').length, 5000)
  env.equal(sent[5000], 'close empty')
})

export { cases as pingAndPong }
