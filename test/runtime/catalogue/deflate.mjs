// RFC 7692, to a server that compresses with zlib.

import { Checksum, fillPattern, showBytes, showText } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, connect, open, closeAndCompare, script, sendWhenRoom, ascii } from './cases.mjs'

const { cases, add } = casesOf('deflate')

for (const ring of [4096, 256]) {
  add(
    'permessage-deflate both ways, whole, through rings of ' + ring,
    async (env) => {
      const session = await open(env, '/deflate', {
        extensions: [env.deflate()],
        receiveBuffer: ring,
        sendBuffer: ring,
      })
      env.equal(session.socket.extensions.split(';')[0], 'permessage-deflate')
      const text = ascii(20000) + '環😀'
      const bytes = fillPattern(new Uint8Array(70000))
      session.socket.sendText('')
      session.socket.sendText('short')
      await sendWhenRoom(session, () => session.socket.sendText(text))
      await sendWhenRoom(session, () => session.socket.sendBinary(bytes))
      const expected = [
        'text ""',
        'text "short"',
        'text ' + showText(text),
        'binary ' + showBytes(bytes),
      ]
      await session.until(expected[3])
      session.socket.close(1000)
      await session.closed
      env.equal(
        session.log.filter((line) => line !== 'writable'),
        ['open', ...expected, 'close 1000 "" clean'],
      )
    },
    ['deflate'],
  )
}

add(
  'permessage-deflate: 1 MiB inflates in fragments through a ring of 4096',
  async (env) => {
    const received = new Checksum()
    let isFinal = false
    const session = await open(
      env,
      '/deflate',
      { extensions: [env.deflate()] },
      {
        fragments: true,
        quiet: true,
        fragment(session, bytes, start, end, _, final) {
          received.add(bytes, start, end)
          isFinal = final
          if (final) session.look()
        },
      },
    )
    const bytes = fillPattern(new Uint8Array(1 << 20))
    session.socket.sendBinary(bytes)
    await session.when(() => isFinal)
    env.equal('' + received, '' + new Checksum().add(bytes))
    session.socket.close(1000)
    await session.closed
  },
  ['deflate'],
)

add(
  'permessage-deflate is offered, and not accepted: messages go as they are',
  async (env) => {
    const session = await open(env, '/echo', { extensions: [env.deflate()] })
    env.equal(session.socket.extensions, '')
    session.socket.sendText('plain')
    await session.until('text "plain"')
    await closeAndCompare(session, ['open', 'text "plain"'])
  },
  ['deflate'],
)

add(
  'permessage-deflate: what does not inflate fails with 1007',
  async (env) => {
    const head = GOOD_HEAD.replace(
      '\r\n\r\n',
      '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
    )
    const peer = script(env, ['write', { head }, 'c1 01 ff'])
    const session = connect(env, peer.path, { extensions: [env.deflate()] }, { head })
    await session.closed
    env.equal(session.log[1].slice(0, 6), 'error ')
    env.equal(session.log[2].slice(0, 11), 'close 1007 ')
  },
  ['deflate'],
)

export { cases as deflate }
