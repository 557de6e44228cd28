// One bundle per export: minified ESM with its types beside it. Private members (`_name`) are mangled.

import terser from '@rollup/plugin-terser'
import typescript from '@rollup/plugin-typescript'
import dts from 'rollup-plugin-dts'

/** dist name → source. `package.json` "exports" and `size-limit.json` name the same files. */
const entries = {
  core: 'src/index.ts',
  node: 'targets/node.ts',
  deflate: 'src/deflate/deflate.ts',
  'deflate-zlib': 'targets/deflate-zlib.ts',
  workers: 'targets/workers.ts',
}

const external = [/^node:/, /^cloudflare:/, 'fflate']

/** Types in scope: Node's, or those of Workers. */
const tsconfig = (name) => `./tsconfig.${name === 'workers' ? 'workers' : 'build'}.json`

const code = (name, input) => ({
  input,
  external,
  output: { file: `dist/${name}.js`, format: 'es' },
  plugins: [
    typescript({ tsconfig: tsconfig(name) }),
    terser({
      ecma: 2020,
      module: true,
      compress: { passes: 3, pure_getters: true, unsafe_arrows: true },
      mangle: { properties: { regex: /^_/ } },
    }),
  ],
})

const types = (name, input) => ({
  input,
  external,
  output: { file: `dist/${name}.d.ts`, format: 'es' },
  plugins: [dts({ tsconfig: tsconfig(name) })],
})

export default Object.entries(entries).flatMap(([name, input]) => [
  code(name, input),
  types(name, input),
])
