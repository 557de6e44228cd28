// The built bundle, which tests over real sockets use: it must be there, and not older than its sources.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

function newest(path: string): number {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))))
}

/** What the Node target is built from: not the other targets. */
const SOURCES = ['src', join('targets', 'node.ts')]

export async function built(): Promise<typeof import('../../targets/node')> {
  const bundle = join(root, 'dist', 'node.js')
  let age = 0
  try {
    age = statSync(bundle).mtimeMs
  } catch {
    throw new Error('dist/node.js is missing; `npm run build` makes it')
  }
  for (const source of SOURCES) {
    if (newest(join(root, source)) > age) {
      throw new Error('dist/node.js is older than ' + source + '; `npm run build` makes it anew')
    }
  }
  return import(bundle)
}
