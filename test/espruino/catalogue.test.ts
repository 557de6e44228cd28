// The runtime catalogue over the built bundle in a stand-in for Espruino (test/runtime/espruino/stand-in.mjs): once with
// strings of bytes, as most boards have them, once with strings of characters. `npm run runtimes -- espruino` also runs
// the one that takes a minute.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalogue } from '../runtime/catalogue.mjs'
import { environmentOf, IS_COSTLY, LACKS } from '../runtime/espruino/environment.mjs'
import { hasNeeds, runCase, startPeers } from '../runtime/peers.mjs'

const peers = await startPeers()
const IS_LONG = /sends 16 MiB/

const inBytes = suite('catalogue, strings of bytes')
const inCharacters = suite('catalogue, strings of characters')

for (const [cases, hasCharacters] of [
  [inBytes, false],
  [inCharacters, true],
] as const) {
  const env = { ...environmentOf(peers, { hasCharacters }), equal: assert.equal, ok: assert.ok }
  for (const entry of catalogue) {
    if (entry.needs.some((need) => need in LACKS) || !hasNeeds(peers, entry.needs)) continue
    if (!IS_COSTLY.test(entry.name) && !IS_LONG.test(entry.name))
      cases(entry.name, () => runCase(entry, env))
  }
}

inCharacters.after(() => peers.stop())

inBytes.run()
inCharacters.run()
