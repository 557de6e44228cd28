// Where to connect to, from the parts of a URL: RFC 6455 section 3. A target parses the text with what its
// runtime has, and this checks and completes the parts, so that every target means the same by a URL.

import { consistsOf } from './protocol/characters'
import { errorOf } from './protocol/protocol-error'

/** The parts of a URL, by the names of the WHATWG URL class. */
export interface UrlParts {
  href: string
  protocol: string
  hostname: string
  port: string
  pathname: string
  search: string
  username: string
  password: string
}

export interface Endpoint {
  isSecure: boolean
  /** A name or an address; an IPv6 address without brackets. */
  hostname: string
  port: number
  /** The value of the Host field. */
  host: string
  /** Path and query. */
  path: string
  /** `user:password`, decoded, or ''. */
  userInfo: string
}

export function endpointOf(url: UrlParts): Endpoint {
  const { protocol, hostname, port } = url
  const isSecure = protocol === 'wss:'
  let userInfo: string | undefined
  try {
    userInfo =
      url.username || url.password ? decodeURIComponent(url.username + ':' + url.password) : ''
  } catch {
    // The percent-encoding is broken.
  }
  if (
    !(isSecure || protocol === 'ws:') ||
    !hostname ||
    port === '0' ||
    url.href.indexOf('#') >= 0 ||
    userInfo === undefined ||
    // They go into the request as they are, and must not end a line of it, whatever has parsed the text.
    !consistsOf(hostname + port + url.pathname + url.search, '!\x7f')
  ) {
    // Without what stands before the host: it may be a password.
    throw errorOf(
      TypeError,
      'BAD_URL',
      protocol +
        '//' +
        hostname +
        ', expected ws:// or wss://, a host, a port, printable ASCII, and no fragment',
    )
  }
  return {
    isSecure,
    hostname: hostname[0] === '[' ? hostname.slice(1, -1) : hostname,
    port: +port || (isSecure ? 443 : 80),
    host: hostname + (port && ':' + port),
    path: (url.pathname || '/') + url.search,
    userInfo,
  }
}
