// The ECMA-419 target, in an engine of `device-client.mjs`.

import { fileURLToPath } from 'node:url'

const client = fileURLToPath(new URL('./device-client.mjs', import.meta.url))

export function device(engine) {
  return {
    bundles: ['dist/ecma419.js'],
    command: (job) => [process.execPath, [client, engine, JSON.stringify(job)]],
  }
}
