// `npm run bench`: speed beside other clients. `npm run bench -- NAME [options]`: another of the files beside this one.

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const files = readdirSync(folder).filter((file) => file !== 'run.mjs' && /\.(ts|mjs)$/.test(file))
const given = process.argv.slice(2)
const [name, ...options] = given[0]?.startsWith('-')
  ? ['speed', ...given]
  : given.length
    ? given
    : ['speed']
const file = files.find((file) => file.slice(0, file.lastIndexOf('.')) === name)

if (file) {
  const bench = spawn(process.execPath, ['--import', 'tsx', folder + file, ...options], {
    stdio: 'inherit',
  })
  bench.on('close', (code) => {
    process.exitCode = code ?? 1
  })
} else {
  const names = files.map((file) => file.slice(0, file.lastIndexOf('.')))
  console.error(`bench: ${name}, expected one of ${names.join(', ')}`)
  process.exitCode = 2
}
