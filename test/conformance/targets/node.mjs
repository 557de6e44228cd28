// The Node target: the built bundle, in a Node process of its own.

import { fileURLToPath } from 'node:url'

export default {
  // `hasDeflate: false` would leave out what needs permessage-deflate.
  /** What must have been built. */
  bundles: ['dist/node.js'],
  /**
   * The command that runs the cases of `job`: `{ url, agent, mode, cases, limit, deflate }`. For each, in order,
   * it writes a line of JSON: what `runCase` resolves to, and the case's number. Then it exits.
   */
  command: (job) => [
    process.execPath,
    [fileURLToPath(new URL('./node-client.mjs', import.meta.url)), JSON.stringify(job)],
  ],
}
