// The ECMA-419 target: the built bundle in real XS, which a Node process starts.

import { fileURLToPath } from 'node:url'
import { programOfXs } from '../../runtime/xs.mjs'

await programOfXs()

export default {
  bundles: ['dist/ecma419.js'],
  command: (job) => [
    process.execPath,
    [fileURLToPath(new URL('./xs-client.mjs', import.meta.url)), JSON.stringify(job)],
  ],
}
