// Frames written and read in the plainest way, apart from the sources: what the decoder and the encoder of the
// project are held against.

export interface Frame {
  fin: boolean
  rsv: number
  opcode: number
  payload: Uint8Array
}

export const OPCODE_NAMES: Record<number, string> = {
  0: 'continuation',
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
}

/** A frame as a server sends it; with `key`, as a client does. */
export function frame(
  opcode: number,
  payload: ArrayLike<number> = [],
  fin = true,
  rsv = 0,
  key?: number[],
): Uint8Array {
  const { length } = payload
  const header = [(fin ? 128 : 0) + rsv * 16 + opcode]
  const masked = key ? 128 : 0
  if (length < 126) header.push(masked + length)
  else if (length < 65536) header.push(masked + 126, length >> 8, length & 255)
  else {
    header.push(masked + 127)
    for (let power = 7; power >= 0; power--) header.push(Math.floor(length / 256 ** power) % 256)
  }
  if (key) header.push(...key)
  const bytes = new Uint8Array(header.length + length)
  bytes.set(header)
  for (let i = 0; i < length; i++) bytes[header.length + i] = payload[i] ^ (key ? key[i % 4] : 0)
  return bytes
}

/** All frames in `bytes`, which a client has sent: masked, complete, with the shortest lengths. */
export function readFrames(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; at < bytes.length; ) {
    const begin = at
    const first = bytes[at++]
    const second = bytes[at++]
    if (second < 128) throw new Error('not masked at ' + begin)
    let length = second - 128
    if (length > 125) {
      const least = length === 126 ? 126 : 65536
      let octets = length === 126 ? 2 : 8
      for (length = 0; octets > 0; octets--) length = length * 256 + bytes[at++]
      if (length < least) throw new Error('length not minimal at ' + begin)
    }
    const key = bytes.slice(at, at + 4)
    at += 4
    if (at + length > bytes.length) throw new Error('incomplete frame at ' + begin)
    frames.push({
      fin: first > 127,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      payload: bytes.slice(at, at + length).map((octet, i) => octet ^ key[i % 4]),
    })
    at += length
  }
  return frames
}

export interface Message {
  kind: number
  payload: Uint8Array
}

/** The messages that `frames` make up; throws where a client must not send this. */
export function readMessages(frames: Frame[]): {
  messages: Message[]
  controls: Message[]
  open: boolean
} {
  const messages: Message[] = []
  const controls: Message[] = []
  let parts: number[] | undefined
  let kind = 0
  for (const { fin, rsv, opcode, payload } of frames) {
    if (rsv) throw new Error('RSV ' + rsv)
    if (opcode > 7) {
      if (!fin || payload.length > 125 || opcode > 10) throw new Error('bad control frame')
      controls.push({ kind: opcode, payload })
      continue
    }
    if ((opcode === 0) !== (parts !== undefined)) throw new Error('fragments out of order')
    if (opcode > 2) throw new Error('reserved opcode ' + opcode)
    if (opcode) kind = opcode
    parts = parts || []
    for (const octet of payload) parts.push(octet)
    if (fin) {
      messages.push({ kind, payload: Uint8Array.from(parts) })
      parts = undefined
    }
  }
  return { messages, controls, open: parts !== undefined }
}

export function join(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
