// The opening handshake's request, RFC 6455 section 4.1, from what the user has passed to `connect`. Throws at misuse.

import { bytesOf, wrongByte, type TextState } from './text'
import { misuse } from './misuse'

export const TOKEN = /^[!#-'*+.0-9A-Z^-z|~-]+$/
const ESCAPE = /%[0-9a-f][0-9a-f]/gi

export interface Endpoint {
  _isSecure: boolean
  _hostname: string
  _port: number
  /** Host, path and what stands before the host. */
  _host: string
  _path: string
  _userInfo: string
}

/** RFC 6455 section 3. By hand: Espruino's `url.parse` takes a colon of the password for that of the port. */
export function endpointOf(text: string): Endpoint {
  const url = bytesOf('' + text).replace(
    /[^!-~]/g,
    (byte) => '%' + (256 + byte.charCodeAt(0)).toString(16).substr(1).toUpperCase(),
  )
  const colon = url.indexOf('://')
  const scheme = url.substr(0, colon).toLowerCase()
  const rest = url.substr(colon + 3)
  const slash = /[?]|\//.exec(rest)
  const authority = slash ? rest.substr(0, slash.index) : rest
  let path = slash ? rest.substr(slash.index) : ''
  // An empty query is none.
  if (path.indexOf('?') === path.length - 1) path = path.slice(0, -1)
  const at = authority.indexOf('@')
  const host = authority.substr(at + 1).toLowerCase()
  const bracket = host.indexOf(']')
  const end = host.indexOf(':', Math.max(bracket, 0))
  const name = end < 0 ? host : host.substr(0, end)
  // Of an IPv6 address, without the brackets. No bracket and no backslash in an expression: Espruino cannot read it.
  const inner =
    bracket < 0
      ? name
      : host.charAt(0) === '[' && bracket === name.length - 1
        ? name.slice(1, -1)
        : ''
  const port = end < 0 ? '' : host.substr(end + 1)
  const isSecure = scheme === 'wss'
  const standard = isSecure ? 443 : 80
  let userInfo = at < 0 ? '' : authority.substr(0, at)
  if (userInfo && userInfo.indexOf(':') < 0) userInfo += ':'
  const decoded = userInfo.replace(ESCAPE, (digits) =>
    String.fromCharCode(parseInt(digits.substr(1), 16)),
  )
  if (
    !(isSecure || scheme === 'ws') ||
    !(bracket < 0 ? TOKEN : /^[0-9a-f:.]+$/).test(inner) ||
    inner.indexOf('%') >= 0 ||
    !/^[0-9]*$/.test(port) ||
    +port > 65535 ||
    (port && !+port) ||
    url.indexOf('#') >= 0 ||
    userInfo.replace(ESCAPE, '').indexOf('%') >= 0 ||
    wrongByte({ _missing: 0 } as TextState, decoded, true) >= 0
  ) {
    // Without what stands before the host: it may be a password.
    throw misuse(
      'TypeError',
      'BAD_URL',
      scheme + '://' + host + ', expected ws:// or wss://, a host',
    )
  }
  return {
    _isSecure: isSecure,
    _hostname: inner,
    _port: +port || standard,
    _host: name + (+port && +port !== standard ? ':' + +port : ''),
    _path: (path.charAt(0) === '/' ? '' : '/') + path,
    _userInfo: decoded === ':' ? '' : decoded,
  }
}

/** The subprotocols as a list, in order of preference. */
export function listOf(protocols: unknown): string[] {
  const list = ([] as string[]).concat(protocols as string[])
  for (let i = 0; i < list.length; i++) {
    if (typeof list[i] !== 'string' || !TOKEN.test(list[i]) || list.indexOf(list[i]) < i) {
      throw misuse('TypeError', 'BAD_SUBPROTOCOL', JSON.stringify(list[i]))
    }
  }
  return list
}

/** Nothing of the user's can end a line early. */
export function requestOf(
  { _host: host, _path: path, _userInfo: userInfo }: Endpoint,
  fields: Record<string, string>,
  protocols: string[],
  key: string,
): string {
  let lines = ''
  let mentioned = ' '
  for (const name in fields) {
    const value = '' + fields[name]
    const low = name.toLowerCase()
    if (
      !TOKEN.test(name) ||
      low === 'connection' ||
      low === 'upgrade' ||
      low.indexOf('sec-websocket-') === 0 ||
      !/^[\t -~]*$/.test(value)
    ) {
      throw misuse('TypeError', 'BAD_HEADER', JSON.stringify(name))
    }
    mentioned += low + ' '
    lines += name + ': ' + value + '\r\n'
  }
  return (
    'GET ' +
    path +
    ' HTTP/1.1\r\n' +
    (mentioned.indexOf(' host ') < 0 ? 'Host: ' + host + '\r\n' : '') +
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ' +
    key +
    (protocols.length ? '\r\nSec-WebSocket-Protocol: ' + protocols.join(', ') : '') +
    '\r\n' +
    lines +
    (userInfo && mentioned.indexOf(' authorization ') < 0
      ? 'Authorization: Basic ' + btoa(userInfo) + '\r\n'
      : '') +
    '\r\n'
  )
}
