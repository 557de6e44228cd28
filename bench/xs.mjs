// `npm run bench -- xs`: what a message costs in real XS (13.3), as its own meters count, what opening a connection takes,
// what an idle one holds, and what the bundle takes. With the path of a class with the interface of Moddable's
// WebSocketClient, such as the SDK's own `websocketclient.js`, also what that costs.

import { resolve } from 'node:path'
import process from 'node:process'
import { measureInXs, measureLoadInXs, measurePeerInXs } from '../test/runtime/xs-memory.mjs'

const [peer] = process.argv.slice(2)

function print(results) {
  const rows = [['', 'bytes', 'slots', 'chunk bytes', 'steps']]
  let idle
  let opened
  for (const { what, size, cost } of results) {
    const [slots, chunks, steps = 0] = cost.map((value) => +value.toFixed(1))
    if (what === 'idle') idle = [slots, chunks]
    else if (what === 'opened') opened = [slots, chunks]
    else rows.push([what, `${size}`, `${slots}`, `${chunks}`, steps.toFixed(0)])
  }
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  for (const row of rows) {
    console.log(
      row.map((text, i) => (i ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join('  '),
    )
  }
  return { idle, opened }
}

const { idle, opened } = print(await measureInXs())
const [loadedSlots, loadedChunks] = await measureLoadInXs()
console.log(`\nper message, in fragment mode. Steps are those of the machine's code.
Until a connection is open: ${opened[0]} slots and ${opened[1]} bytes of chunks, nearly all of them given back.
An idle connection: ${idle[0]} slots and ${idle[1]} bytes of chunks, without its rings and the socket.
The bundle, loaded from text: ${loadedSlots} slots and ${loadedChunks} bytes of chunks, most of them bytecode.`)

if (peer) {
  console.log(`\n${peer}`)
  const { idle } = print(await measurePeerInXs(resolve(peer)))
  console.log(
    `\nAn idle connection: ${idle[0]} slots and ${idle[1]} bytes of chunks, without the socket.`,
  )
}
