// `npm run fuzz`: streams made from a seed, through the decoders, the handshake, the inflater and the whole client, each
// held against an independent reference. It ends at the first disagreement, and says how to see it again.
//
//   npm run fuzz                          one minute of all targets
//   npm run fuzz -- --minutes 60
//   npm run fuzz -- --target client       frames, messages, handshake, deflate or client
//   npm run fuzz -- --seed 7 --streams 1  stream 7 of a target, and no other
//   npm run fuzz -- --quick               what `npm test` runs: a few thousand streams
//
// The last line sums up.

import process from 'node:process'
import { parseArgs } from 'node:util'
import { fuzz, TARGETS } from './loop'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    streams: { type: 'string' },
    seed: { type: 'string' },
    target: { type: 'string' },
  },
})

const number = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (!(Number(text) >= 0)) throw new Error('--' + name + ' ' + text + ': a number is expected')
  return Number(text)
}
const { target } = values
if (target !== undefined && !(target in TARGETS)) {
  throw new Error('--target ' + target + ', expected one of ' + Object.keys(TARGETS).join(', '))
}

const result = await fuzz({
  targets: target ? [target] : Object.keys(TARGETS),
  seed: number('seed', values.seed),
  streams: number('streams', values.streams) ?? (values.quick ? 4000 : Infinity),
  milliseconds: (number('minutes', values.minutes) ?? 1) * 60000,
  say: console.log,
})
console.log(result.summary)
process.exitCode = result.failure ? 1 : 0
