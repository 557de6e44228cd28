// The Espruino target: the built bundle in a stand-in for the engine, in a Node process of its own.

import { fileURLToPath } from 'node:url'

export default {
  hasDeflate: false,
  bundles: ['dist/espruino.js'],
  command: (job) => [
    process.execPath,
    [fileURLToPath(new URL('./espruino-client.mjs', import.meta.url)), JSON.stringify(job)],
  ],
}
