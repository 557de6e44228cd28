// The servers of the faults, and the proxies before them, in a process of its own, so that what is left in the client's
// process is the client's. Talks with its parent: `{ faults: [{ to, … }] }` is answered by the port of each, and
// `{ finish: true }` by what has passed through them; all their connections end then.

import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import process from 'node:process'
import { WebSocketServer } from 'ws'
import { certificateAuthority, LOOPBACK_4 } from '../runtime/certificates.mjs'
import { openPassage } from './fault-proxy.mjs'

const echo = new WebSocketServer({ noServer: true, maxPayload: 1 << 26 })

function onUpgrade(request, socket, head) {
  echo.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => {})
    client.on('message', (message, isBinary) => client.send(message, { binary: isBinary }))
  })
}

const listen = (server) =>
  new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)))

const authority = certificateAuthority()
const certificate = authority.issue('localhost', ['localhost'], [LOOPBACK_4])
// Nobody listens there: it was free a moment ago.
const closed = createServer()
const refused = await listen(closed)
closed.close()
const ports = {
  refused,
  plain: await listen(createServer().on('upgrade', onUpgrade)),
  secure: await listen(createSecureServer(certificate).on('upgrade', onUpgrade)),
}
let passages = []
let passed = []

process.on('message', async ({ faults, finish }) => {
  if (faults) {
    const opened = await Promise.all(
      faults.map(({ to, ...fault }, i) =>
        openPassage(ports[to], fault, (what) => {
          passed[i] = what
        }),
      ),
    )
    passages.push(...opened)
    process.send({ ports: opened.map((one) => one.address().port) })
  } else if (finish) {
    for (const server of passages) {
      server.close()
      server.passage?.near.destroy()
    }
    process.send({ passed })
    passages = []
    passed = []
  }
})
process.on('disconnect', () => process.exit())
process.send({ ca: authority.ca, ports })
