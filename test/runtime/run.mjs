// The catalogue over `dist/node.js`, in whatever runtime with Node's modules runs this file:
//
//   node test/runtime/run.mjs              all cases
//   bun test/runtime/run.mjs violation     those whose name contains a word; with a `-` before it, the others
//   node test/runtime/run.mjs --data       without `onread`: the target gets 'data' events
//
// One line per case, and the sum. It never ends itself: a timer or socket that is left keeps it running.
// NODE names the program for the peers, if it is not the one that runs this.

import { deepStrictEqual, ok } from 'node:assert'
import process from 'node:process'
import { connect } from '../../dist/node.js'
import { catalogue } from './catalogue.mjs'
import { hasNeeds, makeEnv, runCase, startPeers, withoutOnread } from './peers.mjs'

const words = process.argv.slice(2)
const isData = words.indexOf('--data') >= 0
const only = words.filter((word) => word[0] !== '-')
const except = words
  .filter((word) => word[0] === '-' && word !== '--data')
  .map((word) => word.slice(1))
const names = (entry) => (word) => entry.name.indexOf(word) >= 0
const peers = await startPeers(process.env.NODE)
const env = {
  ...makeEnv(connect, peers, isData ? { createConnection: withoutOnread } : {}),
  equal: deepStrictEqual,
  ok,
}
let passed = 0
let failed = 0
let left = 0
for (const entry of catalogue) {
  if ((only.length && !only.some(names(entry))) || except.some(names(entry))) continue
  if (!hasNeeds(peers, entry.needs)) {
    left++
    console.log('left   ' + entry.name + ': this machine has no ' + entry.needs.join(', '))
    continue
  }
  try {
    await runCase(entry, env)
    passed++
    console.log('ok     ' + entry.name)
  } catch (error) {
    failed++
    console.log('FAILED ' + entry.name + ': ' + error?.stack)
  }
}
peers.stop()
console.log('\n' + passed + ' passed, ' + failed + ' failed, ' + left + ' left out')
process.exitCode = failed || !passed ? 1 : 0
