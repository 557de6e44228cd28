// The bundle for Espruino in an engine that knows ES5 and no more: duktape, from Debian's package, or by `DUK` another.
// Every violation of the catalogue, in both ways of delivery, over a network that is an array.

import { deepStrictEqual as equal } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { VIOLATIONS } from '../catalogue/violations.mjs'
import { BUNDLE } from './environment.mjs'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const program = process.env.DUK || 'duk'

/** As for the other runtimes: what the command needs, it installs. */
function install() {
  try {
    execFileSync(program, ['-e', ''], { stdio: 'ignore' })
  } catch (error) {
    if (error.code !== 'ENOENT' || process.env.DUK) throw error
    console.log('Installing duktape (once)')
    execFileSync('apt-get', ['install', '-y', '-qq', 'duktape'], { stdio: 'ignore' })
  }
}

export const cases = [
  {
    name: 'duktape: every violation is failed as in the catalogue',
    run() {
      install()
      const folder = mkdtempSync(join(tmpdir(), 'ringlet-duktape-'))
      try {
        const vectors = VIOLATIONS.map(([name, hex, , , , , , options = {}]) => [
          name,
          hex,
          options,
        ])
        const file = join(folder, 'vectors.js')
        writeFileSync(file, 'var vectors = ' + JSON.stringify(vectors))
        // In a scope of its own, as a module is: its names are those of loops here.
        const bundle = join(folder, 'bundle.js')
        writeFileSync(bundle, '(function () {' + readFileSync(BUNDLE, 'utf8') + '\n})()')
        const files = [here('prelude.js'), bundle, file, here('violations.js')]
        const lines = execFileSync(program, files, { encoding: 'utf8' }).trim().split('\n')
        equal(lines.map(JSON.parse), VIOLATIONS.map(expected))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  },
]

function expected([name, , id, code, offset, texts = [], pieces = []]) {
  const end = [`error ${id} ${code} @${offset}`, `close ${code} "${id}" unclean`]
  const whole = ['open', ...texts, ...end]
  const inFragments = pieces.map((piece) => {
    const [, kind, shown, final] = /^fragment (\d) (\S+)( final)?$/.exec(piece)
    const length = kind === '1' ? shown.slice(1, -1).replace(/\\../g, 'x').length : shown.length / 2
    return `fragment ${kind} ${length}${final || ''}`
  })
  return [name, whole, whole, ['open', ...inFragments, ...end]]
}
