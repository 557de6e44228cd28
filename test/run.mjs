// The runner behind `npm test`: every test file in a process of its own, two at a time.
//
//   node test/run.mjs                    all of test/**/*.test.ts
//   node test/run.mjs mask connection    the files whose path contains one of these
//   node test/run.mjs path/to/file.ts    a file by its path, whatever its name
//   --limit=5000                         milliseconds that a file may take; 120000 by default. What runs alone
//                                        (*.serial.test.ts), because it measures, may take three times as long
//
// uvu ends with success when a suite was never run. So a file fails here if it exits with another code than 0,
// prints no summary, has run no test, has skipped one, or makes a suite that it does not run.

import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const AT_A_TIME = 2
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const running = new Set()

let limit = 120000
const filters = []
const named = []
for (const argument of process.argv.slice(2)) {
  if (argument.startsWith('--limit=')) limit = Number(argument.slice(8))
  else if (argument.endsWith('.ts') && existsSync(argument)) named.push(argument)
  else filters.push(argument.split('/').join(sep))
}

function find(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : find(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}

/** The names of the suites that a source makes and does not run. */
function forgotten(source) {
  const made = [...source.matchAll(/(\w+)\s*=\s*suite\s*(?:<[^(]*>)?\(/g)].map((match) => match[1])
  return made.filter((name) => !new RegExp('\\b' + name + '\\.run\\(').test(source))
}

/** Ends a test file and all that it has started. */
function kill(child) {
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

function run(file) {
  return new Promise((resolve) => {
    const started = Date.now()
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      cwd: root,
      detached: process.platform !== 'win32',
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let problem = ''
    running.add(child)
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    const most = file.endsWith('.serial.test.ts') ? 3 * limit : limit
    const timer = setTimeout(() => {
      problem = 'took more than ' + most + ' ms'
      kill(child)
    }, most)
    child.on('error', (error) => (problem = error.message))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      const number = (name) => {
        const found = output.match(new RegExp('^\\s*' + name + ':\\s+(\\d+)\\s*$', 'm'))
        return found ? Number(found[1]) : undefined
      }
      const total = number('Total')
      const passed = number('Passed') || 0
      const skipped = number('Skipped') || 0
      const left = forgotten(readFileSync(join(root, file), 'utf8'))
      if (!problem && left.length) problem = 'does not run ' + left.join(', ')
      if (!problem && total === undefined)
        problem = 'printed no summary (exit code ' + (code ?? signal) + ')'
      if (!problem && total === 0) problem = 'ran no test'
      if (!problem && skipped) problem = 'skipped ' + skipped
      if (!problem && code !== 0) problem = 'exit code ' + (code ?? signal)
      // A hook that throws before the tests is no failure to uvu.
      if (!problem && passed < total) problem = 'did not run ' + (total - passed)
      const failed = Math.max((total || 0) - passed, problem ? 1 : 0)
      if (problem) {
        console.log(
          'FAILED ' + file + ': ' + problem + '\n' + output.trimEnd().replace(/^/gm, '    '),
        )
      } else {
        console.log('ok     ' + file + ': ' + passed + ', ' + (Date.now() - started) + ' ms')
      }
      resolve({ passed, failed })
    })
  })
}

process.on('SIGINT', () => {
  running.forEach(kill)
  process.exit(130)
})

const files = named.length
  ? named.map((file) => relative(root, file))
  : find(join(root, 'test'))
      .map((file) => relative(root, file))
      .filter((file) => !filters.length || filters.some((filter) => file.includes(filter)))
      .sort()
const results = []
const together = files.filter((file) => !file.endsWith('.serial.test.ts'))
const alone = files.filter((file) => file.endsWith('.serial.test.ts'))

async function work() {
  for (let file = together.shift(); file !== undefined; file = together.shift()) {
    results.push(await run(file))
  }
}

await Promise.all(Array.from({ length: AT_A_TIME }, work))
for (const file of alone) results.push(await run(file))

if (!files.length) console.log('FAILED: no test file has ' + filters.join(', ') + ' in its path')
const sum = (name) => results.reduce((total, result) => total + result[name], 0)
const failed = sum('failed') + (files.length ? 0 : 1)
console.log('\n' + sum('passed') + ' passed, ' + failed + ' failed')
process.exitCode = failed ? 1 : 0
