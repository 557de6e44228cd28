// Runs in the process that the Node target starts: the cases of the job, one after the other.

import { connect } from '../../../dist/node.js'
import { runCase } from '../echo.mjs'

const { url, agent, mode, cases, limit, deflate } = JSON.parse(process.argv[2])
const extension = deflate ? (await import('../../../dist/deflate.js')).deflate : undefined

for (const number of cases) {
  const outcome = await runCase(connect, `${url}/runCase?case=${number}&agent=${agent}`, {
    mode,
    limit,
    extensions: extension ? [extension()] : [],
  })
  process.stdout.write(`${JSON.stringify({ case: number, ...outcome })}\n`)
}
