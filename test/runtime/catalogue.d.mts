// Types of the catalogue, for the runners that are written in TypeScript.

import type { reconnect } from '../../src/reconnect'
import type { Extension, Handlers, Socket } from '../../targets/node'
import type { WebSocketConstructor } from '../../targets/websocket-node'

export interface Env {
  connect(url: string, handlers: Handlers, options: object): Socket
  url(path: string): string
  secureUrl(path: string): string
  strangerUrl(path: string): string
  refusedUrl(path: string): string
  ipv6Url(path: string): string
  ipv6SecureUrl(path: string): string
  options: object
  trust: object
  equal(got: unknown, expected: unknown, message?: string): void
  ok(value: unknown, message?: string): void
  setTimeout(callback: () => void, delay: number): unknown
  catchUncaught(): { stop(): string[] }
  deflate(): Extension
  reconnect: typeof reconnect
  WebSocket: WebSocketConstructor
  tellsResets: boolean
  tag: string
}

export interface Case {
  group: string
  name: string
  needs: string[]
  run(env: Env): Promise<void>
}

export const catalogue: Case[]
