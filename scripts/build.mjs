// `npm run build`: the bundles and their types, into dist/, with rollup. Builds only if a source, a setting or a version has
// changed since, or a file in dist/ is not what was built: nearly every other command builds first.

import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { loadConfigFile } from 'rollup/loadConfigFile'
import { rollup } from 'rollup'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules/.cache/ringlet-build.json')
process.chdir(root)

/** Paths of what lies in `path`, if it is there. */
function filesIn(path) {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

/** One digest of all that `paths` contain, and of their names. */
function digestOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths)
    hash
      .update(path + '\0')
      .update(readFileSync(path))
      .update('\0')
  return hash.digest('hex')
}

function state() {
  try {
    const settings = readdirSync('.').filter((name) => /^(tsconfig.*|package.*)\.json$/.test(name))
    return JSON.stringify([
      digestOf([
        ...settings,
        'rollup.config.mjs',
        'scripts/build.mjs',
        'scripts/minification.mjs',
        ...filesIn('src'),
        ...filesIn('targets'),
      ]),
      digestOf(filesIn('dist')),
    ])
  } catch {
    return 'nothing is built'
  }
}

function lastState() {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return ''
  }
}

if (state() !== lastState()) {
  rmSync('dist', { recursive: true, force: true })
  const { options, warnings } = await loadConfigFile(join(root, 'rollup.config.mjs'))
  for (const one of options) {
    const bundle = await rollup({ ...one, onwarn: (warning) => warnings.add(warning) })
    for (const output of one.output) await bundle.write(output)
    await bundle.close()
  }
  if (warnings.count) {
    warnings.flush()
    process.exit(1)
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, state())
} else {
  // What is current says so, to those who look at times alone.
  const now = new Date()
  for (const path of filesIn('dist')) utimesSync(path, now, now)
}
