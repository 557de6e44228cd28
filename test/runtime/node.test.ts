// The catalogue over the built bundle in this Node: once as it is, once with 'data' events instead of `onread`,
// as a runtime without it would have it.

import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { built } from './built'
import { catalogue, type Env } from './catalogue.mjs'
import { hasNeeds, makeEnv, runCase, startPeers, withoutOnread } from './peers.mjs'

const { connect } = await built()
const peers = await startPeers()

function envWith(options: object): Env {
  const env = makeEnv(connect, peers, options)
  return { ...env, equal: assert.equal, ok: assert.ok }
}

const byOnread = suite('catalogue')
const byData = suite('catalogue, by data events')

for (const [cases, options] of [
  [byOnread, {}],
  [byData, { createConnection: withoutOnread }],
] as const) {
  const env = envWith(options)
  for (const entry of catalogue) {
    if (hasNeeds(peers, entry.needs)) cases(entry.name, () => runCase(entry, env))
    else console.log('left out, for this machine has no ' + entry.needs + ': ' + entry.name)
  }
}

byData('nothing of a connection is left', async () => {
  const sockets = () => process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS)/.test(name))
  // Sockets are closed one turn after their last event, which on a busy machine is not soon.
  for (let turn = 0; turn < 100 && sockets().length; turn++) {
    await new Promise((done) => setTimeout(done, 50))
  }
  const left = sockets()
  assert.equal(left, [])
})

byData.after(() => peers.stop())

byOnread.run()
byData.run()
