// The runtimes, from npm: each in a folder of its own below `.runtimes/`, at exactly one version, without running
// any script of theirs. What is there already is not asked for again.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { run } from '../conformance/processes.mjs'

export const root = fileURLToPath(new URL('../../', import.meta.url))
const { platform, arch } = process

function node(version) {
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`
  return { packages: { [name]: version }, program: `${name}/bin/node` }
}

const bun = `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`
const deno = `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`

/** What to install for each; `program` is a path below node_modules. */
const SETS = {
  node18: node('18.20.8'),
  node20: node('20.20.2'),
  node22: node('22.23.3'),
  node24: node('24.21.0'),
  node26: node('26.10.0'),
  bun: { packages: { [bun]: '1.4.5' }, program: `${bun}/bin/bun` },
  deno: { packages: { [deno]: '2.9.6' }, program: `${deno}/deno` },
  workerd: { packages: { workerd: '1.20261117.1' } },
  // The source of XS: `xs.mjs` builds it.
  xs: { packages: { '@agoric/xsnap': '0.15.0' } },
  // Compiled to WebAssembly: Bellard's, and the fork that is called quickjs-ng.
  quickjs: {
    packages: {
      'quickjs-emscripten-core': '0.32.0',
      '@jitl/quickjs-wasmfile-release-sync': '0.32.0',
      '@jitl/quickjs-ng-wasmfile-release-sync': '0.32.0',
    },
  },
  // The newest that runs on Node 20.
  miniflare: { packages: { miniflare: '4.20260426.0' } },
  // Those who read the package as its users do.
  bundlers: {
    packages: { vite: '7.3.8', webpack: '5.112.1', '@rollup/plugin-node-resolve': '16.0.3' },
  },
  // The clients that bench/ compares with. The addon comes built.
  peers: {
    packages: {
      ws: '8.23.0',
      bufferutil: '4.1.0',
      undici: '7.30.2',
      websocket: '1.0.35',
      'faye-websocket': '0.11.4',
    },
  },
  // The libraries of test/interop/libraries, and their servers.
  libraries: {
    packages: {
      mqtt: '5.16.0',
      aedes: '1.2.0',
      ws: '8.23.0',
      'graphql-ws': '6.4.2',
      graphql: '16.15.0',
      '@nats-io/nats-core': '3.4.0',
      'socket.io': '4.8.4',
      'socket.io-client': '4.8.4',
      ethers: '6.17.0',
      partysocket: '1.3.0',
      'reconnecting-websocket': '4.4.0',
      'y-websocket': '3.1.0',
      '@y/websocket-server': '0.1.1',
      yjs: '13.6.33',
    },
  },
  // Drives Debian's Chromium for test/interop/dashboard.mjs.
  browser: { packages: { 'playwright-core': '1.65.1' } },
  checkers: { packages: { publint: '0.3.25', '@arethetypeswrong/cli': '0.18.5' } },
}

/** Installs one of the sets unless it is there; resolves to its folder. */
export async function install(name) {
  const { packages } = SETS[name]
  const folder = join(root, '.runtimes', name)
  const isThere = Object.keys(packages).every((one) => {
    const manifest = join(folder, 'node_modules', one, 'package.json')
    if (!existsSync(manifest)) return false
    // One of the packages says v18.20.8.
    return JSON.parse(readFileSync(manifest, 'utf8')).version.replace(/^v/, '') === packages[one]
  })
  if (!isThere) {
    const list = Object.entries(packages).map(([one, version]) => `${one}@${version}`)
    console.log(`Installing ${list.join(', ')} in .runtimes (once)`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    const flags = [
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--save-exact',
    ]
    await run('npm', ['install', ...flags, ...list], { cwd: folder })
  }
  return folder
}

/** The version of a package that is installed. */
export function versionOf(folder, name) {
  return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'))
    .version
}

/** Resolves to the path of a runtime's program. */
export async function programOf(name) {
  if (name === `node${process.versions.node.split('.')[0]}`) return process.execPath
  const folder = await install(name)
  if (name === 'workerd') return requireFrom(folder, 'workerd').default
  return join(folder, 'node_modules', SETS[name].program)
}

/** What a CommonJS package of a set exports. */
export function requireFrom(folder, name) {
  return createRequire(join(folder, 'package.json'))(name)
}

/** What an ES module of a set exports. */
export function importFrom(folder, path) {
  return import(pathToFileURL(join(folder, 'node_modules', path)).href)
}
