// The conversations over this Node's own WebSocket: `node native.mjs URL`. Prints the logs as JSON, by name.

import process from 'node:process'
import { CONVERSATIONS } from './conversations.mjs'

/** Milliseconds. */
const WITHIN = 5000

const [place] = process.argv.slice(2)
const logs = {}
for (const [name, converse] of Object.entries(CONVERSATIONS)) {
  const late = new Promise((resolve) => setTimeout(() => resolve(['no end']), WITHIN))
  const log = converse(globalThis.WebSocket, (path) => place + path)
  logs[name] = await Promise.race([log, late])
}
console.log(JSON.stringify(logs))
process.exit()
