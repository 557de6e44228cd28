// What a library is put through: it connects with Ringlet's class, says something, sends something large, comes back
// after its server was killed, and closes.

import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { WebSocket } from '../../../dist/websocket-node.js'
import { start } from '../../conformance/processes.mjs'
import { answers, freePort } from '../loopback.mjs'

export const STEPS = ['connect', 'exchange', 'large', 'reconnect', 'close']

const servers = fileURLToPath(new URL('servers/', import.meta.url))
const WITHIN = 30000

/** Until `condition()` is true. */
export async function until(condition, what) {
  const end = Date.now() + WITHIN
  while (!condition()) {
    if (Date.now() > end) throw new Error('not so after ' + WITHIN + ' ms: ' + what)
    await new Promise((done) => setTimeout(done, 10))
  }
}

/** What `promise` resolves to, unless that takes for ever. */
export async function soon(promise, what) {
  let timer
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error('not so after ' + WITHIN + ' ms: ' + what)), WITHIN)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export class Trial {
  constructor() {
    /** Step → `{ result, detail }`. */
    this.steps = new Map()
    /** The 'close' events of all connections. */
    this.closes = []
    const trial = this
    /** Ringlet's class; it tells the trial of each end. */
    this.WebSocket = class extends WebSocket {
      constructor(url, protocols) {
        super(url, protocols)
        this.addEventListener('close', (event) => trial.closes.push(event))
      }
    }
  }

  get url() {
    return 'ws://127.0.0.1:' + this.port
  }

  /** Starts one of `servers/`. */
  async serve(name, ...args) {
    await this.serveProgram(process.execPath, (port) => [
      join(servers, name),
      String(port),
      ...args,
    ])
  }

  /** Starts any program that listens on the port that its arguments name. */
  async serveProgram(program, args, env = process.env) {
    this.port ||= await freePort()
    this._again = () => this.serveProgram(program, args, env)
    this._server = start(program, args(this.port), { env })
    await answers(this.port, this._server.ended).catch((error) => {
      throw new Error(error.message + ': ' + this._server.output)
    })
  }

  /** Kills the server, waits until `isNoticed()`, and starts it again on the same port. */
  async killServer(isNoticed) {
    this.stop()
    await this._server.ended
    await until(isNoticed, 'the library has noticed that its server is gone')
    await this._again()
  }

  stop() {
    if (this._server) this._server.kill()
  }

  async step(name, run) {
    await run()
    this.steps.set(name, { result: 'passed', detail: '' })
  }

  /** A step that the library has no part in. */
  leave(name, reason) {
    this.steps.set(name, { result: 'n/a', detail: reason })
  }

  /** Closes by `close()`, and expects one end; a clean one, unless the server `mayDrop` the connection first. */
  async closeCleanly(close, mayDrop = false) {
    const before = this.closes.length
    await close()
    await until(() => this.closes.length > before, 'closed')
    const { wasClean, code } = this.closes[this.closes.length - 1]
    if (!wasClean && !(mayDrop && code === 1006))
      throw new Error('closed with ' + code + ', and not cleanly')
  }
}
