// `--target all`: one run for each target, one after the other, and one table over all of them.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { start } from './processes.mjs'
import { VERDICTS } from './report.mjs'

const runner = fileURLToPath(new URL('./run.mjs', import.meta.url))
const reports = fileURLToPath(new URL('../../reports/', import.meta.url))
const summaryFile = `${reports}conformance.json`

/** Runs each of `targets` with the options in `args`; prints what they say, and resolves to whether all pass. */
export async function runEach(targets, args) {
  const rows = [['', '', ...VERDICTS]]
  const all = { passed: 0, failed: 0, targets: {} }
  for (const target of targets) {
    rmSync(summaryFile, { force: true })
    const child = start(process.execPath, [runner, ...withTarget(args, target)], {
      onLine: (line) => console.log(line),
    })
    const code = await child.ended
    const summary = existsSync(summaryFile)
      ? JSON.parse(readFileSync(summaryFile, 'utf8'))
      : { passed: 0, failed: 1, modes: { 'did not run': {} } }
    all.passed += summary.passed
    all.failed += summary.failed || (code === 0 ? 0 : 1)
    all.targets[target] = summary
    for (const [mode, counts] of Object.entries(summary.modes)) {
      rows.push([target, mode, ...VERDICTS.map((verdict) => String(counts[verdict] ?? ''))])
    }
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const lines = rows.map((row) =>
    row
      .map((text, i) => (i < 2 ? text.padEnd(widths[i]) : text.padStart(widths[i])))
      .join('  ')
      .trimEnd(),
  )
  const table = lines.join('\n')
  mkdirSync(reports, { recursive: true })
  writeFileSync(summaryFile, `${JSON.stringify(all, null, 2)}\n`)
  writeFileSync(`${reports}conformance.txt`, `${table}\n`)
  console.log(`\n${table}\n\n${all.passed} passed, ${all.failed} failed`)
  return all.failed === 0
}

/** The same options for one target. */
function withTarget(args, target) {
  return args.flatMap((arg, i) => {
    if (args[i - 1] === '--target') return []
    if (arg === '--target' || arg.startsWith('--target=')) return ['--target', target]
    return [arg]
  })
}
