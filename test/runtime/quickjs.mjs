// QuickJS, Bellard's and the fork that is called quickjs-ng: the host of `quickjs/`.

import { join } from 'node:path'
import process from 'node:process'
import { root } from './packages.mjs'
import { runScript } from './xs.mjs'

const HOST = join(root, 'test/runtime/quickjs/host.mjs')

/** As `runScript`, in `name`: `quickjs` or `quickjs-ng`. */
export function runInQuickjs(name, ...given) {
  return runScript(process.execPath, [HOST, `${name}-wasmfile-release-sync`], ...given)
}
