// `npm run size`: the budgets of size-limit.json as a table. size-limit measures and judges; this only prints.
// `npm run size -- --readme` also puts the table into the README, `-- --modules` tells it by module, and
// `-- --parts [bundle]` by function.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)
const manifest = require.resolve('size-limit/package.json')
const cli = join(dirname(manifest), require(manifest).bin)
const budgets = JSON.parse(readFileSync(join(root, 'size-limit.json'), 'utf8'))

/** size-limit exits with 1 over a budget, and prints the same list. */
function measure() {
  const args = [cli, '--config', 'size-limit.json', '--json']
  try {
    return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  } catch (error) {
    if (!error.stdout) throw error
    return error.stdout
  }
}

const results = JSON.parse(measure())
if (!Array.isArray(results)) {
  console.error(results.error)
  process.exit(2)
}

const bytes = (count) => (count === undefined ? '' : count.toLocaleString('en-US'))
const rows = results.map(({ name, size, sizeLimit, passed }, i) => {
  const { path, import: part } = budgets[i]
  const files = [path].flat().map((one) => join(root, one))
  const isWhole = !part && files.every(existsSync)
  return [
    name,
    isWhole ? bytes(files.reduce((sum, file) => sum + statSync(file).size, 0)) : '',
    bytes(size),
    bytes(sizeLimit),
    passed ? 'ok' : `over by ${bytes(size - sizeLimit)}`,
  ]
})
const table = [['', 'minified', 'brotli', 'limit', ''], ...rows]
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
const lines = table.map((row) =>
  row
    .map((cell, i) => (i > 0 && i < 4 ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
    .join('  ')
    .trimEnd(),
)
lines.push(`Bytes. Node ${process.versions.node}, ${process.platform} ${process.arch}.`)
console.log(lines.join('\n'))

if (process.argv.includes('--modules')) {
  const { printSizesByModule } = await import('./size-by-module.mjs')
  await printSizesByModule()
}
const parts = process.argv.indexOf('--parts')
if (parts > 0) {
  const { printSizesByPart } = await import('./size-by-part.mjs')
  await printSizesByPart(process.argv[parts + 1])
}
if (process.argv.includes('--readme')) {
  const readme = join(root, 'README.md')
  const text = readFileSync(readme, 'utf8')
  const block = /(<!-- size -->\n```text\n)[^`]*```/
  writeFileSync(
    readme,
    text.replace(block, (_, head) => `${head}${lines.join('\n')}\n\`\`\``),
  )
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1
