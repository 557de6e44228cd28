// The opening handshake, RFC 6455 section 4: the request, and the response checked as it arrives, octet by octet
// and within a bound. Only the current line is kept.

import type { Platform } from '../platform'

const UPGRADE = 'upgrade'
const PROTOCOL = 'sec-websocket-protocol'
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export interface Request {
  /** The Host field: host, and port unless it is the scheme's own; '' if `headers` has it. */
  host: string
  /** Path and query. */
  path: string
  /** Subprotocols asked for, in order of preference. */
  protocols: string[]
  /** The Sec-WebSocket-Extensions value, or ''. */
  offer: string
  /** Further header lines, each ended by CRLF. */
  headers: string
}

export interface HandshakeSink {
  /** The response is in order. */
  onOpen(protocol: string, extensions: string): void
  /** It is not. `octet` counts from the first octet of the response. */
  onRefused(id: string, detail: string, octet: number): void
}

export class Handshake {
  /** The status code of the response, or 0 before it is known. */
  status = 0
  /** The fields of the response by lower-case name, several of one name joined by ', '. */
  readonly fields: Record<string, string> = Object.create(null)
  /** Octets read. */
  length = 0
  isOver = false

  private readonly _key: string
  private _line = ''
  private _afterReturn = false

  constructor(
    private readonly _request: Request,
    private readonly _platform: Platform,
    private readonly _maxLength: number,
    private readonly _sink: HandshakeSink,
  ) {
    const nonce = new Int32Array(4).map(() => _platform.randomWord())
    this._key = _platform.base64(new Uint8Array(nonce.buffer))
  }

  /** The request, section 4.1; ASCII. */
  request(): string {
    const { host, path, protocols, offer, headers } = this._request
    return (
      'GET ' +
      path +
      ' HTTP/1.1\r\n' +
      (host && 'Host: ' + host + '\r\n') +
      'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ' +
      this._key +
      (protocols.length ? '\r\nSec-WebSocket-Protocol: ' + protocols.join(', ') : '') +
      (offer ? '\r\nSec-WebSocket-Extensions: ' + offer : '') +
      '\r\n' +
      headers +
      '\r\n'
    )
  }

  /** Reads `[start, end)`; returns the offset behind the last octet that belongs to the response. */
  read(bytes: Uint8Array, start: number, end: number): number {
    while (start < end && !this.isOver) {
      const octet = bytes[start++]
      if (++this.length > this._maxLength) {
        this._refuse('RESPONSE_TOO_BIG', 'more than ' + this._maxLength)
      } else if (this._afterReturn && octet === 10) {
        this._readLine(this._line)
        this._line = ''
        this._afterReturn = false
      } else if (
        this._afterReturn ||
        (octet < 32 && octet !== 9 && octet !== 13) ||
        octet === 127
      ) {
        // RFC 9112 section 2.2: lines end with CRLF, and neither stands alone.
        this._refuse('BAD_RESPONSE', 'character ' + octet)
      } else if (octet === 13) {
        this._afterReturn = true
      } else {
        this._line += String.fromCharCode(octet)
      }
    }
    return start
  }

  private _readLine(line: string): void {
    if (!this.status) {
      // RFC 9112 section 4. The reason phrase, and the space before it, may be missing.
      const found = /^HTTP\/1\.1 (\d{3})( |$)/.exec(line)
      if (found) this.status = +found[1]
      if (!this.status) this._refuse('BAD_RESPONSE', line)
    } else if (line) {
      const { fields } = this
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).toLowerCase()
      const value = trim(line.slice(colon + 1))
      // RFC 9112 section 5: no space before the colon, no folded lines.
      if (colon < 0 || !isToken(name)) this._refuse('BAD_RESPONSE', line)
      // RFC 9110 section 5.3: several fields of one name mean the same as one with their values listed.
      else fields[name] = name in fields ? fields[name] + ', ' + value : value
    } else {
      this._check()
    }
  }

  /** Section 4.1, "the client MUST validate the server's response as follows". */
  private _check(): void {
    const { fields, _platform: platform, _request: request } = this
    const accept = platform.base64(platform.sha1(this._key + GUID))
    const protocol = fields[PROTOCOL]
    this._expect('BAD_STATUS', '' + this.status, '101')
    this._expect('BAD_UPGRADE', lower(fields.upgrade), 'websocket')
    const options = lower(fields.connection).split(',')
    if (!options.some((option) => trim(option) === UPGRADE)) {
      this._expect('BAD_CONNECTION', fields.connection, UPGRADE)
    }
    this._expect('BAD_ACCEPT', fields['sec-websocket-accept'], accept)
    if (protocol !== undefined && request.protocols.indexOf(protocol) < 0 && !this.isOver) {
      this._refuse('BAD_PROTOCOL', protocol + ', which was not asked for')
    }
    if (!this.isOver) {
      this.isOver = true
      this._sink.onOpen(protocol || '', fields['sec-websocket-extensions'] || '')
    }
  }

  private _expect(id: string, value: string | undefined, expected: string): void {
    if (value !== expected && !this.isOver) this._refuse(id, value + ', expected ' + expected)
  }

  private _refuse(id: string, detail: string): void {
    this.isOver = true
    this._sink.onRefused(id, detail, this.length - 1)
  }
}

function lower(value: string | undefined): string {
  return (value || '').toLowerCase()
}

/** Without the optional white space around it, RFC 9110 section 5.6.3: space and tab, and nothing else. */
export function trim(value: string): string {
  let start = 0
  let end = value.length
  while (start < end && isSpace(value.charCodeAt(start))) start++
  while (start < end && isSpace(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9
}

/** Whether `text` is a token, RFC 9110 section 5.6.2: a header's name or a subprotocol. */
export function isToken(text: string): boolean {
  return /^[!#-'*+.0-9A-Z^-z|~-]+$/.test(text)
}
