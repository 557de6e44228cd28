// URLs, RFC 6455 section 3, as `new URL` gives their parts: what comes of them.

export interface EndpointVector {
  url: string
  /** `TCP or TLS, hostname, port, Host field, path` and userinfo, or the id of the error. */
  log: string
}

const vector = (url: string, log: string): EndpointVector => ({ url, log })

export const endpointVectors: EndpointVector[] = [
  vector('ws://example.com', 'TCP example.com 80, Host example.com, GET /'),
  vector('wss://example.com', 'TLS example.com 443, Host example.com, GET /'),
  vector('ws://example.com:80/', 'TCP example.com 80, Host example.com, GET /'),
  vector('wss://example.com:443/', 'TLS example.com 443, Host example.com, GET /'),
  vector('ws://example.com:443/', 'TCP example.com 443, Host example.com:443, GET /'),
  vector('wss://example.com:80/', 'TLS example.com 80, Host example.com:80, GET /'),
  vector('ws://example.com:65535/a', 'TCP example.com 65535, Host example.com:65535, GET /a'),
  vector('WS://EXAMPLE.com/A', 'TCP example.com 80, Host example.com, GET /A'),
  vector('ws://example.com/a/b?c=d&e', 'TCP example.com 80, Host example.com, GET /a/b?c=d&e'),
  vector('ws://example.com?c', 'TCP example.com 80, Host example.com, GET /?c'),
  vector('ws://example.com/a b', 'TCP example.com 80, Host example.com, GET /a%20b'),
  vector('ws://example.com/ü', 'TCP example.com 80, Host example.com, GET /%C3%BC'),
  vector('ws://127.0.0.1:9001/', 'TCP 127.0.0.1 9001, Host 127.0.0.1:9001, GET /'),
  vector('ws://[::1]/', 'TCP ::1 80, Host [::1], GET /'),
  vector('wss://[2001:db8::1]:8443/x', 'TLS 2001:db8::1 8443, Host [2001:db8::1]:8443, GET /x'),
  vector('ws://user:pass@example.com/', 'TCP example.com 80, Host example.com, GET /, user:pass'),
  vector('ws://user@example.com/', 'TCP example.com 80, Host example.com, GET /, user:'),
  vector('ws://:pass@example.com/', 'TCP example.com 80, Host example.com, GET /, :pass'),
  vector('ws://u%40v:p%3aq@example.com/', 'TCP example.com 80, Host example.com, GET /, u@v:p:q'),
  vector('http://example.com/', 'BAD_URL'),
  vector('https://example.com/', 'BAD_URL'),
  vector('ftp://example.com/', 'BAD_URL'),
  vector('wsx://example.com/', 'BAD_URL'),
  vector('ws://example.com/#part', 'BAD_URL'),
  vector('ws://example.com/#', 'BAD_URL'),
]
