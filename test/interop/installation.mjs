// What the interop tests need and the project does not: each below `.runtimes/`, at a pinned version, so that nothing
// of the machine changes. What is there already is not asked for again.
//
//   npm       `runtimes` by `../runtime/packages.mjs`
//   Python    a virtual environment, from python/requirements.txt
//   Go, Rust  built from go/ and rust/, with the versions of their lock files
//   Java      Maven fetches the jars of java/pom.xml
//   Debian    packages and what they need, unpacked beside each other and not installed; where the program is
//             installed anyway, that one is taken

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { run } from '../conformance/processes.mjs'
import { root } from '../runtime/packages.mjs'
import { fetching } from './fetching.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
export const cache = join(root, '.runtimes', 'interop')

/** The machine lacks what nothing here installs: a toolchain, or a Debian. */
export class Missing extends Error {}

/** Whether a program can be started and ends well. */
function works(program, args, options) {
  return run(program, args, options).then(
    () => true,
    () => false,
  )
}

async function needs(name, program, args) {
  if (!(await works(program, args))) throw new Missing(`no ${name}`)
}

/** Runs `make(folder)` unless `folder` was made from the same sources before. */
async function once(name, sources, make) {
  const folder = join(cache, name)
  const stamp = join(folder, '.made-from')
  const hash = createHash('sha256')
  for (const source of sources) hash.update(readFileSync(join(here, source)))
  const wanted = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return folder
  console.log(`Making .runtimes/interop/${name} (once)`)
  mkdirSync(folder, { recursive: true })
  await make(folder)
  writeFileSync(stamp, wanted)
  return folder
}

/** The path of a Python with the packages of python/requirements.txt. */
export async function python() {
  const folder = await once('python', ['python/requirements.txt'], async (folder) => {
    const isNew = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'
    await needs('Python 3.10 or later with venv', 'python3', ['-c', isNew])
    await run('python3', ['-m', 'venv', '--clear', folder])
    const requirements = join(here, 'python/requirements.txt')
    await fetching('the packages of PyPI', () =>
      run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '-q', '-r', requirements]),
    )
  })
  return join(folder, 'bin/python')
}

/** The path of the server in go/. */
export async function go() {
  const sources = ['main.go', 'coder.go', 'gorilla.go', 'go.mod', 'go.sum']
  const folder = await once(
    'go',
    sources.map((name) => `go/${name}`),
    async (folder) => {
      await needs('Go', 'go', ['version'])
      const cwd = join(here, 'go')
      await fetching('the modules of Go', () => run('go', ['mod', 'download'], { cwd }))
      await run('go', ['build', '-o', join(folder, 'server'), '.'], { cwd })
    },
  )
  return join(folder, 'server')
}

/** The path of a program of Go's, built from its module at a version. */
export async function goProgram(name, module) {
  const folder = await once(name, [], async (folder) => {
    await needs('Go', 'go', ['version'])
    await fetching(module, () =>
      run('go', ['install', module], { env: { ...process.env, GOBIN: folder } }),
    )
  })
  return join(folder, name)
}

/** The path of the server in rust/. */
export async function rust() {
  const sources = ['main.rs', 'fast.rs', 'tungstenite.rs'].map((name) => `rust/src/${name}`)
  const folder = await once(
    'rust',
    [...sources, 'rust/Cargo.toml', 'rust/Cargo.lock'],
    async (folder) => {
      await needs('Rust', 'cargo', ['--version'])
      const cwd = join(here, 'rust')
      await fetching('the crates of Rust', () => run('cargo', ['fetch', '--locked'], { cwd }))
      await run('cargo', ['build', '--release', '--locked', '--target-dir', folder], { cwd })
    },
  )
  return join(folder, 'release/interop')
}

/** The class path of java/Server.java. */
export async function java() {
  const folder = await once('java', ['java/pom.xml'], async (folder) => {
    await needs('Java 17 or later', 'java', ['--source', '17', '--version'])
    await needs('Maven', 'mvn', ['--version'])
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${folder}`]
    await fetching("Jetty's jars", () =>
      run('mvn', ['-q', '-B', '-f', join(here, 'java/pom.xml'), ...goal]),
    )
  })
  return join(folder, '*')
}

/** Lists of our own: the machine's may be old, or absent, and are not ours to renew. */
const lists = join(cache, 'debian', 'lists')
const listOptions = ['State::lists=' + lists, 'Cache::pkgcache=', 'Cache::srcpkgcache='].flatMap(
  (setting) => ['-o', 'Dir::' + setting],
)
let areListsThere = false

/**
 * A program of Debian's: `{ program, env }` to start it with. `path` is where its package has it. The package and
 * those it needs, as far as the machine lacks them, are fetched and unpacked; nothing is installed, no service starts.
 */
export async function debian(name, path) {
  if (existsSync(path)) return { program: path, env: process.env }
  const folder = join(cache, 'debian', name)
  // Written last: an unpacking that was broken off begins anew.
  const stamp = join(folder, '.unpacked')
  if (!existsSync(stamp)) {
    await needs('Debian', 'apt-get', ['--version'])
    console.log(`Unpacking Debian's ${name} in .runtimes/interop/debian (once)`)
    rmSync(folder, { recursive: true, force: true })
    const archives = join(folder, 'archives')
    mkdirSync(archives, { recursive: true })
    mkdirSync(join(lists, 'partial'), { recursive: true })
    const what = `Debian's package ${name}`
    // An update ends well though a list has not come: whether they will do shows here.
    const plan = await fetching(what, async () => {
      if (!areListsThere) await run('apt-get', [...listOptions, 'update'])
      const install = ['install', '--simulate', '--no-install-recommends', name]
      const plan = await run('apt-get', [...listOptions, ...install])
      areListsThere = true
      return plan
    })
    // Never another C library beside the machine's loader.
    const packages = [...plan.matchAll(/^Inst (\S+)/gm)]
      .map(([, one]) => one)
      .filter((one) => one !== 'libc6')
    // Skips what has come already.
    await fetching(`${what}, or what it needs`, () =>
      run('apt-get', [...listOptions, 'download', ...packages], { cwd: archives }),
    )
    for (const archive of readdirSync(archives)) {
      await run('dpkg', ['-x', join(archives, archive), folder])
    }
    rmSync(archives, { recursive: true })
    writeFileSync(stamp, packages.join('\n'))
  }
  const libraries = ['usr/lib', 'lib']
    .map((one) => join(folder, one))
    .flatMap((one) => [one, ...multiarch(one)])
  return {
    program: join(folder, path),
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') },
    folder,
  }
}

/** The folders such as x86_64-linux-gnu. */
function multiarch(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /-linux-gnu/.test(name))
    .map((name) => join(folder, name))
}
