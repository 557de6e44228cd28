// From arguments to an exit code.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { IO_FAILED, USAGE_ERROR } from './exit-code.mjs'
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
    return print(job.asksHelp ? HELP : JSON.parse(manifest).version + '\n')
  }
  return session(job)
}

/** Resolves to the exit code once the text is written. Who has read enough of it (EPIPE) has what was wanted. */
function print(text) {
  return new Promise((resolve) => {
    process.stdout.once('error', (error) => {
      const isUnread = error.code === 'EPIPE'
      if (!isUnread) process.stderr.write(`ringlet: output: ${error.message}\n`)
      resolve(isUnread ? 0 : IO_FAILED)
    })
    process.stdout.write(text, (error) => error || resolve(0))
  })
}
