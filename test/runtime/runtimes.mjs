// `npm run runtimes`: the catalogue in every runtime, the real ones, and a table of runtime by group of cases.
//
//   node test/runtime/runtimes.mjs                 all of them
//   node test/runtime/runtimes.mjs bun workerd     those whose name begins so
//   node test/runtime/runtimes.mjs node18 --only 'wss'   cases whose name contains a text
//   node test/runtime/runtimes.mjs examples exports      the Workers of examples/; who takes which bundle
//
// Each is installed from npm into `.runtimes/`, at a pinned version. Node, Bun and Deno run `run.mjs` over
// `dist/node.js`, once as they are and once with 'data' events in place of `onread`; workerd runs
// `workers-worker.mjs` over `dist/workers.js`, by itself and through miniflare; XS runs `xs/catalogue-script.mjs` over
// `dist/ecma419.js`, on sockets of our own host with the behaviour of Moddable's; so do QuickJS and its fork, over Node's sockets. The peers run in this Node.
// Espruino has a stand-in, in this Node (`espruino/stand-in.mjs`), and duktape runs its bundle too.
// Whatever does not run is told, with its reason; the exit code is 1 if a case fails or does not run at all.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { start } from '../conformance/processes.mjs'
import { catalogue } from './catalogue.mjs'
import { cases as examples } from './examples.mjs'
import { cases as exports } from './exports.mjs'
import { cases as espruinoDuktape } from './espruino/duktape.mjs'
import { cases as nativeWebSocket } from './native-websocket.mjs'
import { programOf, root } from './packages.mjs'
import { startPeers } from './peers.mjs'
import { runInQuickjs } from './quickjs.mjs'
import { startMiniflare, startWorkerd } from './workers.mjs'
import { runInXs, startBridge } from './xs.mjs'
import { cases as xsExample } from './xs-example.mjs'
import { cases as xsMemory } from './xs-memory.mjs'
import { cases as xsPreload } from './xs-preload.mjs'
import { cases as xsWebSocketClient } from './xs-websocket-client.mjs'

/** Runs `run.mjs` in a runtime with Node's modules; `tell` gets what it says of each case. */
function nodeLike(name, { args = [], flags = [], env = {} } = {}) {
  return async (only, _, tell) => {
    const program = await programOf(name)
    const child = start(
      program,
      [...args, join(root, 'test/runtime/run.mjs'), '--json', ...flags, ...only],
      {
        cwd: root,
        env: { ...process.env, NODE: process.execPath, ...env },
        onLine: (line) => line.startsWith('{"name":') && tell(JSON.parse(line)),
      },
    )
    // A timer or a socket that is left would keep it running.
    const timer = setTimeout(() => child.kill(), LIMIT)
    const code = await child.ended
    clearTimeout(timer)
    if (code !== 0 && code !== 1) {
      throw new Error(`ended with ${code}: ${child.output.replace(/^\{"name":.*\n/gm, '').trim()}`)
    }
  }
}

/** Runs the catalogue in a Worker; `open` resolves to `{ run(job, onLine), stop() }`. */
function worker(open, tellsResets = true) {
  return async (only, peers, tell) => {
    const { ca, places } = peers
    const isUntrusted = ({ name }) => name === UNTRUSTED
    const chosen = catalogue.filter(
      ({ name }) => !only.length || only.some((word) => name.indexOf(word) >= 0),
    )
    // An authority is trusted by all connections of a Worker, so the case about one that nobody trusts
    // has a Worker of its own.
    for (const [cases, trusted] of [
      [chosen.filter((entry) => !isUntrusted(entry)), ca],
      [chosen.filter(isUntrusted), undefined],
    ]) {
      if (!cases.length) continue
      const opened = await open(trusted)
      try {
        const job = { places, tellsResets, names: cases.map(({ name }) => name) }
        const signal = AbortSignal.timeout(LIMIT)
        await opened.run(job, (line) => tell(JSON.parse(line)), signal)
      } finally {
        await opened.stop()
      }
    }
  }
}

const UNTRUSTED = 'wss: an authority that nobody trusts is refused'

/** What a runtime's own ways make different, and yet passes. */
const NOTES = {
  miniflare:
    'miniflare: its workerd (April 2026) tells a reset as an end, so 4 cases of group 7 expect CONNECTION_ENDED',
}

/** For all cases of one runtime. */
const LIMIT = 300000

const RUNTIMES = {}
for (const name of ['node18', 'node20', 'node22', 'node24', 'node26', 'bun', 'deno']) {
  const args =
    name === 'deno' ? ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual'] : []
  RUNTIMES[name] = nodeLike(name, { args })
  RUNTIMES[`${name} data`] = nodeLike(name, { args, flags: ['--data'] })
}
RUNTIMES.workerd = worker((ca) => startWorkerd({ ca }))
RUNTIMES['workerd nodejs_compat'] = worker((ca) => startWorkerd({ ca, flags: ['nodejs_compat'] }))
RUNTIMES.miniflare = worker((ca) => startMiniflare({ ca }), false)
RUNTIMES['miniflare nodejs_compat'] = worker(
  (ca) => startMiniflare({ ca, flags: ['nodejs_compat'] }),
  false,
)

/** Runs the catalogue over `dist/ecma419.js` on a host that has what a Moddable device has; `run` is `runInXs`, or alike. */
function device(name, run) {
  return async (only, { ca, places }, tell) => {
    const bridge = await startBridge(ca)
    // Moddable's sockets know dotted IPv4 addresses alone.
    const { ipv6, ipv6Secure, ...others } = places
    // By index: what XS makes of a name with a lone surrogate in it is another name.
    const cases = catalogue.flatMap(({ name }, index) =>
      !only.length || only.some((word) => name.indexOf(word) >= 0) ? index : [],
    )
    const { code, output } = await run(
      'test/runtime/xs/catalogue-script.mjs',
      {
        places: { ...others, ipv6: null, ipv6Secure: null },
        lack: "Moddable's sockets know IPv4 alone",
        bridge: bridge.port,
        cases,
        limit: 120000,
        tag: `${name}-${process.pid}`,
      },
      (line) => {
        if (!line.startsWith('{"index":')) return
        const { index, ...result } = JSON.parse(line)
        tell({ name: catalogue[index].name, ...result })
      },
      900000,
    )
    bridge.stop()
    if (code !== 0) {
      throw new Error(`ended with ${code}: ${output.replace(/^\{"index":.*\n/gm, '').trim()}`)
    }
  }
}

RUNTIMES.xs = device('xs', runInXs)
for (const name of ['quickjs', 'quickjs-ng']) {
  RUNTIMES[name] = device(name, (...given) => runInQuickjs(name, ...given))
}

/** In a stand-in for the engine, with either kind of strings. */
for (const strings of ['bytes', 'characters']) {
  RUNTIMES[`espruino ${strings}`] = async (only, _, tell) => {
    const file = join(root, 'test/runtime/espruino/run.mjs')
    const child = start(process.execPath, [file, strings, ...only], {
      cwd: root,
      onLine: (line) => line.startsWith('{"name":') && tell(JSON.parse(line)),
    })
    const timer = setTimeout(() => child.kill(), 900000)
    const code = await child.ended
    clearTimeout(timer)
    if (code !== 0) throw new Error(`ended with ${code}: ${child.output.slice(-2000)}`)
  }
}

/** What is not the catalogue, and needs the same runtimes. */
const FURTHER = {
  examples,
  exports,
  'espruino duktape': espruinoDuktape,
  'native WebSocket': nativeWebSocket,
  'xs memory': xsMemory,
  'xs preload': xsPreload,
  'xs websocket-client': xsWebSocketClient,
  'xs example': xsExample,
}

const { values, positionals } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] } },
  allowPositionals: true,
})
const isChosen = (name) => !positionals.length || positionals.some((word) => name.startsWith(word))
const names = Object.keys(RUNTIMES).filter(isChosen)
const further = Object.keys(FURTHER).filter(isChosen)
if (!names.length && !further.length) {
  const known = [...Object.keys(RUNTIMES), ...Object.keys(FURTHER)]
  console.error(`nothing is called ${positionals.join(', ')}: ${known.join(', ')}`)
  process.exit(1)
}

const expected = catalogue
  .map(({ name }) => name)
  .filter((name) => !values.only.length || values.only.some((word) => name.indexOf(word) >= 0))
const peers = await startPeers()
/** Runtime, case → result. */
const results = new Map()

for (const name of names) {
  const told = new Map()
  results.set(name, told)
  const began = Date.now()
  let problem = ''
  try {
    await RUNTIMES[name](values.only, peers, (result) => {
      told.set(result.name, result)
      if (result.result === 'failed')
        console.log(`FAILED ${name}: ${result.name}\n${result.detail}`)
    })
  } catch (error) {
    problem = String(error?.message || error)
    console.log(`FAILED ${name}: ${problem}`)
  }
  for (const one of expected) {
    if (!told.has(one)) told.set(one, { result: 'failed', detail: problem || 'it did not run' })
  }
  const count = (result) => [...told.values()].filter((one) => one.result === result).length
  console.log(
    `${name}: ${count('passed')} passed, ${count('failed')} failed, ` +
      `${count('left')} not applicable; ${((Date.now() - began) / 1000).toFixed(1)} s`,
  )
}
peers.stop()

if (names.length) {
  const report = table()
  console.log(`\n${report}\n`)
  mkdirSync(join(root, 'reports'), { recursive: true })
  writeFileSync(join(root, 'reports', 'runtimes.txt'), `${report}\n`)
}
const all = [...results.values()].flatMap((told) => [...told.values()].map(({ result }) => result))
for (const name of further) {
  for (const entry of FURTHER[name]) {
    if (values.only.length && !values.only.some((word) => entry.name.indexOf(word) >= 0)) continue
    try {
      await entry.run()
      all.push('passed')
      console.log(`ok     ${entry.name}`)
    } catch (error) {
      all.push('failed')
      console.log(`FAILED ${entry.name}\n${error?.stack || error}`)
    }
  }
}
const sum = (result) => all.filter((one) => one === result).length
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
process.exit(sum('failed') || !sum('passed') ? 1 : 0)

/** Runtime by group: how many cases pass, `of` how many where not all do, and why not. */
function table() {
  const groups = [...new Set(catalogue.map(({ group }) => group))].filter((group) =>
    expected.some((name) => groupOf(name) === group),
  )
  const rows = [['', ...groups.map((_, i) => String(i + 1)), 'all']]
  const reasons = new Map()
  for (const [name, told] of results) {
    const cell = (isIn) => {
      const all = [...told].filter(([one]) => isIn(one))
      const passed = all.filter(([, { result }]) => result === 'passed').length
      return passed === all.length ? `${passed}` : `${passed}/${all.length}`
    }
    rows.push([
      name,
      ...groups.map((group) => cell((one) => groupOf(one) === group)),
      cell(() => true),
    ])
    for (const { result, detail } of told.values()) {
      if (result === 'passed') continue
      const reason = result === 'left' ? `not applicable: ${detail}` : 'failed'
      const key = `${name}: ${reason}`
      reasons.set(key, (reasons.get(key) || 0) + 1)
    }
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const lines = rows.map((row) =>
    row
      .map((text, i) => (i ? text.padStart(widths[i]) : text.padEnd(widths[i])))
      .join('  ')
      .trimEnd(),
  )
  const legend = groups.map((group, i) => `${i + 1} ${group}`)
  const half = Math.ceil(legend.length / 2)
  return [
    ...lines,
    '',
    `${legend.slice(0, half).join(' · ')}`,
    ...(half < legend.length ? [legend.slice(half).join(' · ')] : []),
    ...[...reasons].map(([reason, count]) => `${count} of ${reason}`),
    ...names.flatMap((name) => NOTES[name] || []),
  ].join('\n')
}

function groupOf(name) {
  return catalogue.find((entry) => entry.name === name).group
}
