// `npm run bench -- xs`: what a message costs in real XS (13.3), as its own meters count, and what an idle connection holds.

import { measureInXs } from '../test/runtime/xs-memory.mjs'

const rows = [['', 'bytes', 'slots', 'chunk bytes', 'steps']]
let idle
for (const { what, size, cost } of await measureInXs()) {
  if (what === 'idle') idle = cost
  else rows.push([what, `${size}`, `${cost[0]}`, `${cost[1]}`, cost[2].toFixed(0)])
}
const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
for (const row of rows) {
  console.log(
    row.map((text, i) => (i ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join('  '),
  )
}
console.log(`\nper message, in fragment mode. Steps are those of the machine's code.
An idle connection: ${idle[0]} slots and ${idle[1].toFixed(0)} bytes of chunks, without its rings and the socket.`)
