// What makes the WebSocket class over a target's `connect`, for every other engine: with what the engine has of the DOM, and
// small ones of our own for the rest.

import type { ClientOptions } from '../src/client'
import { closeEventOn } from '../src/dom/close-event'
import { DOMException } from '../src/dom/dom-exception'
import { Event } from '../src/dom/event'
import { eventTargetWith } from '../src/dom/event-target'
import { MessageEvent } from '../src/dom/message-event'
import { utf8Length } from '../src/protocol/utf8'
import {
  type Connect,
  webSocketOver as classOver,
  type WebSocketConstructor,
  type WebSocketRuntime,
} from '../src/websocket'
import { parseUrl } from './parse-url'
import { splitUrl } from './split-url'
import { xsLength } from './xs-encoder'

export type { ClientOptions } from '../src/client'
export type {
  Connect,
  WebSocket,
  WebSocketCloseEvent,
  WebSocketConstructor,
  WebSocketErrorEvent,
  WebSocketEvent,
  WebSocketEventMap,
  WebSocketMessageEvent,
  WebSocketOptions,
  WebSocketRuntime,
} from '../src/websocket'

/** What an engine may have. */
type Globals = Partial<WebSocketRuntime> & {
  Blob?: new (parts: Uint8Array[]) => object
  URL?: unknown
  setTimeout?(task: () => void, delay: number): unknown
}

/**
 * The class over `connect` of a target. Give in `runtime` what the engine lacks or names otherwise: `queueTask`, which calls
 * a function in a turn of its own, where there is no `setTimeout`.
 */
export function webSocketOver<Options extends ClientOptions>(
  connect: Connect<Options>,
  runtime: Partial<WebSocketRuntime> = {},
): WebSocketConstructor<Options> {
  const engine = globalThis as unknown as Globals
  const queueTask =
    runtime.queueTask ||
    inTurns((task) =>
      engine.setTimeout ? engine.setTimeout(task, 0) : Promise.resolve().then(task),
    )
  const OwnEvent = engine.Event || Event
  const { Blob } = engine
  // XS counts through a string to reach one of its characters.
  const { fromString } = ArrayBuffer as { fromString?(text: string): ArrayBuffer }
  return classOver(connect, {
    EventTarget:
      engine.EventTarget ||
      eventTargetWith((error) =>
        queueTask(() => {
          throw error
        }),
      ),
    Event: OwnEvent,
    MessageEvent: engine.MessageEvent || MessageEvent,
    CloseEvent: engine.CloseEvent || closeEventOn(OwnEvent),
    DOMException: engine.DOMException || DOMException,
    binaryTypes: {
      ...(Blob && { blob: (bytes) => new Blob([bytes]) }),
      arraybuffer: (bytes) => bytes.buffer,
      uint8array: (bytes) => bytes,
    },
    parseUrl: engine.URL ? parseUrl : parseBySplitting,
    utf8Length: fromString ? xsLength((text) => fromString.call(ArrayBuffer, text)) : utf8Length,
    ...runtime,
    queueTask,
  })
}

/**
 * One task at a time, and after each the promise jobs that it has caused: Moddable runs all timers that are due before any
 * job, and who awaits one event after the other would miss some.
 */
function inTurns(defer: (task: () => void) => unknown): (task: () => void) => void {
  const tasks: (() => void)[] = []
  const run = () => {
    Promise.resolve().then(() => {
      tasks.splice(0, 1)
      if (tasks.length) defer(run)
    })
    tasks[0]()
  }
  return (task) => {
    if (tasks.push(task) === 1) defer(run)
  }
}

/** As the URL class serializes it. */
function parseBySplitting(text: string): { href: string; protocol: string; host: string } {
  const { protocol, hostname, port, pathname, search, username, password } = splitUrl(
    text.slice(0, 4).toLowerCase() === 'http' ? 'ws' + text.slice(4) : text,
  )
  const host = hostname + (port && ':' + port)
  const user = username || password ? username + (password && ':' + password) + '@' : ''
  return { href: protocol + '//' + user + host + (pathname || '/') + search, protocol, host }
}
