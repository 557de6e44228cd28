// `ringlet/deflate`: permessage-deflate with fflate as the compressor, or receiving only.

import type { Extension } from '../protocol/extension'
import { compress } from './fflate-codec'
import { type DeflateOptions, type InflateOptions, permessageDeflate } from './permessage-deflate'

export type { CompressionLevel } from './codec'
export type { DeflateOptions, InflateOptions } from './permessage-deflate'

/** permessage-deflate both ways. One extension may serve any number of connections. Throws at a bad option. */
export function deflate(options: DeflateOptions = {}): Extension {
  return permessageDeflate(options, compress)
}

/** permessage-deflate for receiving only: messages are sent uncompressed, and no compressor is bundled. */
export function inflate(options: InflateOptions = {}): Extension {
  return permessageDeflate(options)
}
