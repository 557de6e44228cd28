// What the server's report says about one agent: every case's verdict, and whether that is a pass.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const VERDICTS = ['OK', 'NON-STRICT', 'INFORMATIONAL', 'UNIMPLEMENTED', 'FAILED']

/** Cases in which any answer is right, and the suite only says what it was. */
const INFORMATIONAL_CASES = ['7.1.6', '7.13.1', '7.13.2']

/** From good to bad. What is none of these, as UNCLEAN and WRONG CODE are, failed. */
const BY_GRAVITY = ['OK', 'INFORMATIONAL', 'NON-STRICT', 'UNIMPLEMENTED', 'FAILED']

/** One verdict of `behavior` and `behaviorClose`: the worse. */
export function worse(behavior, behaviorClose) {
  const gravity = (verdict) => (BY_GRAVITY.includes(verdict) ? BY_GRAVITY.indexOf(verdict) : 4)
  return BY_GRAVITY[Math.max(gravity(behavior), gravity(behaviorClose))]
}

/**
 * Judges the agent's entry in `index.json` and what the client says of each case (`outcomes`, by number).
 * `numberOf` gives a case's number by its name. The cases are those of `numbers`: one that the report lacks has
 * failed. Returns `{ counts, passed, failed, notes }`: how many cases have each verdict, how many of them pass,
 * and a line for each case that is not OK.
 */
export function judge(entry, numbers, numberOf, outcomes) {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]))
  const notes = []
  const missing = new Set(numbers)
  let failed = 0
  for (const id of Object.keys(entry).sort(inOrder)) {
    const number = numberOf(id)
    if (!missing.delete(number)) continue
    const { behavior, behaviorClose } = entry[id]
    const { error = '', problem } = outcomes.get(number) || { problem: 'the client did not run it' }
    const verdict = problem ? 'FAILED' : worse(behavior, behaviorClose)
    const isExpected =
      verdict === 'OK' || (verdict === 'INFORMATIONAL' && INFORMATIONAL_CASES.includes(id))
    counts[verdict]++
    if (!isExpected) failed++
    if (verdict !== 'OK') {
      const said = [problem, error && `the client said: ${error}`].filter(Boolean).join('; ')
      notes.push(
        `${id}: behavior ${behavior}, behaviorClose ${behaviorClose}` +
          (isExpected ? ', as it should be' : said && `; ${said}`),
      )
    }
  }
  for (const number of missing) {
    counts.FAILED++
    failed++
    const { problem = 'it ran' } = outcomes.get(number) || { problem: 'it did not run' }
    notes.push(`case number ${number}: not in the report; ${problem}`)
  }
  return { counts, passed: numbers.length - failed, failed, notes }
}

/** 2.9 before 2.10. */
function inOrder(a, b) {
  const left = a.split('.')
  const right = b.split('.')
  for (let i = 0; i < left.length && i < right.length; i++) {
    if (left[i] !== right[i]) return left[i] - right[i]
  }
  return left.length - right.length
}

/** The agent's entry in the report, and the numbers of its cases. */
export function readReport(folder, agent) {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
  const entry = index[agent] || {}
  const numbers = {}
  for (const id of Object.keys(entry)) {
    const file = join(folder, entry[id].reportfile)
    if (existsSync(file)) numbers[id] = JSON.parse(readFileSync(file, 'utf8')).case
  }
  return { entry, numberOf: (id) => numbers[id] }
}
