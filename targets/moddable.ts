// Moddable: `ecma419-connect.ts` with what the SDK and XS have in native code, and without JavaScript for the same.

import { Digest } from 'crypt'
import Logical from 'logical'
import Timer from 'timer'
import { type Connect, connectBy, type Natives, sha1By } from './ecma419-connect'
import { textByOctets, utf8ReadBy } from './xs-text'

export type { Connect, IOOptions, Natives, Options } from './ecma419-connect'
export type { ClientOptions, Handlers, Socket } from '../src/client'
export type { Extension } from '../src/protocol/extension'
export type { Kind } from '../src/protocol/opcode'
export type { RingletError } from '../src/protocol/protocol-error'

/**
 * Makes a `connect` that uses what `natives` has, and else what the SDK has. Call it once, not per connection, and not in a
 * preloaded module.
 */
export function withNatives(natives: Natives): Connect {
  const { fromString } = ArrayBuffer as unknown as { fromString(text: string): ArrayBuffer }
  return connectBy(
    { Timer, Logical, ...natives },
    {
      sha1: sha1By(natives.Digest || Digest!),
      ...textByOctets(fromString),
      utf8Read: utf8ReadBy(natives.TextDecoder),
    },
  )
}

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
      random(bytes) {
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.random() * 256
      },
    })
  return connectNatively(url, handlers, options)
}
