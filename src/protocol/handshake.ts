// The opening handshake, RFC 6455 section 4: the request, and the response checked as it arrives, octet by octet
// and within a bound. Only the current line is kept.

import type { Platform } from '../platform'
import { consistsOf, isToken, trim } from './characters'
import { encodeText } from './encode-text'
import type { Extension } from './extension'
import { ownProperties } from './own-properties'
import { errorOf } from './protocol-error'

const CONNECTION = 'connection'
const UPGRADE = 'upgrade'
const SEC_WEBSOCKET = 'sec-websocket-'
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Where the request goes, as `endpointOf` has it. */
export interface RequestTarget {
  /** The Host field: host, and port unless it is the scheme's own. */
  host: string
  /** Path and query. */
  path: string
  /** `user:password`, or ''. */
  userInfo: string
}

export interface RequestOptions {
  protocols?: string | string[]
  headers?: Record<string, string>
  extensions?: Extension | Extension[]
}

export interface HandshakeSink {
  /** The response is in order. */
  onOpen(protocol: string, extensions: string): void
  /** It is not. `octet` counts from the first octet of the response. */
  drop(id: string, detail: string, octet: number): void
}

export class Handshake {
  /** The status code of the response, or 0 before it is known. */
  status = 0
  /** The fields of the response by lower-case name, several of one name joined by ', '. */
  fields: Record<string, string> = Object.create(null)
  /** Octets read. */
  length = 0
  isOver = false
  /** The request, section 4.1; ASCII. */
  readonly request: string
  readonly extensions: Extension[]

  private readonly _key: string
  private readonly _protocols: string[]
  private _line = ''
  private _isAfterReturn = false

  /** Throws at a subprotocol or a header that cannot be sent. */
  constructor(
    { host, path, userInfo }: RequestTarget,
    { protocols = [], headers = {}, extensions = [] }: RequestOptions,
    private readonly _platform: Platform,
    private readonly _maxLength: number,
    private readonly _sink: HandshakeSink,
  ) {
    const nonce = new Int32Array(4).map(() => _platform.randomWord())
    const list = ([] as string[]).concat(protocols)
    let fields = ''
    list.forEach((protocol, i) => {
      if (typeof protocol !== 'string' || !isToken(protocol) || list.indexOf(protocol) < i) {
        // Not the text: some put tokens of another kind there.
        throw errorOf(TypeError, 'BAD_SUBPROTOCOL', 'number ' + i + ' is not a token, or twice')
      }
    })
    // Nothing would be left of a Headers or a Map, and nobody would know.
    if (Symbol.iterator in Object(headers)) {
      throw errorOf(TypeError, 'BAD_HEADER', 'a list, expected an object')
    }
    const own = ownProperties(headers)
    for (const name in own) {
      const value = String(own[name])
      const key = name.toLowerCase()
      // Nothing of the caller's ends a line early, or stands for what is of the handshake.
      if (
        own[name] == null ||
        !isToken(name) ||
        key === CONNECTION ||
        key === UPGRADE ||
        key.indexOf(SEC_WEBSOCKET) === 0 ||
        !consistsOf(value, '\t\n \x7f')
      ) {
        throw errorOf(
          TypeError,
          'BAD_HEADER',
          JSON.stringify(name) + ' is of the handshake, or not of printable ASCII',
        )
      }
      if (key === 'host') host = ''
      if (key === 'authorization') userInfo = ''
      fields += name + ': ' + value + '\r\n'
    }
    this.extensions = ([] as Extension[]).concat(extensions)
    this._protocols = list
    this._key = _platform.base64(new Uint8Array(nonce.buffer))
    this.request =
      'GET ' +
      path +
      ' HTTP/1.1\r\n' +
      line('Host', host) +
      'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
      line('Sec-WebSocket-Version', '13') +
      line('Sec-WebSocket-Key', this._key) +
      line('Sec-WebSocket-Protocol', list.join(', ')) +
      line('Sec-WebSocket-Extensions', this.extensions.map(({ offer }) => offer).join(', ')) +
      line(
        'Authorization',
        userInfo && 'Basic ' + _platform.base64(encodeText(userInfo, _platform)),
      ) +
      fields +
      '\r\n'
  }

  /** Reads `[start, end)`; returns the offset behind the last octet that belongs to the response. */
  read(bytes: Uint8Array, start: number, end: number): number {
    while (start < end && !this.isOver) {
      const octet = bytes[start++]
      if (++this.length > this._maxLength) {
        this._refuse('RESPONSE_TOO_BIG', 'more than ' + this._maxLength)
      } else if (
        this._isAfterReturn
          ? octet !== 10
          : (octet < 32 && octet !== 9 && octet !== 13) || octet === 127
      ) {
        // RFC 9112 section 2.2: lines end with CRLF, and neither stands alone.
        this._refuse('BAD_RESPONSE', 'character ' + octet)
      } else if (octet === 10) {
        this._readLine(this._line)
        this._line = ''
        this._isAfterReturn = false
      } else if (octet === 13) {
        this._isAfterReturn = true
      } else {
        this._line += String.fromCharCode(octet)
      }
    }
    return start
  }

  private _readLine(text: string): void {
    if (!this.status) {
      // RFC 9112 section 4. The reason phrase, and the space before it, may be missing.
      const status = +text.slice(9, 12)
      if (status > 99 && !(text + ' ').indexOf('HTTP/1.1 ' + status + ' ')) this.status = status
      else this._refuse('BAD_RESPONSE', text)
    } else if (text) {
      const { fields } = this
      // RFC 9112 section 5: a token, no space before the colon, no folded lines. Space and tab around the value, and
      // nothing else, are not of it.
      const colon = text.indexOf(':')
      const key = text.slice(0, colon).toLowerCase()
      const value = trim(text.slice(colon + 1))
      if (colon < 0 || !isToken(key)) this._refuse('BAD_RESPONSE', text)
      // RFC 9110 section 5.3: several fields of one name mean the same as one with their values listed.
      else fields[key] = key in fields ? fields[key] + ', ' + value : value
    } else if (this.status < 200 && this.status !== 101) {
      // RFC 9110 section 15.2: before the final response there may be others, which a client MUST be able to parse.
      this.status = 0
      this.fields = Object.create(null)
    } else {
      this._check()
    }
  }

  /** Section 4.1, "the client MUST validate the server's response as follows". */
  private _check(): void {
    const { fields, _platform: platform } = this
    const { connection, upgrade } = fields
    const protocol = fields[SEC_WEBSOCKET + 'protocol']
    if (
      this._expect('BAD_STATUS', '' + this.status, '101') &&
      this._expect('BAD_UPGRADE', upgrade && upgrade.toLowerCase(), 'websocket') &&
      (('' + connection).toLowerCase().split(',').map(trim).indexOf(UPGRADE) >= 0 ||
        this._expect('BAD_CONNECTION', connection, UPGRADE)) &&
      this._expect(
        'BAD_ACCEPT',
        fields[SEC_WEBSOCKET + 'accept'],
        platform.base64(platform.sha1(this._key + GUID)),
      ) &&
      (protocol === undefined ||
        this._protocols.indexOf(protocol) >= 0 ||
        this._refuse('BAD_PROTOCOL', protocol + ', which was not asked for'))
    ) {
      this.isOver = true
      this._sink.onOpen(protocol || '', fields[SEC_WEBSOCKET + 'extensions'] || '')
    }
  }

  private _expect(id: string, value: string | undefined, expected: string): boolean {
    return value === expected || this._refuse(id, value + ', expected ' + expected)
  }

  private _refuse(id: string, detail: string): boolean {
    this.isOver = true
    this._sink.drop(id, detail, this.length - 1)
    return false
  }
}

/** A field of the request, unless it has no value. */
function line(name: string, value: string): string {
  return value && name + ': ' + value + '\r\n'
}
