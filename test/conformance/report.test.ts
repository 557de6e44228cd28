// What `npm run conformance` calls a pass.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Entry, judge, type Outcome, VERDICTS } from './report.mjs'

const report = suite('conformance report')

/** Judges cases given as `id: behavior behaviorClose`; the client ran all of them, unless told otherwise. */
function judged(cases: string[], numbers?: number[], ran: Record<number, Outcome> = {}): string[] {
  const entry: Record<string, Entry> = {}
  const outcomes = new Map<number, Outcome>()
  const ids = cases.map((line) => line.split(':')[0])
  cases.forEach((line, i) => {
    const [behavior, behaviorClose] = line.split(': ')[1].split('/')
    entry[ids[i]] = { behavior, behaviorClose }
    outcomes.set(i + 1, ran[i + 1] || { delivered: 1 })
  })
  const { counts, passed, failed, notes } = judge(
    entry,
    numbers || ids.map((_, i) => i + 1),
    (id) => ids.indexOf(id) + 1,
    outcomes,
  )
  const counted = VERDICTS.filter((name) => counts[name]).map((name) => counts[name] + ' ' + name)
  return [...notes, counted.join(', ') + '; ' + passed + ' passed, ' + failed + ' failed']
}

report('passes what is OK in both verdicts', () => {
  assert.equal(judged(['1.1.1: OK/OK', '1.1.2: OK/OK']), ['2 OK; 2 passed, 0 failed'])
})

report('passes INFORMATIONAL where the suite has no other verdict, and nowhere else', () => {
  assert.equal(judged(['7.1.6: INFORMATIONAL/INFORMATIONAL', '7.13.1: OK/INFORMATIONAL']), [
    '7.1.6: behavior INFORMATIONAL, behaviorClose INFORMATIONAL, as it should be',
    '7.13.1: behavior OK, behaviorClose INFORMATIONAL, as it should be',
    '2 INFORMATIONAL; 2 passed, 0 failed',
  ])
  assert.equal(judged(['7.1.5: INFORMATIONAL/OK']), [
    '7.1.5: behavior INFORMATIONAL, behaviorClose OK',
    '1 INFORMATIONAL; 0 passed, 1 failed',
  ])
})

report('counts the worse of the two verdicts', () => {
  assert.equal(
    judged([
      '2.10: OK/UNCLEAN',
      '2.9: OK/WRONG CODE',
      '3.2: NON-STRICT/OK',
      '5.1: FAILED/OK',
      '7.1.6: FAILED/INFORMATIONAL',
      '13.3.1: UNIMPLEMENTED/OK',
    ]),
    [
      '2.9: behavior OK, behaviorClose WRONG CODE',
      '2.10: behavior OK, behaviorClose UNCLEAN',
      '3.2: behavior NON-STRICT, behaviorClose OK',
      '5.1: behavior FAILED, behaviorClose OK',
      '7.1.6: behavior FAILED, behaviorClose INFORMATIONAL',
      '13.3.1: behavior UNIMPLEMENTED, behaviorClose OK',
      '1 NON-STRICT, 1 UNIMPLEMENTED, 4 FAILED; 0 passed, 6 failed',
    ],
  )
})

report('fails a case that the report lacks', () => {
  assert.equal(judged(['1.1.1: OK/OK'], [1, 2]), [
    'case number 2: not in the report; it did not run',
    '1 OK, 1 FAILED; 1 passed, 1 failed',
  ])
})

report('fails a case that the client had trouble with, whatever the server saw', () => {
  const ran = {
    1: { delivered: 0, error: 'BAD_STATUS: 400', problem: 'not done in 110 seconds' },
  }
  assert.equal(judged(['1.1.1: OK/OK', '1.1.2: OK/OK'], undefined, ran), [
    '1.1.1: behavior OK, behaviorClose OK; not done in 110 seconds; the client said: BAD_STATUS: 400',
    '1 OK, 1 FAILED; 1 passed, 1 failed',
  ])
})

report.run()
