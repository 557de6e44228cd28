// Starts workerd, has its Worker run the cases of the job, and prints what it says of each.

import { startWorkerd } from '../../runtime/workers.mjs'

const job = JSON.parse(process.argv[2])
const workerd = await startWorkerd({ entry: 'test/conformance/targets/workers-worker.mjs' })
let watch
// Ends by itself where the Worker hangs, and takes workerd with it: whoever started this would leave it behind.
const watchCase = () => {
  clearTimeout(watch)
  watch = setTimeout(() => process.exit(1), job.limit + 5000)
}
watchCase()
await workerd.run(job, (line) => {
  process.stdout.write(`${line}\n`)
  watchCase()
})
clearTimeout(watch)
await workerd.stop()
