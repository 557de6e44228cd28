// Targets that run `node-client.mjs`: another Node, Bun and Deno, as `test/runtime/packages.mjs` installs them.

import { fileURLToPath } from 'node:url'
import { programOf } from '../../runtime/packages.mjs'

const client = fileURLToPath(new URL('./node-client.mjs', import.meta.url))

/** The target of that name; see `node.mjs` for what its members mean. */
export async function nodeLike(name, args = []) {
  const program = await programOf(name)
  return {
    bundles: ['dist/node.js'],
    command: (job) => [program, [...args, client, JSON.stringify(job)]],
  }
}
