// Node's own WebSocket class against the logs that ours is held to (`../websocket/conversations.mjs`): a part of
// `npm run runtimes`. Not that of Node 22, which tells no end of a handshake that has failed, and the error before the state.

import { deepStrictEqual } from 'node:assert'
import { join } from 'node:path'
import { run } from '../conformance/processes.mjs'
import { LOGS } from '../websocket/conversations.mjs'
import { programOf, root } from './packages.mjs'
import { startPeers } from './peers.mjs'

export const cases = ['node24', 'node26'].map((name) => ({
  name: `${name}: its own WebSocket tells what ours does, in the same order`,
  async run() {
    const program = await programOf(name)
    const peers = await startPeers()
    try {
      const script = join(root, 'test/websocket/native.mjs')
      deepStrictEqual(JSON.parse(await run(program, [script, peers.places.plain])), LOGS)
    } finally {
      peers.stop()
    }
  },
}))
