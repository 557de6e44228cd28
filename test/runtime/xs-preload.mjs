// The bundles for Moddable, frozen as its linker freezes what it preloads, in real XS.

import { deepStrictEqual } from 'node:assert'
import { startPeers } from './peers.mjs'
import { runInXs } from './xs.mjs'

const echoed = ['grüße', 200, 1000]

/** What each conversation hears. */
const LOGS = {
  connect: echoed,
  deflate: echoed,
  refusal: ['CONNECTION_ENDED: without a Close frame', 1006, 'BAD_URL'],
  reconnect: echoed,
  client: [4082, 4082, 7, 7, 'closed'],
  WebSocket: ['SyntaxError', 'grüße', 1000],
}

/** What modules keep in their variables once it is needed: in `moddable.js`, and again in `websocket-client.js`. */
const KEPT = ['array', 'array', 'function', 'function']

export const cases = [
  {
    name: 'xs preload: the bundles run with all their objects frozen, and keep no state but what they say here',
    async run() {
      const { places, stop } = await startPeers()
      const results = []
      const onLine = (line) => line.startsWith('{"name":') && results.push(JSON.parse(line))
      const { code, output } = await runInXs(
        'test/runtime/xs/preload-script.mjs',
        { url: places.plain },
        onLine,
        60000,
      )
      stop()
      if (code !== 0) throw new Error(`XS ended with ${code}: ${output}`)
      deepStrictEqual(Object.fromEntries(results.map(({ name, log }) => [name, log])), LOGS)
      deepStrictEqual(results[results.length - 1].set, KEPT)
    },
  },
]
