// The Workers target: the built bundle in the real workerd, which a Node process starts and asks.

import { fileURLToPath } from 'node:url'
import { programOf } from '../../runtime/packages.mjs'

await programOf('workerd')

export default {
  bundles: ['dist/workers.js'],
  command: (job) => [
    process.execPath,
    [fileURLToPath(new URL('./workers-client.mjs', import.meta.url)), JSON.stringify(job)],
  ],
}
