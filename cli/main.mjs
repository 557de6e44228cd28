// From arguments to an exit code.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { USAGE_ERROR } from './exit-code.mjs'
import { HELP, parseArguments } from './parse-arguments.mjs'
import { session } from './session.mjs'

/** Resolves to the exit code. */
export async function main(args) {
  let job
  try {
    job = parseArguments(args)
  } catch (error) {
    process.stderr.write(`ringlet: ${error.message}\nringlet --help lists the options\n`)
    return USAGE_ERROR
  }
  if (job.asksHelp || job.asksVersion) {
    const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    process.stdout.write(job.asksHelp ? HELP : JSON.parse(manifest).version + '\n')
    return 0
  }
  return session(job)
}
