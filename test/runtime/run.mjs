// The catalogue over `dist/node.js`, in whatever runtime with Node's modules runs this file:
//
//   node test/runtime/run.mjs              all cases
//   bun test/runtime/run.mjs violation     those whose name contains a word; with a `-` before it, the others
//   node test/runtime/run.mjs --data       without `onread`: the target gets 'data' events
//   node test/runtime/run.mjs --json       a line of JSON per case, for `runtimes.mjs`
//
// One line per case, and the sum. It never ends itself: a timer or socket that is left keeps it running.
// NODE names the program for the peers, if it is not the one that runs this.

import { deepStrictEqual, ok } from 'node:assert'
import process from 'node:process'
import tls from 'node:tls'
import { connect } from '../../dist/node.js'
import { catalogue } from './catalogue.mjs'
import { hasNeeds, makeEnv, runCase, startPeers, withoutOnread } from './peers.mjs'

const FLAGS = ['--data', '--json']

const words = process.argv.slice(2).filter((word) => FLAGS.indexOf(word) < 0)
const has = (flag) => process.argv.indexOf(flag) > 0
const only = words.filter((word) => word[0] !== '-')
const except = words.filter((word) => word[0] === '-').map((word) => word.slice(1))
const names = (entry) => (word) => entry.name.indexOf(word) >= 0
const peers = await startPeers(process.env.NODE)

// Node of June to October 2026, nodejs/node#64144: it finds no IPv6 address in a certificate, whoever asks.
const certificate = { subject: {}, subjectaltname: 'IP Address:0:0:0:0:0:0:0:1' }
const lacks = {}
if (tls.checkServerIdentity('::1', certificate)) {
  lacks.ipv6Secure = 'its node:tls finds no IPv6 address in a certificate (nodejs/node#64144)'
}
const env = {
  ...makeEnv(connect, peers, has('--data') ? { createConnection: withoutOnread } : {}),
  equal: deepStrictEqual,
  ok,
}
const counts = { passed: 0, failed: 0, left: 0 }

function tell(entry, result, detail = '') {
  counts[result]++
  if (has('--json')) console.log(JSON.stringify({ name: entry.name, result, detail }))
  else console.log(result.padEnd(6) + ' ' + entry.name + (detail && ': ' + detail))
}

for (const entry of catalogue) {
  if ((only.length && !only.some(names(entry))) || except.some(names(entry))) continue
  const lack = entry.needs.map((need) => lacks[need]).filter(Boolean)[0]
  if (lack) {
    tell(entry, 'left', lack)
    continue
  }
  if (!hasNeeds(peers, entry.needs)) {
    tell(entry, 'left', 'this machine has no ' + entry.needs.join(', '))
    continue
  }
  try {
    await runCase(entry, env)
    tell(entry, 'passed')
  } catch (error) {
    tell(entry, 'failed', String(error?.stack || error))
  }
}
peers.stop()
if (!has('--json')) {
  console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.left} left out`)
}
process.exitCode = counts.failed || !counts.passed ? 1 : 0
