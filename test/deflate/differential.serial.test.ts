// The differential test against node:zlib, a process for each way: see differential.ts.
//
// DEFLATE_MESSAGES is how many messages each way passes.

import { spawn } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const differential = suite('permessage-deflate and zlib')
const program = fileURLToPath(new URL('./differential.ts', import.meta.url))
const messages = process.env.DEFLATE_MESSAGES || '50000'

function run(way: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', program, way, messages], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => (code ? reject(new Error(output)) : resolve(output)))
  })
}

// Both at once, a core each.
const outcomes = ['receive', 'send'].map((way) =>
  run(way).then(
    (output) => ({ way, output, error: undefined }),
    (error: Error) => ({ way, output: '', error }),
  ),
)

for (const outcome of outcomes) {
  const index = outcomes.indexOf(outcome)
  differential(
    ['what zlib compresses is received', 'what is sent, zlib inflates'][index],
    async () => {
      const { way, output, error } = await outcome
      if (error) throw error
      process.stdout.write('\n' + output)
      assert.match(output, way + ': ' + messages + ' messages on ')
    },
  )
}

differential.run()
