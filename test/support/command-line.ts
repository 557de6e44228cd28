// The command line as a process, for the tests of `cli/`.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = fileURLToPath(new URL('../../cli/ringlet.mjs', import.meta.url))

export interface Ended {
  code: number | null
  out: string
  err: string
}

/** What starts the command line with `args`. */
export function commandFor(args: string[]): string[] {
  return [process.execPath, program, ...args]
}

export function launch(args: string[]): ChildProcessWithoutNullStreams {
  const [file, ...rest] = commandFor(args)
  const child = spawn(file, rest, { cwd: root })
  // A session that is over does not read the rest of its input.
  child.stdin.on('error', () => undefined)
  return child
}

/** Collects what it prints, until it ends. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text))
  const [code] = await once(child, 'close')
  return { code, out, err }
}

/** Runs a script of the project with `input` in a pipe, and the end of the input after it. */
export function runScript(script: string, args: string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...args], { cwd: root })
  child.stdin.end(input)
  return ended(child)
}

/** Runs the command line with `input` in a pipe, and the end of the input after it unless `staysOpen`. */
export function run(
  args: string[],
  input: string | Buffer = '',
  staysOpen = false,
): Promise<Ended> {
  const child = launch(args)
  child.stdin.write(input)
  if (!staysOpen) child.stdin.end()
  return ended(child)
}

export type Behave = (peer: WebSocket, log: string[]) => void

export const echo: Behave = (peer) =>
  peer.on('message', (bytes, isBinary) => peer.send(bytes, { binary: isBinary }))

/** A server on loopback, while `use` runs; it logs what comes, and does what `behave` says. */
export async function withServer(
  behave: Behave,
  use: (url: string, log: string[]) => Promise<void>,
  options: object = {},
): Promise<void> {
  const log: string[] = []
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    maxPayload: 1 << 28,
    maxFragments: 1 << 20,
    ...options,
  })
  await once(server, 'listening')
  server.on('connection', (peer) => {
    peer.on('message', (bytes, isBinary) => {
      const text = isBinary ? (bytes as Buffer).toString('hex') : String(bytes)
      log.push(
        (isBinary ? 'binary ' : 'text ') +
          (text.length < 60 ? text : (bytes as Buffer).length + ' bytes'),
      )
    })
    peer.on('ping', (bytes) => log.push('ping ' + bytes))
    peer.on('close', (code, reason) => log.push(`close ${code} ${reason}`.trim()))
    peer.on('error', (error) => log.push('error ' + error.message))
    behave(peer, log)
  })
  try {
    await use(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, log)
  } finally {
    for (const peer of server.clients) peer.terminate()
    await new Promise((resolve) => server.close(resolve))
  }
}
