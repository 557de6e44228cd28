// The WebSocket class for Node, Bun and Deno, over `ringlet/node`.

import { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers'
import type { ClientOptions } from '../src/client'
import { closeEventOn } from '../src/dom/close-event'
import {
  type Connect,
  webSocketOver as classOver,
  withLargestMessage,
  type WebSocket as WebSocketObject,
  type WebSocketConstructor,
  type WebSocketRuntime,
} from '../src/websocket'
import { connect, type Options } from './node'
import { parseUrl } from './parse-url'

export type { Options } from './node'
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

const { EventTarget, Event, MessageEvent, DOMException, Blob, CloseEvent } =
  globalThis as unknown as WebSocketRuntime & {
    Event: new (type: string, init?: object) => object
    Blob: new (parts: Uint8Array[]) => object
  }

const RUNTIME: WebSocketRuntime = {
  EventTarget,
  Event,
  MessageEvent,
  // Node 22 and earlier have none.
  CloseEvent: CloseEvent || closeEventOn(Event),
  DOMException,
  binaryTypes: {
    blob: (bytes) => new Blob([bytes]),
    arraybuffer: (bytes) => bytes.buffer,
    uint8array: (bytes) => bytes,
    nodebuffer: (bytes) => Buffer.from(bytes.buffer),
  },
  parseUrl,
  utf8Length: (text) => Buffer.byteLength(text),
  queueTask: (task) => void setImmediate(task),
}

/** The class over another `connect`; what `runtime` has is taken instead of the runtime's own. */
export function webSocketOver<Options extends ClientOptions>(
  connect: Connect<Options>,
  runtime: Partial<WebSocketRuntime> = {},
): WebSocketConstructor<Options> {
  return classOver(connect, { ...RUNTIME, ...runtime })
}

/** Of a message, unless the user says otherwise: what `ws` takes. A browser has no limit. In bytes. */
const LARGEST_MESSAGE = 104857600

/** The WebSocket class. */
export const WebSocket: WebSocketConstructor<Options> = webSocketOver(
  withLargestMessage(connect, LARGEST_MESSAGE),
)
export type WebSocket = WebSocketObject
