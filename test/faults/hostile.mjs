// Clients among hostile servers: what `npm run faults` holds Ringlet to, and what `npm run bench -- hostile` prints.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { start } from '../conformance/processes.mjs'
import { root } from '../runtime/packages.mjs'
import { HOSTILE } from './hostile-servers.mjs'

/** What a connection may keep once it is over: nothing, but V8 compiles and counts meanwhile. */
const MOST_KEPT = 2 << 20
/** Beside the rings: code, and garbage that is not collected at once. */
const MOST_PEAK = 16 << 20

export async function startHostileServers() {
  const child = spawn(process.execPath, [join(root, 'test/faults/hostile-peers.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const ports = await new Promise((resolve, reject) => {
    let text = ''
    child.on('error', reject)
    child.stdout.on('data', (chunk) => {
      text += chunk
      if (text.indexOf('\n') > 0) resolve(JSON.parse(text))
    })
  })
  return { ports, stop: () => child.stdin.end() }
}

/** What comes of one server with one client: see `hostile-client.mjs`. */
export async function meetServer(client, name, ports, { most, limit }) {
  const { run, whole, fragments, ...traits } = HOSTILE[name]
  const job = { most, limit, ...traits, url: `ws://127.0.0.1:${ports[name]}/` }
  const child = start(process.execPath, [
    '--expose-gc',
    join(root, 'test/faults/hostile-client.mjs'),
    client,
    JSON.stringify(job),
  ])
  const timer = setTimeout(child.kill, limit + 60000)
  const code = await child.ended
  clearTimeout(timer)
  const line = child.output.split('\n').find((one) => one.startsWith('{'))
  if (code !== 0 || !line)
    throw new Error(`${client}, ${name}: ended with ${code}: ${child.output}`)
  return JSON.parse(line)
}

/** Runs Ringlet through all, or every nth; `check(name, problem)` for each. */
export async function meetHostileServers(check, step = 1) {
  const { ports, stop } = await startHostileServers()
  const limits = { most: 4 << 20, limit: 30000 }
  const cells = Object.keys(HOSTILE).flatMap((name) => [
    ['whole', name],
    ['fragments', name],
  ])
  const chosen = cells.filter((_, i) => i % step === 0)
  const problemsOf = async ([client, name]) => {
    const expected = HOSTILE[name][client]
    const met = await meetServer(client, name, ports, limits)
    const problems = [met.problem, ...met.left.map((handle) => `${handle} is left`)]
    if (!expected.includes(met.outcome)) problems.push(`${met.outcome}, expected ${expected}`)
    if (met.kept > MOST_KEPT) problems.push(`${met.kept} bytes are kept`)
    if (met.peak > MOST_PEAK) problems.push(`${met.peak} bytes at its peak`)
    return problems.filter(Boolean).join('; ')
  }
  const again = []
  const work = async () => {
    for (let cell = chosen.shift(); cell; cell = chosen.shift()) {
      if (await problemsOf(cell)) again.push(cell)
      else check(`hostile: ${cell[1]}, ${cell[0]}`, '')
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
  // A busy machine may let a deadline come before what is awaited: what failed is tried again, alone.
  for (const cell of again) check(`hostile: ${cell[1]}, ${cell[0]}`, await problemsOf(cell))
  stop()
}
