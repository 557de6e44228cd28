// One bundle per export: minified ESM with its types beside it. Private members (`_name`) are mangled; in the bundles of
// the targets, whose exports are few, also what the modules name among themselves.

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
}

const external = [/^node:/, /^cloudflare:/, 'fflate', 'timer', 'crypt', 'text/decoder']

/** Types in scope: Node's, or those of Workers. */
const tsconfig = (name) => `./tsconfig.${/workers$/.test(name) ? 'workers' : 'build'}.json`

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
  output: { file: `dist/${name}.js`, format: 'es', paths },
  plugins: [typescript({ tsconfig: tsconfig(name) }), terser(minification(name))],
})

const types = (name, input) => ({
  input,
  external: externalOf(name),
  output: { file: `dist/${name}.d.ts`, format: 'es', paths },
  plugins: [dts({ tsconfig: tsconfig(name) })],
})

export default Object.entries(entries).flatMap(([name, input]) => [
  code(name, input),
  types(name, input),
])
