// Types of a session, for the tests that are written in TypeScript.

import type { Socket } from '../../targets/node'
import type { Env } from './catalogue.mjs'

type Callback = (session: Session, ...values: never[]) => void

export interface On {
  open?: Callback
  text?: (session: Session, text: string) => void
  binary?: (session: Session, bytes: Uint8Array, start: number, end: number) => void
  fragment?: (session: Session, bytes: Uint8Array, start: number, end: number) => void
  writable?: Callback
  error?: (
    session: Session,
    error: Error & { id: string; cause?: unknown; offset?: number },
  ) => void
  close?: Callback
  /** The response, if it is not GOOD_HEAD: offsets count from its end. */
  head?: string
  fragments?: boolean
  quiet?: boolean
}

export const GOOD_HEAD: string
export function headLength(head: string): number

export class Session {
  constructor(env: Env & { sessions: Session[] }, path: string | URL, options?: object, on?: On)
  readonly log: string[]
  readonly socket: Socket
  readonly closed: Promise<void>
  until(line: string, count?: number): Promise<void>
  check(): void
}
