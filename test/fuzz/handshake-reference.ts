// What RFC 6455 section 4.1 and RFC 9112 say of a server's answer, and RFC 7692 of the extension in it: the whole answer
// in one string, taken apart by regular expressions that are the grammars.

import { createHash } from 'node:crypto'
import { Buffer } from 'node:buffer'

export type Answer =
  | { outcome: 'pending' }
  | { outcome: 'refused'; id: string; at: number; status: number }
  | { outcome: 'open'; protocol: string; extensions: string; length: number }

const LINE = /[\t\x20-\x7e\x80-\xff]*/y
const STATUS_LINE = /^HTTP\/1\.1 ([1-9]\d\d)(?: .*)?$/
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/

export function acceptOf(key: Uint8Array): string {
  const text = Buffer.from(key).toString('base64') + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
  return createHash('sha1').update(text).digest('base64')
}

/** `text`: the octets as characters. */
export function answerOf(text: string, accept: string, asked: string[], maxLength: number): Answer {
  const answer = read(text, accept, asked).answer
  const last =
    answer.outcome === 'open'
      ? answer.length - 1
      : answer.outcome === 'refused'
        ? answer.at
        : Infinity
  if (last < maxLength || text.length <= maxLength) return answer
  return {
    outcome: 'refused',
    id: 'RESPONSE_TOO_BIG',
    at: maxLength,
    status: read(text.slice(0, maxLength), accept, asked).status,
  }
}

/** And the status, which there is even where the answer is not yet. */
function read(text: string, accept: string, asked: string[]): { answer: Answer; status: number } {
  let fields: [name: string, value: string][] = []
  let status = 0
  let at = 0
  const pending = () => ({ answer: { outcome: 'pending' } as const, status })
  const refused = (id: string, octet: number) => ({
    answer: { outcome: 'refused', id, at: octet, status } as const,
    status,
  })
  for (;;) {
    LINE.lastIndex = at
    const line = LINE.exec(text)![0]
    at += line.length
    if (at === text.length) return pending()
    if (text[at] !== '\r') return refused('BAD_RESPONSE', at)
    if (++at === text.length) return pending()
    if (text[at] !== '\n') return refused('BAD_RESPONSE', at)
    const lineFeed = at++
    if (!status) {
      const found = STATUS_LINE.exec(line)
      if (!found) return refused('BAD_RESPONSE', lineFeed)
      status = Number(found[1])
      continue
    }
    if (line) {
      const found = FIELD_LINE.exec(line)
      if (!found) return refused('BAD_RESPONSE', lineFeed)
      fields.push([found[1].toLowerCase(), found[2]])
      continue
    }
    // RFC 9110 section 15.2: of 1xx, all but 101 come before the final response.
    if (status < 200 && status !== 101) {
      status = 0
      fields = []
      continue
    }
    const all = (name: string) =>
      fields.filter((field) => field[0] === name).map((field) => field[1])
    const one = (name: string) => (all(name).length === 1 ? all(name)[0] : undefined)
    if (status !== 101) return refused('BAD_STATUS', lineFeed)
    if ((one('upgrade') || '').toLowerCase() !== 'websocket')
      return refused('BAD_UPGRADE', lineFeed)
    const options = all('connection').join(',').toLowerCase()
    if (!/(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/.test(options))
      return refused('BAD_CONNECTION', lineFeed)
    if (one('sec-websocket-accept') !== accept) return refused('BAD_ACCEPT', lineFeed)
    const protocols = all('sec-websocket-protocol')
    if (protocols.length > 1 || (protocols.length === 1 && !asked.includes(protocols[0]))) {
      return refused('BAD_PROTOCOL', lineFeed)
    }
    return {
      answer: {
        outcome: 'open',
        protocol: protocols[0] || '',
        extensions: all('sec-websocket-extensions').join(', '),
        length: at,
      },
      status,
    }
  }
}

export interface Offered {
  serverNoContextTakeover: boolean
  clientNoContextTakeover: boolean
  serverMaxWindowBits: number | undefined
  clientMaxWindowBits: number | boolean
}

export type Negotiated =
  | 'refused'
  | 'declined'
  | {
      serverNoContextTakeover: boolean
      clientNoContextTakeover: boolean
      serverMaxWindowBits: number
      clientMaxWindowBits: number
    }

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const VALUE = `(${TOKEN}|"(?:[^"\\\\]|\\\\.)*")`
const PARAMETER = new RegExp(`[ \\t]*;[ \\t]*(${TOKEN})(?:[ \\t]*=[ \\t]*${VALUE})?`, 'y')
const NAME = new RegExp(`[ \\t]*(${TOKEN})`, 'y')
/** RFC 9110 section 5.6.1: empty elements are ignored. */
const SEPARATOR = /[ \t]*(?:,|$)/y

/** What the server's Sec-WebSocket-Extensions says to an offer of permessage-deflate alone, RFC 7692 section 7.1. */
export function negotiatedOf(header: string, offer: Offered): Negotiated {
  let isAccepted = false
  const values = new Map<string, string | undefined>()
  let at = 0
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(header)
    if (found) at = pattern.lastIndex
    return found
  }
  while (at < header.length) {
    const name = next(NAME)
    if (name) {
      // Not asked for, or twice.
      if (name[1] !== 'permessage-deflate' || isAccepted) return 'refused'
      isAccepted = true
      for (let found = next(PARAMETER); found; found = next(PARAMETER)) {
        const text = found[2]
        const value = text?.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text
        if (values.has(found[1])) return 'refused'
        values.set(found[1], value)
      }
    }
    if (!next(SEPARATOR)) return 'refused'
  }
  if (!isAccepted) return 'declined'
  for (const [name, value] of values) {
    if (name === 'server_no_context_takeover' || name === 'client_no_context_takeover') {
      if (value !== undefined) return 'refused'
    } else if (name === 'server_max_window_bits' || name === 'client_max_window_bits') {
      if (value === undefined || !/^(8|9|1[0-5])$/.test(value)) return 'refused'
      const most =
        name === 'server_max_window_bits' ? offer.serverMaxWindowBits : offer.clientMaxWindowBits
      if (typeof most === 'number' && Number(value) > most) return 'refused'
      if (most === false) return 'refused'
    } else {
      return 'refused'
    }
  }
  const server = values.get('server_max_window_bits')
  const client = values.get('client_max_window_bits')
  const { clientMaxWindowBits } = offer
  if (offer.serverMaxWindowBits && !server) return 'refused'
  if (offer.serverNoContextTakeover && !values.has('server_no_context_takeover')) return 'refused'
  return {
    serverNoContextTakeover: values.has('server_no_context_takeover'),
    clientNoContextTakeover:
      offer.clientNoContextTakeover || values.has('client_no_context_takeover'),
    serverMaxWindowBits: Number(server || 15),
    clientMaxWindowBits: Math.min(
      Number(client || 15),
      typeof clientMaxWindowBits === 'number' ? clientMaxWindowBits : 15,
    ),
  }
}
