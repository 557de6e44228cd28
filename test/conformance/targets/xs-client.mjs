// Has XS run the cases of the job, and prints what it says of each.

import { runInXs } from '../../runtime/xs.mjs'

const job = JSON.parse(process.argv[2])
const limit = (job.limit + 5000) * job.cases.length
const { code, output } = await runInXs(
  'test/conformance/targets/xs-script.mjs',
  job,
  (line) => process.stdout.write(`${line}\n`),
  limit,
)
if (code !== 0) process.stderr.write(output.replace(/^\{"case":.*\n/gm, ''))
process.exitCode = code === 0 ? 0 : 1
