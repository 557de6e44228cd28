// `npm run fuzz`: streams made from a seed, through the decoders, the handshake, the inflater and the whole client, each
// held against an independent reference. It ends at the first disagreement, and says how to see it again.
//
//   npm run fuzz                          one minute of all targets
//   npm run fuzz -- --minutes 60
//   npm run fuzz -- --target client       frames, messages, handshake, deflate or client
//   npm run fuzz -- --seed 7 --streams 1  stream 7 of a target, and no other
//   npm run fuzz -- --guided              led by coverage: slower, but it finds its way to what is rare
//   npm run fuzz -- --target client --choices reports/fuzz-choices.json   what such a run has written of its failure
//   npm run fuzz -- --quick               what `npm test` runs: a few thousand streams
//
// The last line sums up.

import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { randomFrom } from '../deflate/random'
import { MOST } from './counters.mjs'
import { Guide } from './guide'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    streams: { type: 'string' },
    seed: { type: 'string' },
    target: { type: 'string' },
    guided: { type: 'boolean', default: false },
    choices: { type: 'string' },
  },
})

const number = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (!(Number(text) >= 0)) throw new Error('--' + name + ' ' + text + ': a number is expected')
  return Number(text)
}
const { target } = values

let counters: Uint32Array | undefined
if (values.guided) {
  counters = new Uint32Array(MOST)
  Object.assign(globalThis, { $counters: counters })
  register('./counters.mjs', import.meta.url)
}
// Not before: what is loaded from now on is counted.
const { fuzz, TARGETS } = await import('./loop')
if (target !== undefined && !(target in TARGETS)) {
  throw new Error('--target ' + target + ', expected one of ' + Object.keys(TARGETS).join(', '))
}

const isAgain = values.choices !== undefined
if (isAgain) {
  if (!target) throw new Error('--choices needs the --target that they are for')
  const guide = new Guide(new Uint32Array(0), randomFrom(0))
  TARGETS[target](guide.replay(JSON.parse(readFileSync(values.choices!, 'utf8'))))
}

const result = await fuzz({
  targets: target ? [target] : Object.keys(TARGETS),
  seed: number('seed', values.seed),
  counters,
  streams: isAgain ? 0 : (number('streams', values.streams) ?? (values.quick ? 4000 : Infinity)),
  milliseconds: (number('minutes', values.minutes) ?? 1) * 60000,
  say: console.log,
})
console.log(result.summary)
process.exitCode = result.failure ? 1 : 0
