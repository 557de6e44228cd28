// Loaded with `-r`: writes the most memory that the process had resident, in KiB, to descriptor 3 when it ends. On Linux
// not from getrusage: that counts what the parent had when it forked.

const { existsSync, readFileSync, writeSync } = require('node:fs')
const STATUS = '/proc/self/status'

process.on('exit', () => {
  const peak = existsSync(STATUS) && /VmHWM:\s+(\d+) kB/.exec(readFileSync(STATUS, 'latin1'))
  writeSync(3, peak ? peak[1] : String(process.resourceUsage().maxRSS))
})
