// The `tls` option, passed to `tls.connect`.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { echoes, ends, env, peers, start } from './harness'

const secured = suite('tls')
const REFUSED = ['error CONNECT_FAILED 1006', 'close 1006 "CONNECT_FAILED" unclean']

/** The code of the platform's error behind a refusal. */
async function causeOf(url: string, tls: object): Promise<string> {
  let code = ''
  const session = start(
    url,
    { tls },
    {
      error: (_, error) => {
        code = (error.cause as { code: string }).code
      },
    },
  )
  await ends(session, REFUSED)
  return code
}

secured('ca: the authorities to trust', async () => {
  await echoes(start(env.secureUrl('/echo'), { tls: { ca: peers.ca } }))
  await echoes(start(env.secureUrl('/echo'), { tls: { ca: [peers.ca] } }))
  assert.is(await causeOf(env.secureUrl('/echo'), {}), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
})

secured('the host name is checked', async () => {
  const { ca } = peers
  assert.is(await causeOf(env.strangerUrl('/echo'), { ca }), 'ERR_TLS_CERT_ALTNAME_INVALID')
})

secured('the address is checked where it is one', async () => {
  const { ca } = peers
  const byAddress = (url: string) => url.replace('localhost', '127.0.0.1')
  await echoes(start(byAddress(env.secureUrl('/echo')), { tls: { ca } }))
  const code = await causeOf(byAddress(env.strangerUrl('/echo')), { ca })
  assert.is(code, 'ERR_TLS_CERT_ALTNAME_INVALID')
})

secured('servername: another name to ask for and to check', async () => {
  const { ca } = peers
  await echoes(start(env.strangerUrl('/echo'), { tls: { ca, servername: 'stranger.example' } }))
  const code = await causeOf(env.secureUrl('/echo'), { ca, servername: 'stranger.example' })
  assert.is(code, 'ERR_TLS_CERT_ALTNAME_INVALID')
})

secured('rejectUnauthorized: false takes any certificate', async () => {
  await echoes(start(env.strangerUrl('/echo'), { tls: { rejectUnauthorized: false } }))
})

secured("cert and key: the client's certificate", async () => {
  const { ca, client, places } = peers
  await echoes(start(places.client + '/echo', { tls: { ca, cert: client.cert, key: client.key } }))
})

secured('without a certificate, a server that wants one refuses', async () => {
  const session = start(peers.places.client + '/echo', { tls: { ca: peers.ca } })
  await session.closed
  // TLS 1.3 tells the client only after its own part of the handshake: as an alert, or as a reset.
  assert.match(session.log[0], /^error (CONNECT_FAILED|CONNECTION_ENDED) 1006$/)
  assert.is(session.log.length, 2)
})

secured('a URL object', async () => {
  await echoes(start(new URL(env.secureUrl('/echo')), { tls: { ca: peers.ca } }))
  await echoes(start(new URL(env.url('/echo'))))
})

secured.after(() => peers.stop())
secured.run()
