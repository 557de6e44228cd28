// The parts of a ws: or wss: URL, for runtimes without the URL class: RFC 6455 section 3, RFC 3986 appendix B.

import { errorOf } from '../src/protocol/protocol-error'
import type { UrlParts } from '../src/endpoint'

/** Scheme, user information, host, port, path, query, fragment. */
const URL_PARTS =
  /^(\w+:)\/\/(?:([^/?#@]*)@)?(\[[\da-f:.]+\]|[^/?#@:[\]%\\]+)(?::(\d{0,5}))?(\/[^?#]*)?(\?[^#]*)?(#.*)?$/i

/** Throws BAD_URL at what is no URL. What is not printable ASCII is percent-encoded. */
export function splitUrl(url: string): UrlParts {
  let href = ''
  try {
    href = String(url).replace(/[^!-~]+/g, encodeURIComponent)
  } catch {
    // A lone surrogate: nothing is left of it, and that is no URL.
  }
  const parts = URL_PARTS.exec(href)
  if (!parts || +(parts[4] || 0) > 65535) {
    throw errorOf(TypeError, 'BAD_URL', 'expected ws:// or wss://, a host, and a path')
  }
  const [, protocol, user = '', hostname, port = '', pathname = '', search = '', hash = ''] = parts
  const colon = user.indexOf(':')
  return {
    href,
    protocol: protocol.toLowerCase(),
    hostname: hostname.toLowerCase(),
    // As the URL class: the scheme's own port is none.
    port: +port === (protocol.length > 3 ? 443 : 80) ? '' : port && '' + +port,
    pathname,
    search: search === '?' ? '' : search,
    hash,
    username: colon < 0 ? user : user.slice(0, colon),
    password: colon < 0 ? '' : user.slice(colon + 1),
  }
}
