// The parts of a ws: or wss: URL, for runtimes without the URL class: RFC 6455 section 3, RFC 3986 appendix B.

import type { UrlParts } from '../src/endpoint'
import { consistsOf } from '../src/protocol/characters'
import { errorOf } from '../src/protocol/protocol-error'

/** Throws BAD_URL at what is no URL. What is not printable ASCII is percent-encoded. */
export function splitUrl(url: string): UrlParts {
  let href = ''
  try {
    for (const character of String(url)) {
      href += consistsOf(character, '!\x7f') ? character : encodeURIComponent(character)
    }
  } catch {
    // A lone surrogate: what came before it is no URL of the caller's.
    href = ''
  }
  const [front] = href.split('?')
  const [scheme, empty, authority = ''] = front.split('/')
  const host = authority.slice(authority.indexOf('@') + 1).toLowerCase()
  const user = authority.slice(0, -host.length - 1)
  const [username] = user.split(':')
  const address = host.slice(0, host.indexOf(']') + 1)
  const hostname = address + host.slice(address.length).split(':')[0]
  const port = host.slice(hostname.length + 1)
  const protocol = scheme.toLowerCase()
  const isSecure = protocol === 'wss:'
  if (
    !(isSecure || protocol === 'ws:') ||
    empty ||
    !(hostname[0] === '['
      ? address.length > 2 && consistsOf(hostname.slice(1, -1), './0;ag')
      : consistsOf(hostname, '!#$%&/0:;?^\x7f')) ||
    !consistsOf(port, '0:') ||
    port.length > 5 ||
    +port > 65535
  ) {
    throw errorOf(TypeError, 'BAD_URL', 'expected ws:// or wss://, a host, and a path')
  }
  return {
    href,
    protocol,
    hostname,
    // As the URL class: the scheme's own port is none.
    port: +port === (isSecure ? 443 : 80) ? '' : port && '' + +port,
    pathname: front.slice(scheme.length + 2 + authority.length),
    search: href.slice(front.length + 1) && href.slice(front.length),
    username,
    password: user.slice(username.length + 1),
  }
}
