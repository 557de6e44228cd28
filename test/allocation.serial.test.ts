// The gate on memory: a message in, or out, costs at most 1 byte of heap and ArrayBuffers. See bench/allocation.ts.

import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cell } from '../bench/allocation'

const allocation = suite('allocation')
const root = fileURLToPath(new URL('..', import.meta.url))

function run(file: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', file, '--json'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

allocation('a message allocates nothing, received or sent', async () => {
  const cells: Cell[] = JSON.parse((await run('bench/allocation.ts')).output)
  assert.is(cells.length, 24)
  assert.equal(
    cells
      .filter(({ heap, buffers }) => !(heap + buffers <= 1))
      .map(({ way, size, heap, buffers }) => ({ cell: way + ' ' + size, heap, buffers })),
    [],
  )
})

allocation('over a socket nothing is allocated but what Node takes itself', async () => {
  const { code, output } = await run('bench/socket-allocation.mjs')
  assert.is(JSON.parse(output).length, 24)
  assert.is(code, 0, output)
})

allocation.run()
