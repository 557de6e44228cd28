// Types of the peers, for the tests that are written in TypeScript.

import type { Duplex } from 'node:stream'
import type { Case, Env } from './catalogue.mjs'

export interface Peers {
  /** The beginnings of the peers' URLs, by place; undefined where this machine has none. */
  places: Record<
    'plain' | 'secure' | 'stranger' | 'client' | 'refused' | 'ipv6' | 'ipv6Secure',
    string
  >
  /** The private authority's certificate. */
  ca: string
  /** A client's certificate of that authority, and its key. */
  client: { cert: string; key: string }
  stop(): void
}

export function startPeers(node?: string): Promise<Peers>
export function withoutOnread(options: { host: string; port: number }): Duplex
export function makeEnv(
  connect: Env['connect'],
  peers: Peers,
  options?: object,
): Omit<Env, 'equal' | 'ok'>
export function hasNeeds(peers: Peers, needs: string[]): boolean
export function runCase(entry: Case, env: Env, limit?: number): Promise<void>
