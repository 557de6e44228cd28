// Clocks that jump, a process that is stopped for longer than its deadlines, and one that is busy for so long. A peer that
// has answered in time is there, however late the client looks.

import { join } from 'node:path'
import process from 'node:process'
import { WebSocketServer } from 'ws'
import { start } from '../conformance/processes.mjs'
import { root } from '../runtime/packages.mjs'

const EXPECTED = 'open | close 1000 "alive" clean\n'

const WAYS = [
  ['forward', 'Date jumps forward by ten years'],
  ['back', 'Date jumps back by ten years'],
  ['busy', 'the program is busy while the pong comes, longer than its deadlines'],
  ['stopped', 'the process is stopped while the pong comes, longer than its deadlines'],
]

/** Runs all, at once; `check(name, problem)` for each. */
export async function meetClocks(check) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((done) => server.once('listening', done))
  const url = `ws://127.0.0.1:${server.address().port}/`
  let stopped
  let stops = 0
  server.on('connection', (socket, request) => {
    if (request.url !== '/stopped') return
    // `ws` has answered before it tells of a ping.
    socket.on('ping', () => {
      stops++
      process.kill(stopped.pid, 'SIGSTOP')
      setTimeout(() => process.kill(stopped.pid, 'SIGCONT'), 1500)
    })
  })
  const outcome = async ([way, name]) => {
    const client = start(process.execPath, [
      join(root, 'test/faults/clock-client.mjs'),
      url + way,
      way,
    ])
    if (way === 'stopped') stopped = client
    const code = await client.ended
    const isRight = client.output === EXPECTED && code === 0
    check(`clock: ${name}`, isRight ? '' : `${client.output.trim()}, exit ${code}`)
  }
  await Promise.all(WAYS.map(outcome))
  check('clock: the process was stopped', stops < 2 && `${stops} times`)
  server.close()
}
