// Runs in the process that the Espruino target starts: the cases of the job, one after the other, in the stand-in.

import { BUNDLE, random } from '../../runtime/espruino/environment.mjs'
import { Espruino } from '../../runtime/espruino/stand-in.mjs'
import { runCase } from '../echo.mjs'

const { url, agent, mode, cases, limit } = JSON.parse(process.argv[2])
const { connect } = new Espruino().load(BUNDLE)

for (const number of cases) {
  const outcome = await runCase(
    (where, handlers, { extensions, ...options }) =>
      connect(where, handlers, { ...options, random }),
    `${url}/runCase?case=${number}&agent=${agent}`,
    { mode, limit },
  )
  process.stdout.write(`${JSON.stringify({ case: number, ...outcome })}\n`)
}
