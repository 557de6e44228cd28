// The opening handshake's request, RFC 6455 section 4.1, from what the user has passed to `connect`. Throws at misuse.

import type { Connection } from './connection'
import { TYPE_ERROR, misuse } from './misuse'
import { bytesOf, wrongByte } from './text'

/** What Espruino's `connect` is given, and keeps. */
export interface Endpoint {
  host: string
  port: number
  _isSecure: boolean
}

export function isToken(text: string): boolean {
  return /^[!#-'*+.0-9A-Z^-z|~-]+$/.test(text)
}

/**
 * Also puts the request, but for its key and its end, into `_out`. The URL is RFC 6455 section 3. By hand: Espruino's `url.parse` takes a colon of the password for that of the port.
 * Nothing of the user's can end a line early.
 */
export function endpointOf(
  it: Connection,
  text: string,
  fields: Record<string, string>,
  protocols: string[],
): Endpoint {
  const encoded = /%[0-9a-f][0-9a-f]/gi
  const url = bytesOf('' + text).replace(
    /[^!-~]/g,
    (byte) => '%' + (256 + byte.charCodeAt(0)).toString(16).substr(1).toUpperCase(),
  )
  // Espruino's expressions have no optional parts, and no alternatives within a group.
  const [, name, authority, rest] = /^([a-z]+):\/\/([^?#\x2f]*)([^#]*)$/i.exec(url) || [
    '',
    '',
    '',
    '',
  ]
  const scheme = name.toLowerCase()
  const isSecure = scheme === 'wss'
  const at = authority.indexOf('@') + 1
  const place = authority.substr(at).toLowerCase()
  const address = /^\x5b([0-9a-f:.]+)\x5d(.*)$/.exec(place)
  const [, host, colon] = address || /^([^:]*)(.*)$/.exec(place)!
  const port = +colon.substr(1)
  const standard = isSecure ? 443 : 80
  const userInfo = authority.substr(0, at - 1)
  const decoded = userInfo.replace(encoded, (digits) => E.toString(parseInt(digits.substr(1), 16)))
  if (
    !(isSecure || scheme === 'ws') ||
    !(address || /^[a-z0-9._-]+$/.test(host)) ||
    !/^:[0-9]*$/.test(colon || ':') ||
    port > 65535 ||
    (colon.length > 1 && !port) ||
    userInfo.replace(encoded, '').indexOf('%') >= 0 ||
    wrongByte({}, decoded, true) >= 0
  ) {
    // Without what stands before the host: it may be a password.
    misuse(TYPE_ERROR, 'BAD_URL', scheme + '://' + place)
  }
  let lines = ''
  for (let i = 0; i < protocols.length; i++) {
    if (
      typeof protocols[i] !== 'string' ||
      !isToken(protocols[i]) ||
      protocols.indexOf(protocols[i]) < i
    ) {
      // Not the text: some put tokens of another kind there.
      misuse(TYPE_ERROR, 'BAD_SUBPROTOCOL', 'number ' + i)
    }
  }
  for (const field in fields) {
    // biome-ignore lint/suspicious/noPrototypeBuiltins: Espruino has no Object.hasOwn.
    if (!fields.hasOwnProperty(field)) continue
    const value = '' + fields[field]
    if (
      fields[field] == null ||
      !isToken(field) ||
      /^connection$|^upgrade$|^sec-websocket-/i.test(field) ||
      !/^[\t -~]*$/.test(value)
    ) {
      misuse(TYPE_ERROR, 'BAD_HEADER', JSON.stringify(field))
    }
    lines += '\r\n' + field + ': ' + value
  }
  it._out =
    'GET ' +
    (rest.charAt(0) === '/' ? '' : '/') +
    // An empty query is none.
    (/^[^?]*\?$/.test(rest) ? rest.slice(0, -1) : rest) +
    ' HTTP/1.1' +
    (/\nhost:/i.test(lines)
      ? ''
      : '\r\nHost: ' +
        place.substr(0, place.length - colon.length) +
        (port && port !== standard ? ':' + port : '')) +
    '\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13' +
    (protocols.length ? '\r\nSec-WebSocket-Protocol: ' + protocols.join(', ') : '') +
    lines +
    (!userInfo || userInfo === ':' || /\nauthorization:/i.test(lines)
      ? ''
      : '\r\nAuthorization: Basic ' + btoa(decoded + (userInfo.indexOf(':') < 0 ? ':' : ''))) +
    '\r\nSec-WebSocket-Key: '
  return { host, port: port || standard, _isSecure: isSecure }
}
