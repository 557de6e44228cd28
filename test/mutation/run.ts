// `npm run mutation`: changes src/protocol and src/deflate in one place at a time, and counts which changes the tests find.
//
//   npm run mutation                      all, as long as it takes
//   npm run mutation -- --file handshake  the files whose path matches this
//   npm run mutation -- --tests protocol  with the test files whose path matches this
//   npm run mutation -- --again           those that had survived, and nothing else
//   npm run mutation -- --patience 5000   milliseconds a mutant; 20000 by default
//
// What survives is printed, and is in reports/mutation.json; the last line sums up. docs/reliability.md says what is known
// of the survivors.

import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Mutant, withMutants } from './mutants'
import type { Verdict } from './worker'

const { values } = parseArgs({
  options: {
    file: { type: 'string', default: '' },
    again: { type: 'boolean', default: false },
    tests: { type: 'string', default: '' },
    patience: { type: 'string', default: '20000' },
  },
})

const root = fileURLToPath(new URL('../../', import.meta.url))
const copy = join(root, '.mutation')
const report = join(root, 'reports', 'mutation.json')

/** These take seconds each, and find nothing that the others do not. */
const SLOW = /large message in many spans|sizes at the ends of|many empty fixed blocks: cut off/

/** Without those over real sockets, or in processes of their own. */
const TESTS = [
  'test/client.test.ts',
  'test/sending.test.ts',
  'test/mutation/streams.test.ts',
  ...find('test/protocol').filter((path) => path.endsWith('.test.ts')),
  ...[
    'blocks',
    'huffman',
    'inflater',
    'mutation',
    'negotiation',
    'receiving',
    'sending',
    'tail',
  ].map((name) => `test/deflate/${name}.test.ts`),
].filter((path) => existsSync(join(root, path)) && new RegExp(values.tests).test(path))

function find(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory + '/' + entry.name
    return entry.isDirectory() ? find(path) : path.endsWith('.ts') ? [path] : []
  })
}

/** Makes the copy; returns all mutants. */
function prepare(): Mutant[] {
  rmSync(copy, { recursive: true, force: true })
  for (const path of ['src', 'targets', 'test', 'scripts', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, path), join(copy, path), { recursive: true })
  }
  const mutants: Mutant[] = []
  for (const path of [...find('src'), ...find('test')]) {
    if (path.startsWith('test/mutation/') && !path.endsWith('.test.ts')) continue
    const mutates = /^src\/(protocol|deflate)\//.test(path) && new RegExp(values.file).test(path)
    const text = readFileSync(join(root, path), 'utf8')
    const made = withMutants(path, text, mutants.length, mutates)
    mutants.push(...made.mutants)
    const collector = 'file://' + join(copy, 'test/mutation/collector.ts')
    const code = made.code
      .replace("from 'uvu'", `from '${collector}'`)
      // A tenth of the random rounds: there are thousands of mutants.
      .replace(/numRuns: (\d+)\d/g, 'numRuns: $1')
    writeFileSync(join(copy, path), code)
  }
  return mutants
}

function work(plan: string): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(copy, 'test/mutation/worker.ts'), plan],
      {
        cwd: copy,
        env: { ...process.env, DEFLATE_SEED: '1', DEFLATE_MUTATIONS: '1500' },
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    )
    child.on('close', (code) => resolve(code))
  })
}

const mutants = prepare()
type Results = Record<number, [Verdict, string]>
let results: Results = {}
const key = ({ file, line, original, replacement }: Mutant) =>
  [file, line, original, replacement].join('\0')
if (values.again) {
  const before: { mutant: Mutant; verdict: Verdict; by: string }[] = JSON.parse(
    readFileSync(report, 'utf8'),
  ).all
  const isKilled = ({ verdict }: { verdict: Verdict }) => /^(killed|endless)$/.test(verdict)
  const known = new Map(before.map((one) => [key(one.mutant), one]))
  // Of several that look alike, all must have been.
  for (const one of before) if (!isKilled(one)) known.delete(key(one.mutant))
  for (const mutant of mutants) {
    const one = known.get(key(mutant))
    if (one) results[mutant.id] = [one.verdict, one.by]
  }
}
mkdirSync(dirname(report), { recursive: true })
const plan = join(copy, 'plan.json')
const file = join(copy, 'results.json')
writeFileSync(file, JSON.stringify(results))
writeFileSync(
  plan,
  JSON.stringify({
    mutants,
    tests: TESTS.map((path) => join(copy, path)),
    patience: Number(values.patience),
    slow: SLOW.source,
    results: file,
  }),
)
console.log(`${mutants.length} mutants of ${new Set(mutants.map((one) => one.file)).size} files`)
// A worker that hangs is ended by its watch, and another goes on.
for (let times = 0; times < 100 && (await work(plan)) !== 0; times++)
  console.log('a worker has ended; another goes on')
results = JSON.parse(readFileSync(file, 'utf8'))

const all = mutants.map((mutant) => {
  const [verdict, by] = results[mutant.id] || ['survived', 'not run']
  return { mutant, verdict, by }
})
writeFileSync(report, JSON.stringify({ all }, undefined, 1))
const byFile = new Map<string, [killed: number, total: number]>()
for (const { mutant, verdict } of all) {
  const [killed, total] = byFile.get(mutant.file) || [0, 0]
  byFile.set(mutant.file, [
    killed + (verdict === 'killed' || verdict === 'endless' ? 1 : 0),
    total + 1,
  ])
  if (verdict === 'survived' || verdict === 'not reached') {
    const { line, original, replacement } = mutant
    console.log(`${verdict}: ${mutant.file}:${line} ${short(original)} → ${short(replacement)}`)
  }
}
console.log()
for (const [path, [killed, total]] of byFile)
  console.log(`${path.padEnd(36)} ${killed} of ${total}`)
const count = (verdict: Verdict) => all.filter((one) => one.verdict === verdict).length
const found = count('killed') + count('endless')
console.log(
  `\nmutation: ${all.length} mutants, ${found} killed (${count('endless')} of them without end), ` +
    `${count('survived')} survived, ${count('not reached')} not reached: ${((100 * found) / all.length).toFixed(1)} %`,
)

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 90 ? line.slice(0, 90) + '…' : line
}
