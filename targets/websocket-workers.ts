// The WebSocket class for Cloudflare Workers, over `ringlet/workers`; to be used within a handler.

import type { ClientOptions } from '../src/client'
import { utf8Length } from '../src/protocol/utf8'
import {
  type Connect,
  webSocketOver as classOver,
  withLargestMessage,
  type WebSocket as WebSocketObject,
  type WebSocketConstructor,
  type WebSocketRuntime,
} from '../src/websocket'
import { parseUrl } from './parse-url'
import { connect } from './workers'

export type { ClientOptions } from '../src/client'
export type {
  WebSocketCloseEvent,
  WebSocketConstructor,
  WebSocketErrorEvent,
  WebSocketEvent,
  WebSocketEventMap,
  WebSocketMessageEvent,
  WebSocketOptions,
  WebSocketRuntime,
} from '../src/websocket'

const RUNTIME: WebSocketRuntime = {
  EventTarget,
  Event,
  MessageEvent,
  CloseEvent,
  DOMException,
  binaryTypes: {
    blob: (bytes) => new Blob([bytes as Uint8Array<ArrayBuffer>]),
    arraybuffer: (bytes) => bytes.buffer,
    uint8array: (bytes) => bytes,
  },
  parseUrl,
  utf8Length,
  queueTask: (task) => void setTimeout(task, 0),
}

/** The class over another `connect`; what `runtime` has is taken instead of the runtime's own. */
export function webSocketOver<Options extends ClientOptions>(
  connect: Connect<Options>,
  runtime: Partial<WebSocketRuntime> = {},
): WebSocketConstructor<Options> {
  return classOver(connect, { ...RUNTIME, ...runtime })
}

/** Of a message, unless the user says otherwise: what the runtime's own class takes. In bytes. */
const LARGEST_MESSAGE = 33554432

/** The WebSocket class. */
export const WebSocket: WebSocketConstructor<ClientOptions> = webSocketOver(
  withLargestMessage(connect, LARGEST_MESSAGE),
)
export type WebSocket = WebSocketObject
