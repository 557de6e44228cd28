// Runs in the process that the Espruino target starts: the cases of the job, one after the other, in the stand-in, or where
// ESPRUINO_ENGINE names one in a real Espruino.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInEngine } from '../../runtime/espruino/engine.mjs'
import { BUNDLE, random } from '../../runtime/espruino/environment.mjs'
import { Espruino } from '../../runtime/espruino/stand-in.mjs'
import { runCase } from '../echo.mjs'

const job = JSON.parse(process.argv[2])
const engine = process.env.ESPRUINO_ENGINE
const tell = (outcome) => process.stdout.write(`${JSON.stringify(outcome)}\n`)

async function inStandIn({ url, agent, mode, cases, limit }) {
  const { connect } = new Espruino().load(BUNDLE)
  for (const number of cases) {
    const outcome = await runCase(
      (where, handlers, { extensions, ...options }) =>
        connect(where, handlers, { ...options, random }),
      `${url}/runCase?case=${number}&agent=${agent}`,
      { mode, limit },
    )
    tell({ case: number, ...outcome })
  }
}

async function inEngine() {
  const folder = mkdtempSync(join(tmpdir(), 'ringlet-conformance-'))
  const script = `
    Modules.addCached('ringlet', require('fs').readFileSync(${JSON.stringify(BUNDLE)}))
    var job = ${JSON.stringify(job)}
    ${readFileSync(new URL('../../runtime/espruino/echo.js', import.meta.url), 'utf8')}`
  try {
    process.exitCode = await runInEngine(engine, folder, script, {
      // The one who started this process watches each case.
      seconds: 86400,
      onTold: (_name, outcome) => tell(outcome),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

await (engine ? inEngine() : inStandIn(job))
