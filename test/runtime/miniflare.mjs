// Runs miniflare in a process of its own, for it reads NODE_EXTRA_CA_CERTS once: `workers.mjs` starts this with the
// folder that miniflare is installed in and the folder of its options. Ends with its standard input.

import { readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { requireFrom } from './packages.mjs'

const [, , packages, folder] = process.argv
const { Miniflare } = requireFrom(packages, 'miniflare')
const mf = new Miniflare(JSON.parse(readFileSync(join(folder, 'options.json'), 'utf8')))
const { port } = await mf.ready
writeSync(3, `${JSON.stringify({ event: 'listen', port: +port })}\n`)
process.stdin.on('end', async () => {
  await mf.dispose()
  process.exit()
})
process.stdin.resume()
