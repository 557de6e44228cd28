// One bundle per export: minified ESM, or CommonJS in ES5 for Espruino, with its types beside it. Private members (`_name`)
// are mangled; in the bundles of the targets, whose exports are few, also what the modules name among themselves.

import { basename, resolve } from 'node:path'
import terser from '@rollup/plugin-terser'
import typescript from '@rollup/plugin-typescript'
import dts from 'rollup-plugin-dts'
import { minification } from './scripts/minification.mjs'

/** dist name → source. `package.json` "exports" and `size-limit.json` name the same files. */
const entries = {
  core: 'src/index.ts',
  node: 'targets/node.ts',
  deflate: 'src/deflate/deflate.ts',
  'deflate-zlib': 'targets/deflate-zlib.ts',
  workers: 'targets/workers.ts',
  ecma419: 'targets/ecma419.ts',
  moddable: 'targets/moddable.ts',
  'websocket-client': 'targets/websocket-client.ts',
  websocket: 'targets/websocket.ts',
  'websocket-node': 'targets/websocket-node.ts',
  'websocket-workers': 'targets/websocket-workers.ts',
  espruino: 'targets/espruino.ts',
  reconnect: 'src/reconnect.ts',
  'espruino-ws': 'targets/espruino-ws.ts',
}

const external = [/^node:/, /^cloudflare:/, 'fflate', 'timer', 'crypt', 'logical']

/** Types in scope: Node's, or those of Workers; Espruino's are its own, and so is its language. */
const isOfWorkers = (name) => /workers$/.test(name)
const isOfEspruino = (name) => /^espruino/.test(name)
const tsconfig = (name) =>
  `./tsconfig.${isOfWorkers(name) ? 'workers' : isOfEspruino(name) ? 'espruino' : 'build'}.json`
const formatOf = (name) =>
  isOfEspruino(name)
    ? { format: 'cjs', strict: false, esModule: false, exports: 'auto' }
    : { format: 'es' }

/** A ready-made class imports the bundle of its target, which its user may import too. */
const targets = ['node', 'workers'].map((name) => resolve('targets', name))
const paths = (id) => (targets.includes(id) ? `./${basename(id)}.js` : id)
const externalOf = (name) =>
  name.startsWith('websocket-')
    ? [...external, ...targets.map((id) => `./${basename(id)}`)]
    : external

const code = (name, input) => ({
  input,
  external: externalOf(name),
  output: { file: `dist/${name}.js`, ...formatOf(name), paths },
  // `npm run lint` checks the types, once for all bundles.
  plugins: [typescript({ tsconfig: tsconfig(name), noCheck: true }), terser(minification(name))],
})

/** The types of the entries `names`; what they share stands in a file of its own, whose name begins with `prefix`. */
const types = (names, prefix = '') => ({
  input: Object.fromEntries(names.map((name) => [name, entries[name]])),
  external,
  output: {
    dir: 'dist',
    format: 'es',
    entryFileNames: '[name].d.ts',
    chunkFileNames: `shared/${prefix}[name].d.ts`,
  },
  plugins: [dts({ tsconfig: tsconfig(names[0]) })],
})

const names = Object.keys(entries)

export default [
  ...names.map((name) => code(name, entries[name])),
  types(names.filter((name) => !isOfWorkers(name) && !isOfEspruino(name))),
  types(names.filter(isOfWorkers), 'workers-'),
  types(names.filter(isOfEspruino), 'espruino-'),
]
