// `import 'ringlet'` by those who read packages: which target each of them takes, and whether the types resolve.
// A part of `npm run runtimes`. Each bundles a tiny app, in which `ringlet` is this project's folder.

import { deepStrictEqual as equal } from 'node:assert'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { build as esbuild } from 'esbuild'
import { rollup } from 'rollup'
import ts from 'typescript'
import { run } from '../conformance/processes.mjs'
import { importFrom, install, programOf, requireFrom, root } from './packages.mjs'

const app = join(root, '.runtimes', 'app')
const entry = join(app, 'app.mjs')
const external = [/^node:/, /^cloudflare:/]

/** Makes the app anew. */
function makeApp() {
  rmSync(app, { recursive: true, force: true })
  mkdirSync(join(app, 'node_modules'), { recursive: true })
  symlinkSync(root, join(app, 'node_modules', 'ringlet'))
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }\n')
  writeFileSync(
    entry,
    "import * as ringlet from 'ringlet'\nconst { connect } = { ...ringlet }\nconsole.log(typeof connect)\n",
  )
}

/** The target that a bundle was made from. */
function targetIn(code) {
  if (code.includes('cloudflare:sockets')) return 'workers'
  return code.includes('node:net') ? 'node' : 'core'
}

/** Each gets the conditions to resolve by, besides its own, and resolves to a bundle's code. */
const bundlers = {
  async esbuild(conditions) {
    const { outputFiles } = await esbuild({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: 'esm',
      platform: conditions.includes('node') ? 'node' : 'browser',
      conditions,
      external: ['cloudflare:*', 'node:*'],
    })
    return outputFiles[0].text
  },
  async rollup(conditions) {
    const folder = await install('bundlers')
    const { nodeResolve } = requireFrom(folder, '@rollup/plugin-node-resolve')
    const built = await rollup({
      input: entry,
      external,
      plugins: [nodeResolve({ exportConditions: conditions })],
    })
    const { output } = await built.generate({ format: 'es' })
    return output[0].code
  },
  async vite(conditions) {
    const { build } = await importFrom(await install('bundlers'), 'vite/dist/node/index.js')
    const isServer = conditions.length > 0
    const output = await build({
      configFile: false,
      root: app,
      logLevel: 'silent',
      ssr: { noExternal: true, resolve: { conditions: [...conditions, 'module', 'import'] } },
      build: {
        write: false,
        minify: false,
        ssr: isServer,
        rollupOptions: { input: entry, external },
      },
    })
    return [output].flat()[0].output[0].code
  },
  async webpack(conditions) {
    const webpack = requireFrom(await install('bundlers'), 'webpack')
    const path = join(app, 'webpack')
    await new Promise((resolve, reject) => {
      webpack(
        {
          mode: 'development',
          devtool: false,
          entry,
          output: { path, filename: 'out.mjs', module: true },
          experiments: { outputModule: true },
          target: conditions.includes('node') ? 'node18' : ['web', 'es2022'],
          externals: [
            ({ request }, done) =>
              /^cloudflare:/.test(request) ? done(null, `module ${request}`) : done(),
          ],
          ...(conditions.length && { resolve: { conditionNames: [...conditions, 'import'] } }),
        },
        (error, stats) =>
          error || stats.hasErrors() ? reject(error || new Error(stats.toString())) : resolve(),
      )
    })
    return readFileSync(join(path, 'out.mjs'), 'utf8')
  },
}

export const cases = []

for (const [name, bundle] of Object.entries(bundlers)) {
  cases.push({
    name: `${name} takes the target by condition`,
    async run() {
      makeApp()
      const taken = {}
      for (const condition of ['workerd', 'node', 'default']) {
        taken[condition] = targetIn(await bundle(condition === 'default' ? [] : [condition]))
      }
      equal(taken, { workerd: 'workers', node: 'node', default: 'core' })
    },
  })
}

for (const name of ['node18', 'node20', 'node22', 'node24', 'node26', 'bun', 'deno']) {
  cases.push({
    name: `${name} takes the Node target`,
    async run() {
      makeApp()
      const args = name === 'deno' ? ['run', '--allow-all', '--no-lock'] : []
      equal((await run(await programOf(name), [...args, entry], { cwd: app })).trim(), 'function')
    },
  })
}

cases.push({
  name: 'types resolve under bundler and nodenext',
  async run() {
    makeApp()
    const { Bundler, NodeNext } = ts.ModuleResolutionKind
    const places = []
    for (const [moduleResolution, module] of [
      [Bundler, ts.ModuleKind.ESNext],
      [NodeNext, ts.ModuleKind.NodeNext],
    ]) {
      for (const customConditions of [['workerd'], ['node'], []]) {
        const { resolvedModule } = ts.resolveModuleName(
          'ringlet',
          entry.replace('.mjs', '.mts'),
          { moduleResolution, module, customConditions },
          ts.sys,
          undefined,
          undefined,
          ts.ModuleKind.ESNext,
        )
        places.push(resolvedModule?.resolvedFileName.split('/').pop())
      }
    }
    equal(places, [
      ...['workers.d.ts', 'node.d.ts', 'core.d.ts'],
      // NodeNext has the condition `node` by itself.
      ...['workers.d.ts', 'node.d.ts', 'node.d.ts'],
    ])
  },
})

cases.push({
  name: 'publint has nothing to say',
  async run() {
    const { publint } = await importFrom(await install('checkers'), 'publint/src/index-node.js')
    const { messages } = await publint({ pkgDir: root, strict: true, pack: false })
    // Espruino reads CommonJS, whatever the package's type is, and Node has no use for its bundle.
    const isOfEspruino = ({ path }) => path.join('.').startsWith('exports../espruino')
    equal(
      messages.filter((message) => !isOfEspruino(message)),
      [],
    )
  },
})

cases.push({
  name: 'are-the-types-wrong finds nothing wrong for ES modules',
  async run() {
    const folder = await install('checkers')
    makeApp()
    const packed = await run(
      'npm',
      ['pack', '--ignore-scripts', '--pack-destination', app, '--json'],
      {
        cwd: root,
      },
    )
    const { filename } = JSON.parse(packed.slice(packed.indexOf('[')))[0]
    const cli = join(folder, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js')
    // A package of ES modules only: `require` of it is not what this checks.
    const flags = ['--profile', 'esm-only', '--exclude-entrypoints', 'espruino', 'espruino-ws']
    await run(process.execPath, [cli, join(app, filename), ...flags])
  },
})
