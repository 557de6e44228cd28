// The processes that a run starts: none of them outlives it.

import { spawn } from 'node:child_process'

const running = new Set()

function endAll() {
  for (const child of running) child.kill('SIGKILL')
}

process.on('exit', endAll)
for (const [signal, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
]) {
  process.on(signal, () => process.exit(128 + number))
}

/**
 * Starts a program. `pid` is its process; `output` is what it has written so far; `onLine` gets each line of it;
 * `ended` resolves to its exit code, or the name of the signal that ended it.
 */
export function start(program, args, { cwd, env, onLine = () => {} } = {}) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const started = {
    pid: child.pid,
    output: '',
    ended: undefined,
    kill: () => child.kill('SIGKILL'),
  }
  running.add(child)
  for (const stream of [child.stdout, child.stderr]) {
    let line = ''
    stream.setEncoding('utf8').on('data', (text) => {
      started.output += text
      const lines = (line + text).split('\n')
      line = lines.pop()
      lines.forEach(onLine)
    })
  }
  started.ended = new Promise((resolve, reject) => {
    child.on('error', (error) => {
      running.delete(child)
      reject(error)
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      resolve(signal || code)
    })
  })
  // Whoever does not wait for the end is told elsewhere.
  started.ended.catch(() => {})
  return started
}

/** Runs a program to its end; throws with what it has written unless it succeeds. */
export async function run(program, args, options) {
  const started = start(program, args, options)
  const code = await started.ended
  if (code !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${started.output}`)
  }
  return started.output
}
