// Espruino: sockets of the module `net` or `tls`, and a core of its own, in `espruino/`.

import type { ClientOptions, Handlers, Socket } from '../src/client'
import type { Connection } from './espruino/connection'
import { arm } from './espruino/ending'
import { onClose, onData, onDrain, onError } from './espruino/listeners'
import { RANGE_ERROR, misuse } from './espruino/misuse'
import { prototype } from './espruino/prototype'
import { endpointOf } from './espruino/request'
import { flush, randomize } from './espruino/send'
import { HANDSHAKE_TIMEOUT, settingsOf } from './espruino/settings'

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

/**
 * Connects to `url` (`ws:` or `wss:`), and returns the socket at once; `onOpen` or `onError` follows. Throws at a bad URL
 * or option, and without `random` where the board has no source of entropy.
 */
export function connect(url: string, handlers?: Handlers, options?: EspruinoOptions): Socket {
  const it: Connection = Object.create(prototype)
  it._handlers = handlers || {}
  const settings = settingsOf(it, options || {})
  it._random = settings.random
  const protocols = ([] as string[]).concat(settings.protocols)
  const endpoint = endpointOf(it, url, settings.headers, protocols)
  it._timers = [0, 0]
  // Boards whose `E.hwRand` is a source, of nRF52, STM32F1, STM32F4 and RP2: the others' repeats itself at each start.
  if (
    !settings.random &&
    !/^BANGLE|^ESPRUINO|^JOLT|^MDBT|^PICO|^PIXL|^PUCK|^RP2/.test(process.env.BOARD)
  ) {
    misuse(RANGE_ERROR, 'BAD_OPTION', 'random is needed')
  }
  const words = new Int32Array(4)
  randomize(it, words, 4)
  const key = btoa(words.buffer)
  it._response = {
    // biome-ignore lint/style/useNodejsImportProtocol: it is Espruino's.
    _accept: btoa(require('crypto').SHA1(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')),
    _protocols: protocols,
    _status: 0,
    _fields: {},
  }
  // Where TLS is, there is Object.assign, too.
  if (endpoint._isSecure) Object.assign(endpoint, settings.tls)
  arm(it, 0, it._limits[HANDSHAKE_TIMEOUT])
  try {
    const socket = (it._socket = require(endpoint._isSecure ? 'tls' : 'net').connect(endpoint))
    socket._owner = it
    socket.on('data', onData)
    socket.on('drain', onDrain)
    socket.on('error', onError)
    socket.on('close', onClose)
    it._out += key + '\r\n\r\n'
    flush(it)
  } catch (error) {
    // Told as the event is, after this has returned.
    setTimeout(() => {
      onError.call({ _owner: it }, error as Error)
    }, 0)
  }
  return it
}
