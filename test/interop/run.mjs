// `npm run interop`: Ringlet's bundle for Node with the servers, proxies and libraries that people run, and a table.
//
//   node test/interop/run.mjs                   all of them, all cases
//   node test/interop/run.mjs ws nginx          those whose name contains one of these
//   node test/interop/run.mjs --quick           what CI runs: no message of 16 MiB, few ways of compressing,
//                                               neither nats-server nor Chromium
//   node test/interop/run.mjs --only close      cases whose name contains this
//   node test/interop/run.mjs --allow-missing   what the machine has no toolchain for does not fail the command
//
// It installs what it needs (installation.mjs). What a server cannot do is n/a, with its reason, and not a pass; where
// it is at fault itself, that is told apart, too. The exit code is 1 if a case fails, or a server does not run.

import { deepStrictEqual, ok } from 'node:assert'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { certificateAuthority, LOOPBACK_4 } from '../runtime/certificates.mjs'
import { install, root, versionOf } from '../runtime/packages.mjs'
import { runCase } from '../runtime/run-case.mjs'
import { cases } from './cases.mjs'
import { dashboard } from './dashboard.mjs'
import { CLIENTS, converse, shortForm } from './deflate.mjs'
import { Missing } from './installation.mjs'
import { LIBRARIES } from './libraries/all.mjs'
import { STEPS, Trial } from './libraries/trial.mjs'
import { cases as proxyCases, PROXIES } from './proxies.mjs'
import { listening, SERVERS } from './servers.mjs'

const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    'allow-missing': { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const { connect } = await import(pathToFileURL(join(root, 'dist/node.js')).href)
const { deflate } = await import(pathToFileURL(join(root, 'dist/deflate.js')).href)

/** For a case, on a machine that does other things, too. */
const LIMIT = 120000

const isChosen = (name, words) => !words.length || words.some((word) => name.includes(word))

const certificates = makeCertificates()

function makeCertificates() {
  const folder = mkdtempSync(join(tmpdir(), 'ringlet-certificates-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const authority = certificateAuthority()
  const { cert, key } = authority.issue('localhost', ['localhost'], [LOOPBACK_4])
  const file = (name, text) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  return {
    ca: authority.ca,
    tls: {
      cert,
      key,
      certFile: file('certificate.pem', cert),
      keyFile: file('key.pem', key),
      bothFile: file('both.pem', cert + key),
    },
  }
}

const trust = { tls: { ca: certificates.ca } }

/** Row, case → `{ group, result, detail }`; result is passed, failed, n/a, or own: the server's error, as known. */
const results = new Map()
const missing = []

/** Starts what a row stands for; resolves to `{ url(path), kill() }`. */
async function startRow(row, settings) {
  if (row.start) return row.start({ ...settings, tls: certificates.tls })
  const { port, server } = await listening(
    await row.command({ ...settings, tls: settings.tls && certificates.tls }),
  )
  const scheme = settings.tls ? 'wss' : 'ws'
  return { url: (path) => scheme + '://127.0.0.1:' + port + path, kill: server.kill }
}

async function runRow(row) {
  const told = new Map()
  const own = row.errors || []
  const tell = (group, name, result, detail = '') => {
    told.set(group + ': ' + name, { group, result, detail })
    if (result === 'failed') console.log(`FAILED ${row.name}, ${group}: ${name}\n${detail}`)
  }
  const peer = await startRow(row, {})
  results.set(row.name, told)
  const env = {
    connect,
    url: peer.url,
    options: row.isSecure ? trust : {},
    trust,
    row,
    restart: (settings = {}) => startRow(row, settings),
    equal: deepStrictEqual,
    ok,
    setTimeout,
  }
  for (const entry of row.start ? [...cases, ...proxyCases] : cases) {
    const { group, name, needs } = entry
    if (!isChosen(name, values.only) || (values.quick && entry.isLong)) continue
    const lack = needs.map((need) => row.lacks?.[need]).find(Boolean)
    if (lack) {
      tell(group, name, 'n/a', lack)
      continue
    }
    const known = own.find((one) => one.test(name))
    try {
      await runCase(entry, env, LIMIT)
      if (known) tell(group, name, 'failed', `no longer so: ${known.says}`)
      else tell(group, name, 'passed')
    } catch (error) {
      if (known) tell(group, name, 'own', known.says)
      else tell(group, name, 'failed', String(error?.stack || error))
    }
  }
  peer.kill()
  await runDeflate(row, tell)
  const count = (result) => [...told.values()].filter((one) => one.result === result).length
  console.log(`${row.name}: ${count('passed')} passed, ${count('failed')} failed`)
}

async function runDeflate(row, tell) {
  if (!isChosen('deflate', values.only)) return
  if (!row.deflate) {
    if (row.lacks.deflate) tell('deflate', 'all', 'n/a', row.lacks.deflate)
    return
  }
  let agreements = 0
  for (const [side, setting] of Object.entries(row.deflate)) {
    const peer = await startRow(row, { deflate: setting })
    const tries = Object.entries(CLIENTS).filter(
      ([name]) => !values.quick || /default|window 10/.test(name),
    )
    for (const [ours, options] of tries) {
      for (const isWhole of [true, false]) {
        const name = `${side}, ours ${ours}, ${isWhole ? 'whole' : 'in fragments'}`
        try {
          const extension = deflate({ threshold: 0, ...options })
          const also = row.isSecure ? trust : {}
          const agreed = await converse(connect, peer.url('/echo'), extension, isWhole, also)
          if (agreed) agreements++
          tell('deflate', name, 'passed', shortForm(agreed))
        } catch (error) {
          const known = row.deflateErrors?.find((one) => one.test(side, ours, error))
          if (known) tell('deflate', name, 'own', known.says)
          else tell('deflate', name, 'failed', String(error?.stack || error))
        }
      }
    }
    peer.kill()
  }
  if (!agreements) tell('deflate', 'agrees at all', 'failed', 'has never agreed to compress')
}

/** The rows of the libraries' table. */
const trials = []

async function runLibrary({ name, packages, needs, run: runTrial }) {
  const folder = await install('libraries')
  const trial = new Trial()
  let failure = ''
  try {
    await runTrial(trial, folder)
  } catch (error) {
    if (error instanceof Missing) throw error
    failure = String(error?.stack || error)
  } finally {
    trial.stop()
  }
  const told = new Map()
  for (const step of STEPS) {
    const reached = trial.steps.get(step) || { result: 'failed', detail: failure }
    told.set(step, { group: step, ...reached })
  }
  if (failure) console.log(`FAILED ${name}\n${failure}`)
  results.set(name, told)
  const cells = STEPS.map(
    (step) => ({ passed: 'yes', failed: 'no' })[told.get(step).result] || 'n/a',
  )
  const versions = packages.map((one) => versionOf(folder, one)).join(', ')
  trials.push([name, versions, ...cells, needs])
  console.log(`${name}: ${cells.join(' ')}`)
}

/** What has one result alone: an example. */
async function runExample({ name, run: runIt }) {
  let failure = ''
  try {
    await runIt()
  } catch (error) {
    if (error instanceof Missing) throw error
    failure = String(error?.stack || error)
    console.log(`FAILED ${name}\n${failure}`)
  }
  const result = failure ? 'failed' : 'passed'
  results.set(name, new Map([['', { group: 'example', result, detail: failure }]]))
  console.log(`${name}: ${result}`)
}

/** Columns of texts, the first to the left, or all. */
function columns(rows, isLeft) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row
      .map((text, i) => (isLeft || !i ? text.padEnd(widths[i]) : text.padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  )
}

/** Row by group: how many pass, `of` how many where not all do; and below, why not. */
function table() {
  const groups = []
  for (const [name, told] of results) {
    if (elsewhere.includes(name)) continue
    for (const { group } of told.values()) if (!groups.includes(group)) groups.push(group)
  }
  const rows = [['', ...groups, 'all']]
  const reasons = new Map()
  for (const [name, told] of results) {
    if (elsewhere.includes(name)) continue
    const cell = (isIn) => {
      const all = [...told.values()].filter(isIn)
      const passed = all.filter(({ result }) => result === 'passed').length
      if (!all.length) return ''
      if (all.every(({ result }) => result === 'n/a')) return 'n/a'
      return passed === all.length ? `${passed}` : `${passed}/${all.length}`
    }
    rows.push([
      name,
      ...groups.map((group) => cell((one) => one.group === group)),
      cell(() => true),
    ])
    for (const { group, result, detail } of told.values()) {
      if (result === 'passed') continue
      const what = { 'n/a': 'n/a: ', own: 'its own error: ', failed: '' }[result]
      const key = `${name}, ${group}: ${result === 'failed' ? 'failed' : what + detail}`
      reasons.set(key, (reasons.get(key) || 0) + 1)
    }
  }
  return [
    ...columns(rows),
    '',
    ...[...reasons].map(([reason, count]) => `${count} of ${reason}`),
  ].join('\n')
}

/** What is no row of the servers' table. */
const elsewhere = [...LIBRARIES, dashboard].map(({ name }) => name)
for (const [run, rows] of [
  [runRow, [...SERVERS, ...PROXIES]],
  [runLibrary, LIBRARIES],
  [runExample, [dashboard]],
]) {
  for (const row of rows) {
    if (!isChosen(row.name, positionals)) continue
    if (values.quick && row.isLong) console.log(`${row.name}: left out by --quick`)
    else await attempt(run, row)
  }
}

async function attempt(run, row) {
  try {
    await run(row)
  } catch (error) {
    missing.push(`${row.name}: ${error instanceof Missing ? error.message : error?.stack || error}`)
    console.log(`not run: ${missing[missing.length - 1]}`)
    if (!(error instanceof Missing && values['allow-missing'])) {
      results.set(row.name, new Map([['', { group: 'start', result: 'failed', detail: '' }]]))
    }
  }
}

const head = ['library', 'version', ...STEPS, 'what it needs']
const parts = []
if ([...results.keys()].some((name) => !elsewhere.includes(name))) parts.push(table())
if (trials.length) parts.push(columns([head, ...trials], true).join('\n'))
if (missing.length) parts.push(missing.map((one) => `not run: ${one}`).join('\n'))
const report = parts.join('\n\n')
console.log(`\n${report}\n`)
mkdirSync(join(root, 'reports'), { recursive: true })
writeFileSync(join(root, 'reports', 'interop.txt'), `${report}\n`)
const all = [...results.values()].flatMap((told) => [...told.values()])
const sum = (result) => all.filter((one) => one.result === result).length
console.log(`${sum('n/a')} not applicable, ${sum('own')} errors of the servers' own`)
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
process.exit(sum('failed') || !sum('passed') ? 1 : 0)
