// Any ECMA-419 host: `ecma419-connect.ts`, with JavaScript for what a host lacks.

import { sha1 } from '../src/protocol/sha1'
import { utf8Length, utf8Write } from '../src/protocol/utf8'
import { type Connect, connectBy, type Natives, sha1By } from './ecma419-connect'
import { textByOctets, utf8ReadBy } from './xs-text'

export type { Connect, IOOptions, Natives, Options } from './ecma419-connect'
export type { ClientOptions, Handlers, Socket } from '../src/client'
export type { Extension } from '../src/protocol/extension'
export type { Kind } from '../src/protocol/opcode'
export type { RingletError } from '../src/protocol/protocol-error'

/**
 * Connects to `url` (`ws:` or `wss:`) over `options.socket`, and returns the socket at once; `onOpen` or `onError`
 * follows. `maxMessageSize` is by default the size of the receive ring. Throws at a bad URL or option, and without
 * `options.random`.
 */
export const connect: Connect = (url, handlers, options) => plain()(url, handlers, options)

let plainConnect: Connect | undefined

/** Made when first needed: what is made while a module is preloaded is frozen. */
function plain(): Connect {
  plainConnect = plainConnect || withNatives({})
  return plainConnect
}

/** Makes a `connect` that uses what `natives` has. Call it once, not per connection, and not in a preloaded module. */
export function withNatives(natives: Natives): Connect {
  const { Digest, TextDecoder } = natives
  const { fromString } = ArrayBuffer as { fromString?(text: string): ArrayBuffer }
  return connectBy(natives, {
    sha1: Digest ? sha1By(Digest) : sha1,
    ...(fromString ? textByOctets(fromString) : { utf8Length, utf8Write }),
    utf8Read: utf8ReadBy(TextDecoder),
  })
}
