import { nodeLike } from './node-like.mjs'

export default await nodeLike('deno', [
  'run',
  '--allow-all',
  '--no-lock',
  '--node-modules-dir=manual',
])
