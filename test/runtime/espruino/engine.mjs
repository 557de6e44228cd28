// The real Espruino, built for Linux, as a child process: nothing that the project brings. `npm run bench -- espruino --engine
// PATH` and `ESPRUINO_ENGINE=PATH npm run conformance -- --target espruino` use it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every script begins like this: `told` tells this process a name and a value. */
const COMMON = `
function told(name, value) { print("@@" + JSON.stringify([name, value]) + "@@") }
function random(bytes) { for (var i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256 }
`

/**
 * Runs a script in `folder`, where the engine keeps its Storage, until it quits, runs out of memory, or `seconds` have
 * passed. Resolves to its exit code, undefined if it was killed. Out of memory cannot be caught in Espruino, and ends nothing.
 */
export async function runInEngine(engine, folder, script, { seconds, onTold }) {
  writeFileSync(join(folder, 'script.js'), COMMON + script)
  // It reads commands from stdin, which must stay open and silent.
  const child = spawn(engine, ['script.js'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
  const timer = setTimeout(() => child.kill(), seconds * 1000)
  let output = ''
  child.stdout.on('data', (chunk) => {
    const parts = (output + chunk).split('@@')
    // Between two of them stands what is told.
    while (parts.length > 2) {
      parts.shift()
      onTold(...JSON.parse(parts.shift()))
    }
    output = parts.join('@@')
    if (/New interpreter error|Out of Memory/i.test(output)) child.kill()
  })
  const [code] = await once(child, 'close')
  clearTimeout(timer)
  return code ?? undefined
}
