// Runs in XS: what the bundle takes beside what `host.js` did, which has kept its counts.

import * as bundle from '../../../dist/ecma419.js'

const { host } = globalThis

globalThis.kept = bundle
host.run(async () => {
  host.collect()
  host.print(JSON.stringify(host.start.map((before, kind) => host.meter(kind) - before)))
})
