// permessage-deflate, RFC 7692, as an extension: options, the offer, and what it does to messages once accepted.

import type { Extension, Transform, TransformSink } from '../protocol/extension'
import { ownProperties } from '../protocol/own-properties'
import { errorOf } from '../protocol/protocol-error'
import type { CompressionLevel, Compress } from './codec'
import { formatOffer, type Offer, readAnswer } from './negotiation'
import { Receiver } from './receiver'
import { Sender } from './sender'

export interface InflateOptions {
  /** Ask for a smaller window: 8–15, for 2^n bytes of memory. Default: none asked for, 32 KiB. */
  serverMaxWindowBits?: number
  /** Ask the server to compress each message by itself. Default false. */
  serverNoContextTakeover?: boolean
  /** The most bytes that a message may inflate to; 1009 above it. Default: `maxMessageSize`. */
  maxInflatedSize?: number
}

export interface DeflateOptions extends InflateOptions {
  /**
   * The window for what is sent: 8–15; true leaves it to the server, up to 15; false: the server is not told that
   * it may limit it. Default true.
   */
  clientMaxWindowBits?: number | boolean
  /** Tell the server that each message is compressed by itself. Default false. */
  clientNoContextTakeover?: boolean
  /**
   * Refer to earlier messages, where the server allows it: small messages get smaller, at the cost of 2^n bytes and
   * of reading them again for each message. Default false.
   */
  clientContextTakeover?: boolean
  /** Messages with fewer bytes go uncompressed. Default 256. */
  threshold?: number
  /** Messages with more bytes go uncompressed: compressing takes their size once more. Default 1048576. */
  maxDeflateSize?: number
  /** From 1, fast, to 9, small. Default 6. */
  level?: CompressionLevel
}

/** The extension that receives, and sends if there is a compressor. */
export function permessageDeflate(options: DeflateOptions, compress?: Compress): Extension {
  const own = ownProperties(options)
  const {
    serverMaxWindowBits,
    serverNoContextTakeover = false,
    clientNoContextTakeover = false,
    clientContextTakeover = false,
    threshold = 256,
    maxDeflateSize = 1 << 20,
    maxInflatedSize = Infinity,
    level = 6,
  } = own
  // Without a compressor nothing is sent compressed, and no window for it is spoken of.
  const { clientMaxWindowBits = compress !== undefined } = own
  requireIn('serverMaxWindowBits', serverMaxWindowBits, 8, 15)
  if (typeof clientMaxWindowBits !== 'boolean')
    requireIn('clientMaxWindowBits', clientMaxWindowBits, 8, 15)
  requireIn('level', level, 1, 9)
  requireIn('threshold', threshold, 0, Infinity)
  requireIn('maxDeflateSize', maxDeflateSize, 0, Infinity)
  requireIn('maxInflatedSize', maxInflatedSize, 0, Infinity)
  const offer: Offer = {
    serverMaxWindowBits,
    serverNoContextTakeover,
    clientMaxWindowBits,
    clientNoContextTakeover,
  }
  return {
    offer: formatOffer(offer),
    accept(response: string, sink: TransformSink) {
      const { rest, agreement } = readAnswer(offer, response)
      if (!agreement) return { rest }
      const receiver = new Receiver(
        agreement.serverMaxWindowBits,
        !agreement.serverNoContextTakeover,
        Math.min(maxInflatedSize, sink.limits.maxMessageSize),
        sink,
      )
      const sender =
        compress &&
        new Sender(
          agreement.clientMaxWindowBits,
          clientContextTakeover && !agreement.clientNoContextTakeover,
          compress,
          level,
        )
      const transform: Transform = {
        ring: receiver.ring,
        receive: (bytes, start, end, final) => receiver.receive(bytes, start, end, final),
        send: (bytes, start, end) =>
          sender && end - start >= threshold && end - start <= maxDeflateSize
            ? sender.send(bytes, start, end)
            : undefined,
      }
      return { rest, transform }
    },
  }
}

function requireIn(name: string, value: number | undefined, least: number, most: number): void {
  if (
    value !== undefined &&
    !(
      typeof value === 'number' &&
      value >= least &&
      value <= most &&
      (most === Infinity || value % 1 === 0)
    )
  ) {
    throw errorOf(RangeError, 'BAD_OPTION', name + ' ' + value + ', expected ' + least + '–' + most)
  }
}
