// The opening handshake's response, RFC 6455 section 4.1 and RFC 9112: read line by line, as it arrives.

import { ABNORMAL } from '../../src/protocol/close-code'
import { type Connection, OPEN, type Response, tell } from './connection'
import { arm, fail } from './ending'
import { isToken } from './request'
import { IDLE_TIMEOUT, MAX_RESPONSE_HEAD, PING_INTERVAL } from './settings'

/** Reads a line. False if it is not there as a whole, or refused. */
export function readLine(it: Connection, response: Response): boolean {
  const { _in: bytes, _base: base, _limits: limits } = it
  const { _status: status, _fields: fields } = response
  const { length } = bytes
  // What may not stand in a line; CR only before LF.
  const found = /[^\t -~\x80-\xff]/.exec(bytes)
  const end = found ? found.index : length
  const isReturn = bytes.charCodeAt(end) === 13
  // Index of the octet that settles it.
  let last = isReturn ? end + 1 : end
  const line = last < length ? bytes.substr(0, end) : ''
  const colon = line.indexOf(':')
  const name = line.substr(0, colon).toLowerCase()
  const value = line.substr(colon + 1).trim()
  const protocol = fields['sec-websocket-protocol']
  const isEnd = status && !line
  let id = ''
  if (base + Math.min(last, length - 1) >= limits[MAX_RESPONSE_HEAD]) {
    id = 'RESPONSE_TOO_BIG'
    last = limits[MAX_RESPONSE_HEAD] - base
  } else if (last >= length) {
    return false
  } else if (
    !isReturn ||
    bytes.charCodeAt(last) !== 10 ||
    !(
      isEnd ||
      (status
        ? // RFC 9112 section 5: no space before the colon, no folded lines.
          isToken(name)
        : // RFC 9112 section 4. The reason phrase, and the space before it, may be missing.
          /^HTTP\/1[.]1 [1-9][0-9][0-9] /.test(line + ' '))
    )
  ) {
    id = 'BAD_RESPONSE'
  } else if (!status) {
    response._status = +line.substr(9, 3)
  } else if (!isEnd) {
    // RFC 9110 section 5.3: several fields of one name mean the same as one with their values listed.
    // biome-ignore lint/suspicious/noPrototypeBuiltins: Espruino has no Object.hasOwn.
    fields[name] = fields.hasOwnProperty(name) ? fields[name] + ', ' + value : value
  } else if (status < 200 && status !== 101) {
    // RFC 9110 section 15.2: before the final response there may be others, which a client MUST be able to parse.
    response._status = 0
    response._fields = {}
  } else {
    // Section 4.1, "the client MUST validate the server's response as follows".
    id =
      status !== 101
        ? 'BAD_STATUS'
        : !/^websocket$/i.test(fields.upgrade)
          ? 'BAD_UPGRADE'
          : !/,[\t ]*upgrade[\t ]*,/i.test(',' + fields.connection + ',')
            ? 'BAD_CONNECTION'
            : fields['sec-websocket-accept'] !== response._accept
              ? 'BAD_ACCEPT'
              : protocol !== undefined && response._protocols.indexOf(protocol) < 0
                ? 'BAD_PROTOCOL'
                : fields['sec-websocket-extensions']
                  ? 'BAD_EXTENSIONS'
                  : ''
  }
  if (id) return fail(it, id, last, ABNORMAL, line || 'status ' + status)
  it._base += ++last
  it._in = bytes.substr(last)
  if (isEnd && response._status) {
    it._response = undefined
    it.protocol = protocol || ''
    it.readyState = OPEN
    arm(it, 0, limits[PING_INTERVAL])
    arm(it, 1, limits[IDLE_TIMEOUT])
    tell(it, 'onOpen', it)
  }
  return true
}
