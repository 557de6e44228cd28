// Opcodes, RFC 6455 section 5.2 and 11.8.

export const CONTINUATION = 0
export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** The kind of a message is the opcode of its first frame: 1 for text, 2 for binary. */
export type Kind = typeof TEXT | typeof BINARY
