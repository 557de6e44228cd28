// The receiver of `ws`, and where it may differ from us: what the decoder is held against.

import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import type { Writable } from 'node:stream'
import { show } from './wire'

type Receiver = Writable & { on(event: string, listener: (...values: never[]) => void): unknown }
const require = createRequire(import.meta.url)
// No export of the package leads to it.
const path = require.resolve('ws').replace(/[^/\\]+$/, 'lib/receiver.js')
const WsReceiver = require(path) as new (options: object) => Receiver

/** What ws tells about `input`: a line for each message and control frame, and how it ended. */
export function byWs(input: Uint8Array, maxPayload: number): string[] {
  const lines: string[] = []
  const receiver = new WsReceiver({ maxPayload, isServer: false })
  receiver.on('message', ((bytes: Uint8Array, isBinary: boolean) =>
    lines.push((isBinary ? 'binary ' : 'text ') + show(bytes))) as never)
  receiver.on('ping', ((bytes: Uint8Array) => lines.push('ping ' + show(bytes))) as never)
  receiver.on('pong', ((bytes: Uint8Array) => lines.push('pong ' + show(bytes))) as never)
  receiver.on('conclude', ((code: number, reason: Uint8Array) =>
    lines.push('closed ' + code + ' ' + show(reason))) as never)
  // Not `write`: that tells an error only in a later turn.
  receiver._write(Buffer.from(input), 'binary', (error) => {
    if (!error) return
    // The close code is under a symbol.
    const code = Object.getOwnPropertySymbols(error)
      .filter((symbol) => /status-?code/i.test(String(symbol)))
      .map((symbol) => (error as unknown as Record<symbol, number>)[symbol])[0]
    lines.push('failed ' + code)
  })
  return lines
}

/**
 * Where the two may differ, and why. `ours` is our last line, undefined if it is the same as theirs; `theirs` is
 * all that ws told beyond what both told.
 */
const EXCEPTIONS: {
  why: string
  holds(ours: string | undefined, theirs: string[], input: Uint8Array): boolean
}[] = [
  {
    why: 'We fail at the first wrong octet; ws waits for two octets of header, or for the whole frame.',
    holds: (ours, theirs) => /^failed /.test(ours || '') && theirs.length === 0,
  },
  {
    why: 'ws looks at the text when its last fragment is there; until then another rule may be broken.',
    holds: (ours, theirs) =>
      ours === 'failed 1007 INVALID_UTF8' && !theirs.some((line) => /^(text|binary) /.test(line)),
  },
  {
    why: 'ws takes lengths that are not minimal, and goes on.',
    holds: (ours) => ours === 'failed 1002 LENGTH_NOT_MINIMAL',
  },
  {
    why: 'ws takes the sign bit for a length that is too large for it.',
    holds: (ours, theirs) =>
      ours === 'failed 1002 LENGTH_SIGN_BIT' && theirs.join() === 'failed 1009',
  },
  {
    why: 'ws refuses a Close frame of 1 octet at its header; we when its octet is there.',
    holds: (ours, theirs, input) =>
      ours === undefined &&
      theirs.join() === 'failed 1002' &&
      input[input.length - 2] === 0x88 &&
      input[input.length - 1] === 1,
  },
]

export interface Difference {
  ours: string[]
  theirs: string[]
}

/** Undefined if both say the same, or if an exception holds. */
export function differ(
  ours: string[],
  theirs: string[],
  input: Uint8Array,
): Difference | undefined {
  let same = 0
  while (
    same < ours.length &&
    same < theirs.length &&
    ours[same].replace(/^(failed \d+) .*/, '$1') === theirs[same]
  ) {
    same++
  }
  if (same === ours.length && same === theirs.length) return undefined
  const isExcused =
    same >= ours.length - 1 &&
    EXCEPTIONS.some(({ holds }) => holds(ours[same], theirs.slice(same), input))
  return isExcused ? undefined : { ours, theirs }
}
