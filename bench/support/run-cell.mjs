// Runs measurements: each in a fresh process, against one server in a process of its own.

import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { start } from '../../test/conformance/processes.mjs'
import { programOf } from '../../test/runtime/packages.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Starts the server; resolves to `{ url, stop() }`. */
export function startPeer() {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`${folder}peer.mjs`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdout.once('data', (text) =>
      resolve({ url: `ws://127.0.0.1:${Number(text)}`, stop: () => child.stdin.end() }),
    )
    child.on('error', reject)
  })
}

/** Runs `job` with the client `{ adapter, program, flags, job }`; resolves to what cell.mjs prints. */
export async function runCell(client, job) {
  const { adapter, program = 'node20', flags = [], job: more } = client
  const child = start(await programOf(program), [
    ...flags,
    `${folder}cell.mjs`,
    adapter,
    JSON.stringify({ ...job, ...more }),
  ])
  const code = await child.ended
  const line = child.output.split('\n').find((one) => one.startsWith('{'))
  if (code !== 0 || !line) {
    throw new Error(`${adapter}, ${JSON.stringify(job)} ended with ${code}:\n${child.output}`)
  }
  return JSON.parse(line)
}

/** `list` in order of size, the one in the middle. */
export const median = (list) => list.slice().sort((a, b) => a - b)[list.length >> 1]

/** On a terminal a line that is written over; elsewhere one for each tenth. */
export function progress(count, all, began) {
  const text = `${count} of ${all} cells, ${Math.round((Date.now() - began) / 1000)} s`
  if (process.stdout.isTTY) process.stdout.write(`\r${text}${count === all ? '\n' : ''}`)
  else if (Math.floor((count * 10) / all) > Math.floor(((count - 1) * 10) / all)) console.log(text)
}

/** A table: the first column to the left, the others to the right. */
export function printTable(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => (row[i] || '').length)))
  for (const row of rows) {
    console.log(
      row
        .map((cell, i) => (i ? cell.padStart(widths[i] + 2) : cell.padEnd(widths[i])))
        .join('')
        .trimEnd(),
    )
  }
}
