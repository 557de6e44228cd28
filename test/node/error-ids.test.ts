// Every error id that the sources can give is expected by a test.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ids = suite('error ids')

function files(path: string): string[] {
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(path, entry.name)) : [join(path, entry.name)],
  )
}

function read(paths: string[]): string {
  return paths
    .filter((path) => !path.endsWith('error-ids.test.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n')
}

/** Ids are the literals in capitals; nothing else in the sources looks like one. */
function idsOf(source: string): string[] {
  const found = [...source.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g)].map((match) => match[1])
  return [...new Set(found)].sort()
}

const known = idsOf(read([...files('src'), ...files('targets')]))

ids('the sources have some', () => {
  assert.ok(known.length > 30, known.join(' '))
})

ids('each one is expected by a test', () => {
  const tests = read(files('test'))
  const forgotten = known.filter((id) => !new RegExp('\\b' + id + '\\b').test(tests))
  assert.equal(forgotten, [])
})

ids.run()
