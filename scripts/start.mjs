// `npm start` shows the main job against a server of its own; `npm start -- ws://host/path` talks to that server.

import process from 'node:process'

const USAGE =
  'usage: npm start                        the demonstration\n       npm start -- wss://host/path    an interactive session'

/** One line, whatever happened: who starts this wants to read a transcript. */
function fail(error) {
  console.error('error     ' + String((error && error.message) || error).split('\n')[0])
  process.exit(1)
}

process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)
// The reader of a pipe has gone.
process.stdout.on('error', () => process.exit(1))

const [url, ...more] = process.argv.slice(2)
if (more.length || (url && url.startsWith('-'))) {
  console.error(USAGE)
  process.exit(2)
} else if (url) {
  const { session } = await import('./session.mjs')
  process.exitCode = await session(url)
} else {
  const { demonstration } = await import('./demonstration.mjs')
  await demonstration()
}
