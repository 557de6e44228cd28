// Public exports, nothing else: the parts that every target is made of, free of any platform.

export { Client, type ClientOptions, type Handlers, type Socket } from './client'
export { type Endpoint, endpointOf, type UrlParts } from './endpoint'
export type { Platform } from './platform'
export type { Extension, Transform, TransformSink } from './protocol/extension'
export { FrameDecoder } from './protocol/frame-decoder'
export { encodeHeader, headerLength } from './protocol/frame-encoder'
export {
  Handshake,
  type HandshakeSink,
  type RequestOptions,
  type RequestTarget,
} from './protocol/handshake'
export { MessageDecoder, type MessageLimits } from './protocol/message-decoder'
export type { Kind } from './protocol/opcode'
export type { RingletError } from './protocol/protocol-error'
export { RingBuffer } from './protocol/ring-buffer'
export { Utf8Validator } from './protocol/utf8-validator'
export { randomWords } from './random-words'
export type { Transport } from './transport'
