// Starts the peers of `server.mjs` in a Node process of their own, and makes the `env` that the catalogue asks
// for. For runtimes with Node's modules; the others are given the peers' places by whoever starts them.

import { spawn } from 'node:child_process'
import net from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { deflate } from '../../dist/deflate.js'
import { reconnect } from '../../dist/reconnect.js'
import { WebSocket } from '../../dist/websocket-node.js'
import { urlsOf } from './run-case.mjs'

export { hasNeeds, runCase } from './run-case.mjs'

/** Resolves to `{ places, ca, client, stop }`. `node` is the program to run the peers with. */
export function startPeers(node = process.execPath) {
  const child = spawn(node, [fileURLToPath(new URL('server.mjs', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((done, fail) => {
    let output = ''
    child.on('error', fail)
    child.on('exit', (code) => fail(new Error('the peers ended with exit code ' + code)))
    child.stdout.on('data', (text) => {
      output += text
      if (output.indexOf('\n') < 0) return
      done({ ...JSON.parse(output), stop: () => child.stdin.end() })
    })
  })
}

/** A connection without `onread`: the target gets 'data' events instead. */
export function withoutOnread({ host, port }) {
  return net.connect({ host, port })
}

let runs = 0

/** The `env` of the catalogue, but for `equal` and `ok`. */
export function makeEnv(connect, { places, ca }, options = {}) {
  return {
    connect,
    ...urlsOf(places),
    options,
    trust: { tls: { ca } },
    setTimeout,
    deflate,
    reconnect,
    WebSocket,
    tellsResets: true,
    tag: process.pid + '-' + ++runs,
    catchUncaught,
  }
}

/** Collects the messages of what is thrown and not caught, until `stop`, which gives them. */
export function catchUncaught() {
  const messages = []
  const listener = (error) => messages.push(error.message)
  process.on('uncaughtException', listener)
  return {
    stop() {
      process.off('uncaughtException', listener)
      return messages
    },
  }
}
