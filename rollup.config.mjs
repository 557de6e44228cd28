// One bundle per export: minified ESM with its types beside it. Private members (`_name`) are mangled; in the bundles of
// the targets, whose exports are few, also what the modules name among themselves.

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

/**
 * Members that only our own modules speak of. What is not listed keeps its name: all that users see, what the bundles
 * say to each other through `Extension`, and what runtimes call or are called by.
 */
const INTERNAL = `
  randomWord sha1 base64 utf8Length utf8Write utf8Read setTimer clearTimer defer reportError
  platform receiveRing sendRing makeRoom onConnected onReceived onWritten onEnd onTransportError
  path userInfo request fields isOver onRefused
  messages closeCode closeReason closeSent closeReceived isDone isBlocked
  onMessage onFailure onClosing onQueued onControl flush refill announceRoom sendControl finish
  frames controlFrames onDataFrame onPayload
  fin kind rsv1 remaining isFragmented untaken stopped reservedBits offsetOf skip
  room pinned canTake take pump frame drop waiting
  copy forget over words shift validate findError isComplete reset
`

export const minification = (name) => ({
  ecma: 2020,
  module: true,
  compress: { passes: 3, pure_getters: true, unsafe_arrows: true },
  mangle: {
    properties:
      name === 'node' || name === 'workers'
        ? { regex: RegExp('^(_.*|' + INTERNAL.trim().split(/\s+/).join('|') + ')$'), builtins: true }
        : { regex: /^_/ },
  },
})

const code = (name, input) => ({
  input,
  external,
  output: { file: `dist/${name}.js`, format: 'es' },
  plugins: [
    typescript({ tsconfig: tsconfig(name) }),
    terser(minification(name)),
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
