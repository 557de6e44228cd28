// `npm run conformance`: the built client against the Autobahn test suite, in both ways of delivery.
// Succeeds if every case is OK, and INFORMATIONAL where the suite has no other verdict. See CONTRIBUTING.md.

import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { runEach } from './all.mjs'
import { ask, modeNames } from './echo.mjs'
import { run, start } from './processes.mjs'
import { startRelay } from './relay.mjs'
import { judge, readReport, VERDICTS } from './report.mjs'
import { foreignServer, startServer } from './server.mjs'

const USAGE = `npm run conformance -- [options]
  --cases '5.*'      only these cases; repeat it, or separate them by commas
  --mode fragment    or whole; without it both
  --target node      the runtime: node, node18, node22, node24, node26, bun, deno, workers, xs, quickjs,
                     espruino; or all
  --quick            of groups 12 and 13 only the cases with messages of at most 8 KiB
  --plain            without permessage-deflate, and without groups 12 and 13, which need it
  --minutes 40       time for everything
AUTOBAHN_URL names a server that is running already, AUTOBAHN_REPORTS the folder of its reports.`

/** Cases of groups 1 to 7, 9 and 10, and of all groups: a server that has fewer is not the suite. */
const ALL_CASES = { plain: 301, deflate: 517 }

/** With `--quick`: groups 1 to 10 do not take long; these are the sizes, by the last number of a case, of 12 and 13. */
const QUICK_CASES = [
  ...[1, 2, 3, 4, 5, 6, 7, 9, 10].map((group) => `${group}.*`),
  ...[
    [12, 5],
    [13, 7],
  ].flatMap(([group, parts]) =>
    Array.from({ length: parts }, (_, i) =>
      [1, 2, 3, 4, 5, 6, 11].map((size) => `${group}.${i + 1}.${size}`),
    ).flat(),
  ),
]

/** Autobahn gives its longest cases 100 seconds. */
const CASE_LIMIT = 110000

const root = fileURLToPath(new URL('../../', import.meta.url))

let chosen
try {
  chosen = parseArgs({
    options: {
      cases: { type: 'string', multiple: true, default: [] },
      mode: { type: 'string' },
      target: { type: 'string', default: 'node' },
      quick: { type: 'boolean', default: false },
      plain: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '40' },
      help: { type: 'boolean' },
    },
  }).values
  if (chosen.help) console.log(USAGE)
  else process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(`conformance: ${error.message}${chosen ? '' : `\n${USAGE}`}`)
  process.exitCode = 1
}
// What is still running has nothing more to say.
process.exit()

async function main() {
  if (chosen.target === 'all') return runEach(targetNames(), process.argv.slice(2))
  const began = Date.now()
  const minutes = +chosen.minutes
  if (!(minutes > 0)) throw new Error(`--minutes ${chosen.minutes}, expected more than 0`)
  setTimeout(() => {
    console.error(`\nconformance: not done in ${minutes} minutes`)
    process.exit(1)
  }, minutes * 60000)

  const target = await targetNamed(chosen.target)
  const modes = chosen.mode ? [chosen.mode] : modeNames
  if (!modeNames.includes(modes[0])) {
    throw new Error(`--mode ${chosen.mode}, expected ${modeNames.join(' or ')}`)
  }
  const patterns = [...chosen.cases, ...(chosen.quick ? QUICK_CASES : [])]
    .flatMap((list) => list.split(','))
    .map((pattern) => pattern.trim())
  const deflate = !chosen.plain && target.hasDeflate !== false
  await build([...target.bundles, 'dist/node.js', ...(deflate ? ['dist/deflate.js'] : [])])

  const { connect } = await import(pathToFileURL(join(root, 'dist/node.js')).href)
  const server = await serverFor({ patterns, deflate }, (page) => ask(connect, server.url + page))
  const count = +(await ask(connect, `${server.url}/getCaseCount`))
  const numbers = await server.select(count)
  if (!numbers.length) throw new Error('no case is of this selection')
  const expected = deflate ? ALL_CASES.deflate : ALL_CASES.plain
  if (!process.env.AUTOBAHN_URL && !patterns.length && count !== expected) {
    throw new Error(`the server has ${count} cases, expected ${expected}`)
  }

  const relay = server.readsWhileWriting ? server.url : await startRelay(server.url)
  const runs = []
  for (const mode of modes) {
    const url = mode === 'fragment' ? relay : server.url
    const agent = `ringlet-${chosen.target}-${mode}`
    const title = `${chosen.target}, ${mode} mode`
    const modeBegan = Date.now()
    const outcomes = await runCases(target, { url, agent, mode, deflate }, numbers, title)
    runs.push({ mode, title, agent, outcomes, seconds: secondsSince(modeBegan) })
  }
  const since = Date.now() - 1000
  // The original answers when they are written; kosoku drops the connection, writes them and exits.
  await ask(connect, `${server.url}/updateReports?agent=${runs[0].agent}`).catch(() => {})
  await server.written(since)
  return tell(server, runs, numbers, began)
}

function targetNames() {
  return readdirSync(new URL('./targets/', import.meta.url))
    .map((file) => /^([a-z0-9]+)\.mjs$/.exec(file)?.[1])
    .filter(Boolean)
}

async function targetNamed(name) {
  const names = targetNames()
  if (!names.includes(name)) throw new Error(`--target ${name}, expected ${names.join(' or ')}`)
  return (await import(`./targets/${name}.mjs`)).default
}

/** Builds if a bundle is missing, or older than what it is made of. */
async function build(bundles) {
  const made = Math.min(...bundles.map((bundle) => changed(bundle)))
  const sources = ['src', 'targets', 'rollup.config.mjs', 'package.json']
  if (made <= Math.max(...sources.map((source) => changed(source)))) {
    console.log('Building')
    await run('npm', ['run', '--silent', 'build'], { cwd: root })
  }
  const missing = bundles.find((bundle) => !changed(bundle))
  if (missing) throw new Error(`${missing} is not there after the build`)
}

/** When a file, or the last of a folder's files, was written; 0 if there is none. */
function changed(path) {
  const full = join(root, path)
  const found = statSync(full, { throwIfNoEntry: false })
  if (!found) return 0
  if (!found.isDirectory()) return found.mtimeMs
  return Math.max(0, ...readdirSync(full).map((name) => changed(join(path, name))))
}

async function serverFor(selection, askPage) {
  const { AUTOBAHN_URL: url, AUTOBAHN_REPORTS: reports } = process.env
  if (url) {
    if (!reports)
      throw new Error('AUTOBAHN_REPORTS is missing: the folder of the reports of AUTOBAHN_URL')
    return foreignServer(url.replace(/\/+$/, ''), reports, selection, askPage)
  }
  const folder = join(root, 'reports', chosen.target)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return startServer(root, { ...selection, reports: folder })
}

/**
 * Runs the cases in the target's runtime; resolves to the outcome of each, by its number. Where the runtime
 * crashes or hangs, that case has a `problem`, and a new one goes on with the next.
 */
async function runCases(target, job, numbers, title) {
  const outcomes = new Map()
  const progress = progressOf(title, numbers.length)
  // Not by how many there are: a line of one may have been lost in what the runtime itself prints.
  const left = () => numbers.filter((number) => !outcomes.has(number))
  while (left().length) {
    const cases = left()
    let isHanging = false
    let watch
    const [program, args] = target.command({ ...job, cases, limit: CASE_LIMIT })
    const watchCase = () => {
      clearTimeout(watch)
      watch = setTimeout(() => {
        isHanging = true
        client.kill()
      }, CASE_LIMIT + 10000)
    }
    const client = start(program, args, {
      onLine(line) {
        // Anything else that a runtime prints is not ours.
        if (!line.startsWith('{"case":')) return
        const { case: number, ...outcome } = JSON.parse(line)
        if (outcome.isTimedOut) outcome.problem = `not done in ${CASE_LIMIT / 1000} seconds`
        outcomes.set(number, outcome)
        progress(outcomes.size)
        watchCase()
      },
    })
    watchCase()
    const code = await client.ended
    clearTimeout(watch)
    const [next] = left()
    if (next === undefined && code === 0) break
    // After the last line it is the last case that it had trouble with.
    const output = client.output.replace(/^\{"case":.*\n/gm, '').trim()
    outcomes.set(next ?? numbers[numbers.length - 1], {
      delivered: 0,
      problem: isHanging ? 'the runtime hangs' : `the runtime ended with ${code}: ${output}`,
    })
    progress(outcomes.size)
  }
  return outcomes
}

/** One line that changes on a terminal; elsewhere a line for every quarter. */
function progressOf(title, total) {
  let told = 0
  return (done) => {
    if (process.stdout.isTTY) {
      process.stdout.write(`\r\x1b[K${title}: ${done} of ${total}${done === total ? '\n' : ''}`)
    } else if (Math.floor((done * 4) / total) > told) {
      told = Math.floor((done * 4) / total)
      console.log(`${title}: ${done} of ${total}`)
    }
  }
}

/** Prints what came out, and returns whether all of it passes. */
function tell(server, runs, numbers, began) {
  const summary = { passed: 0, failed: 0, modes: {} }
  const lines = []
  for (const { mode, title, agent, outcomes, seconds } of runs) {
    const { entry, numberOf } = readReport(server.reports, agent)
    const { counts, passed, failed, notes } = judge(entry, numbers, numberOf, outcomes)
    for (const note of notes) console.log(`${title}, ${note}`)
    if (entry['5.17']) {
      const { behavior, behaviorClose } = entry['5.17']
      const { delivered } = outcomes.get(numberOf('5.17'))
      console.log(
        `${title}, 5.17: behavior ${behavior}, behaviorClose ${behaviorClose}; ` +
          (delivered ? `${delivered} delivered` : 'nothing was delivered'),
      )
    }
    summary.passed += passed
    summary.failed += failed
    summary.modes[mode] = counts
    const list = VERDICTS.map((verdict) => `${counts[verdict]} ${verdict}`).join(', ')
    lines.push(`${title}: ${list}; ${numbers.length} cases, ${seconds} s`)
  }
  const folder = dirname(join(root, 'reports', 'conformance.json'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'conformance.json'), `${JSON.stringify(summary, null, 2)}\n`)
  const page = relative(process.cwd(), join(server.reports, 'index.html'))
  console.log(`Report: ${page}; ${secondsSince(began)} s in all`)
  for (const line of lines) console.log(line)
  return summary.failed === 0
}

function secondsSince(time) {
  return ((Date.now() - time) / 1000).toFixed(1)
}
