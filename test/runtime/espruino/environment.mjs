// The `env` of the catalogue over `dist/espruino.js` in a stand-in for Espruino (`stand-in.mjs`).

import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { catchUncaught } from '../peers.mjs'
import { urlsOf } from '../run-case.mjs'
import { adopt, Espruino } from './stand-in.mjs'

export const BUNDLE = fileURLToPath(new URL('../../../dist/espruino.js', import.meta.url))

/**
 * Not for the stand-in: its `E.toString` copies all of a large array for each fragment of it, where the engine shares the
 * memory. 16 MiB by a ring of 1,024 bytes would take it many minutes.
 */
export const IS_COSTLY = /between the fragments of a large/

/** Why cases are left out that need one of these. */
export const LACKS = {
  certificates: 'Espruino checks no certificate',
  deflate: 'there is no room for compression',
  reconnect: 'written for engines with ES2018',
  webSocketClass: 'the WebSocket class needs more than Espruino has',
}

const encode = (text) => (typeof text === 'string' ? Buffer.from(text).toString('latin1') : text)
const decode = (bytes) => Buffer.from(bytes, 'latin1').toString()

/** A `connect` whose texts are their UTF-8, as a program has them on a board whose strings are bytes. */
function inBytes(connect) {
  return (url, handlers, options) => {
    const facade = {
      sendText: (text) => socket.sendText(encode(text)),
      close: (code, reason) => socket.close(code, encode(reason)),
    }
    const given = {}
    for (const name in handlers) {
      given[name] = (...values) => {
        if (name === 'onText') values[0] = decode(values[0])
        if (name === 'onClose') values[1] = decode(values[1])
        return handlers[name](...values.map((value) => (value === socket ? facade : value)))
      }
    }
    const socket = connect(encode(url), handlers && given, options)
    for (const name of ['sendBinary', 'sendFragment', 'ping', 'abort', 'pause', 'resume']) {
      facade[name] = (...values) => socket[name](...values)
    }
    for (const name of ['readyState', 'bufferedAmount', 'unsent', 'protocol', 'extensions']) {
      Object.defineProperty(facade, name, { get: () => socket[name] })
    }
    return facade
  }
}

/** What the option `random` may be in Node. */
export const random = (bytes) => crypto.getRandomValues(bytes)
let runs = 0

/** All of `env` but `equal` and `ok`. */
export function environmentOf({ places, ca }, { hasCharacters }) {
  const engine = new Espruino({
    hasCharacters,
    refuses: [+new URL(places.refused.replace('ws', 'http')).port],
  })
  const { connect } = engine.load(BUNDLE)
  const withDefaults = (url, handlers, options) => {
    const { receiveBuffer } = options || {}
    if (receiveBuffer instanceof Uint8Array) adopt(receiveBuffer)
    return connect(url, handlers, {
      random,
      // The cases are written for the defaults of the larger targets; in fragment mode there is no limit.
      receiveBuffer: 4096,
      sendBuffer: 4096,
      maxResponseHead: 16384,
      ...(handlers && handlers.onFragment ? {} : { maxMessageSize: 1 << 20 }),
      ...options,
    })
  }
  return {
    connect: hasCharacters ? withDefaults : inBytes(withDefaults),
    ...urlsOf(places),
    options: {},
    trust: { tls: { ca } },
    setTimeout,
    tellsResets: false,
    tag: `espruino-${process.pid}-${++runs}`,
    catchUncaught,
  }
}
