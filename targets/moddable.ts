// Moddable: the target of `ecma419.ts`, with what the SDK has in native code.

import { Digest } from 'crypt'
import Logical from 'logical'
import Timer from 'timer'
import { type Connect, withNatives } from './ecma419'

export type { Connect, IOOptions, Natives, Options } from './ecma419'
export { withNatives } from './ecma419'
export type { ClientOptions, Handlers, Socket } from '../src/client'
export type { Extension } from '../src/protocol/extension'
export type { Kind } from '../src/protocol/opcode'
export type { RingletError } from '../src/protocol/protocol-error'

/** Made when first needed: this module is preloaded, and what is made then is frozen. */
let connectNatively: Connect | undefined

/**
 * Connects to `url` (`ws:` or `wss:`) over `options.socket`, and returns the socket at once; `onOpen` or `onError`
 * follows. `maxMessageSize` is by default the size of the receive ring. `random` is by default Moddable's `Math.random`:
 * the hardware's source on ESP8266 and ESP32, and `rand()` of C elsewhere; give `random` there. Throws at a bad URL or option.
 */
export const connect: Connect = (url, handlers, options) => {
  connectNatively =
    connectNatively ||
    withNatives({
      Timer,
      Digest,
      Logical,
      random(bytes) {
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256
      },
    })
  return connectNatively(url, handlers, options)
}
