// The catalogue over `dist/espruino.js` in the stand-in; a line of JSON for each case.
//
//   node test/runtime/espruino/run.mjs bytes|characters [part of a name ...]

import { deepStrictEqual, ok } from 'node:assert'
import process from 'node:process'
import { catalogue } from '../catalogue.mjs'
import { startPeers } from '../peers.mjs'
import { runCase } from '../run-case.mjs'
import { environmentOf, IS_COSTLY, LACKS } from './environment.mjs'

const [mode, ...only] = process.argv.slice(2)
const peers = await startPeers()
const env = {
  ...environmentOf(peers, { hasCharacters: mode === 'characters' }),
  equal: deepStrictEqual,
  ok,
}

for (const entry of catalogue) {
  if (only.length && !only.some((word) => entry.name.includes(word))) continue
  const lack =
    entry.needs.map((need) => LACKS[need]).find(Boolean) ||
    (IS_COSTLY.test(entry.name) && 'the stand-in copies the array for each fragment')
  let result = lack ? 'left' : 'passed'
  let detail = lack || ''
  try {
    if (!lack) await runCase(entry, env, 120000)
  } catch (error) {
    result = 'failed'
    detail = String(error?.stack || error)
  }
  console.log(JSON.stringify({ name: entry.name, result, detail }))
}
peers.stop()
