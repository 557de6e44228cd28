// What the tests of the Node target share: the peers, the bundle, and sessions that check their own end.

import * as assert from 'uvu/assert'
import { built } from '../runtime/built'
import type { Env } from '../runtime/catalogue.mjs'
import { makeEnv, startPeers } from '../runtime/peers.mjs'
import { type On, Session } from '../runtime/session.mjs'

export const { connect } = await built()
export const peers = await startPeers()

export const env: Env & { sessions: Session[] } = {
  ...makeEnv(connect as Env['connect'], peers),
  equal: assert.equal,
  ok: assert.ok,
  sessions: [],
}

export function start(url: string | URL, options?: object, on?: On): Session {
  return new Session(env, url, options, on)
}

/** Waits for the end of a session, and compares its log. */
export async function ends(session: Session, expected: string[]): Promise<void> {
  await session.closed
  await new Promise((done) => setTimeout(done, 5))
  session.check()
  assert.equal(session.log, expected)
}

/** Sends a text to an echo server, closes when it comes back, and compares the log. */
export async function echoes(session: Session, text = 'hello'): Promise<void> {
  await session.until('open')
  session.socket.sendText(text)
  await session.until('text "' + text + '"')
  session.socket.close(1000)
  await ends(session, ['open', 'text "' + text + '"', 'close 1000 "" clean'])
}

/** The port of a place of the peers. */
export function portOf(place: string): number {
  return +new URL(place).port
}
