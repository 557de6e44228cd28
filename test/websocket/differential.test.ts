// The same conversations over our class and over Node's own: the same events in the same order. What Node's own says is
// kept in conversations.mjs, and compared with the real one by `npm run runtimes -- native`: Node 20 has none, and that of
// Node 22 leaves out an event here and there.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket } from '../../targets/websocket-node'
import { type Peers, startPeers } from '../runtime/peers.mjs'
import { CONVERSATIONS, LOGS } from './conversations.mjs'

const differential = suite('WebSocket beside that of Node')
let peers: Peers

differential.before(async () => {
  peers = await startPeers()
})
differential.after(() => peers.stop())

differential('each conversation has its log', () => {
  assert.equal(Object.keys(CONVERSATIONS), Object.keys(LOGS))
})

for (const [name, converse] of Object.entries(CONVERSATIONS)) {
  differential(name, async () => {
    assert.equal(await converse(WebSocket, (path) => peers.places.plain + path), LOGS[name])
  })
}

differential.run()
