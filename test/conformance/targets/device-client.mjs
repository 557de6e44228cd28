// Has XS or QuickJS run the cases of the job, and prints what it says of each.

import { runInQuickjs } from '../../runtime/quickjs.mjs'
import { runInXs } from '../../runtime/xs.mjs'

const [, , engine, text] = process.argv
const job = JSON.parse(text)
const limit = (job.limit + 5000) * job.cases.length
const script = 'test/conformance/targets/device-script.mjs'
const onLine = (line) => process.stdout.write(`${line}\n`)
const { code, output } =
  engine === 'xs'
    ? await runInXs(script, job, onLine, limit)
    : await runInQuickjs(engine, script, job, onLine, limit)
if (code !== 0) process.stderr.write(output.replace(/^\{"case":.*\n/gm, ''))
process.exitCode = code === 0 ? 0 : 1
