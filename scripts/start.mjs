// `npm start` shows the main job against a server of its own; with arguments it is the command line, so that
// `npm start -- ws://host/path` talks to that server.

import process from 'node:process'

/** One line, whatever happened: who starts this wants to read a transcript. */
function fail(error) {
  console.error('error     ' + String((error && error.message) || error).split('\n')[0])
  process.exit(1)
}

const args = process.argv.slice(2)
if (args.length) {
  const { main } = await import('../cli/main.mjs')
  process.exitCode = await main(args)
} else {
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // The reader of a pipe has gone.
  process.stdout.on('error', () => process.exit(1))
  const { demonstration } = await import('./demonstration.mjs')
  await demonstration()
}
