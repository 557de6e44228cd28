import type { connect } from '../../targets/node'

export const RING: number
export const modeNames: string[]

export function runCase(
  connector: typeof connect,
  url: string,
  options: { mode: string; limit: number },
): Promise<{ delivered: number; error: string; isTimedOut: boolean }>

export function ask(connector: typeof connect, url: string): Promise<string>
