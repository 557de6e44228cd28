// The short form of `npm run faults`.

import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { built } from '../runtime/built'

await built()
const faults = suite('faults')

faults('the short form passes', async () => {
  const script = fileURLToPath(new URL('run.mjs', import.meta.url))
  const output = await new Promise<string>((done) =>
    execFile(process.execPath, [script, '--quick'], (_, out, err) => done(out + err)),
  )
  const [, passed, failed] = /\n(\d+) passed, (\d+) failed\n$/.exec(output) || []
  assert.is(failed, '0', output)
  assert.ok(Number(passed) > 150, output)
})

faults.run()
