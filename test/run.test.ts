// The runner itself: what it calls a failure.

import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const runner = suite('test runner')
const root = fileURLToPath(new URL('..', import.meta.url))

/** The exit code, the first line and the last line of a run over one fixture. */
function run(fixture: string, ...options: string[]): [number | null, string, string] {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['test/run.mjs', ...options, 'test/support/fixtures/' + fixture],
    { cwd: root, encoding: 'utf8' },
  )
  const lines = stdout.trimEnd().split('\n')
  const first = lines[0].replace(/^.*fixtures./, '').replace(/\d+ ms$/, '… ms')
  return [status, first, lines[lines.length - 1]]
}

runner('counts what passed', () => {
  assert.equal(run('passes.ts'), [0, 'passes.ts: 2, … ms', '2 passed, 0 failed'])
})

runner('fails with a failing test', () => {
  assert.equal(run('fails.ts'), [1, 'fails.ts: exit code 1', '1 passed, 1 failed'])
})

runner('fails when a suite forgets to run', () => {
  assert.equal(run('forgets-to-run.ts'), [
    1,
    'forgets-to-run.ts: does not run forgetful',
    '0 passed, 1 failed',
  ])
})

runner('fails when a file has no test', () => {
  assert.equal(run('has-no-test.ts'), [1, 'has-no-test.ts: ran no test', '0 passed, 1 failed'])
})

runner('fails when what comes before the tests fails', () => {
  assert.equal(run('fails-before.ts'), [1, 'fails-before.ts: did not run 1', '0 passed, 1 failed'])
})

runner('fails when one of two suites forgets to run', () => {
  assert.equal(run('runs-one-of-two.ts'), [
    1,
    'runs-one-of-two.ts: does not run second',
    '1 passed, 1 failed',
  ])
})

runner('fails when a test is skipped', () => {
  assert.equal(run('skips.ts'), [1, 'skips.ts: skipped 1', '1 passed, 1 failed'])
})

runner('fails without a summary, whatever the exit code', () => {
  assert.equal(run('prints-no-summary.ts'), [
    1,
    'prints-no-summary.ts: printed no summary (exit code 0)',
    '0 passed, 1 failed',
  ])
})

runner('ends a file that takes too long, and fails it', () => {
  assert.equal(run('never-ends.ts', '--limit=1500'), [
    1,
    'never-ends.ts: took more than … ms',
    '0 passed, 1 failed',
  ])
})

runner('fails when no file matches', () => {
  const { status, stdout } = spawnSync(process.execPath, ['test/run.mjs', 'no-such-file'], {
    cwd: root,
    encoding: 'utf8',
  })
  assert.equal([status, stdout.trimEnd().split('\n').pop()], [1, '0 passed, 1 failed'])
})

runner.run()
