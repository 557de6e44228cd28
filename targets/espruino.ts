// Espruino: sockets of the module `net` or `tls`, and a core of its own, in `espruino/`.

import type { ClientOptions, Handlers, Socket } from '../src/client'
import {
  type Connection,
  prototype,
  randomWord,
  type Settings,
  SETTINGS,
  start,
} from './espruino/connection'
import { misuse } from './espruino/misuse'
import { endpointOf, listOf, requestOf } from './espruino/request'

export type { Handlers, Socket } from '../src/client'
export type { Kind } from '../src/protocol/opcode'
export type { RingletError } from '../src/protocol/protocol-error'

/**
 * As on every target, but for `extensions`, which there is no room for. `receiveBuffer` and `sendBuffer` are 1024 bytes
 * by default, and bound what is kept rather than being taken at once; `maxMessageSize` is by default the size of
 * `receiveBuffer`, and `maxResponseHead` 4096. `random` is required on boards without a source of entropy.
 */
export interface EspruinoOptions extends Omit<ClientOptions, 'extensions'> {
  /** Given to `tls.connect`, such as `key`, `cert` and `ca`. Espruino does not check the server's certificate. */
  tls?: object
}

/** Boards whose `E.hwRand` is one, of nRF52, STM32F1, STM32F4 and RP2: the others' repeats itself at each start. */
const HAS_ENTROPY = /^BANGLE|^ESPRUINO|^JOLT|^MDBT|^PICO|^PIXL|^PUCK|^RP2/

const LEAST_RING = 256
const LARGEST_RING = 1 << 30

/**
 * Connects to `url` (`ws:` or `wss:`), and returns the socket at once; `onOpen` or `onError` follows. Throws at a bad URL
 * or option, and without `random` where the board has no source of entropy.
 */
export function connect(url: string, handlers?: Handlers, options?: EspruinoOptions): Socket {
  const it: Connection = Object.create(prototype)
  const given = options || {}
  const endpoint = endpointOf(url)
  const protocols = given.protocols === undefined ? [] : listOf(given.protocols)
  it._handlers = handlers || {}
  it._settings = settingsOf(given, !!it._handlers.onFragment)
  it._random = given.random
  it._timers = [0, 0]
  if (typeof given.receiveBuffer === 'object') it._memory = given.receiveBuffer
  if (!it._random && !HAS_ENTROPY.test(process.env.BOARD)) {
    throw misuse(
      'RangeError',
      'BAD_OPTION',
      'random, expected a function: this board has no source',
    )
  }
  const nonce = new Int32Array(4)
  for (let i = 0; i < 4; i++) nonce[i] = randomWord(it)
  const key = btoa(nonce.buffer)
  it._response = { _key: key, _protocols: protocols, _status: 0, _fields: {} }
  const request = requestOf(endpoint, given.headers || {}, protocols, key)
  const place: Record<string, unknown> = { host: endpoint._hostname, port: endpoint._port }
  if (endpoint._isSecure) {
    const secure = (given.tls || {}) as Record<string, unknown>
    for (const name in secure) place[name] = secure[name]
  }
  start(it, endpoint._isSecure ? 'tls' : 'net', place, request)
  return it
}

/** The options that count or time, checked; those that are not given are the defaults, by the prototype. */
function settingsOf(options: EspruinoOptions, isStreaming: boolean): Settings {
  const settings: Settings = Object.create(SETTINGS)
  for (const key in SETTINGS) {
    const name = key as keyof Settings
    const value = options[name]
    const isRing = name.slice(-6) === 'Buffer'
    if (value !== undefined) {
      const number = isRing && value instanceof Uint8Array ? value.length : value
      if (
        typeof number !== 'number' ||
        !(number >= (isRing ? LEAST_RING : 0) && number <= (isRing ? LARGEST_RING : Infinity))
      ) {
        throw misuse('RangeError', 'BAD_OPTION', name + ' ' + value)
      }
      settings[name] = number
    } else if (isStreaming && (name === 'maxMessageSize' || name === 'maxFragments')) {
      settings[name] = Infinity
    } else if (name === 'maxMessageSize') {
      settings[name] = settings.receiveBuffer
    }
  }
  return settings
}
