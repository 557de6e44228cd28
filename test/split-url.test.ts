// URLs without the URL class: the same endpoints as with it, and the same refusals.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { endpointOf } from '../src/endpoint'
import { parseUrl } from '../targets/parse-url'
import { splitUrl } from '../targets/split-url'

const splitting = suite('splitting URLs')

const GOOD = [
  'ws://host',
  'ws://host/',
  'WS://HOST:80/Path?Query=1&b',
  'wss://host:443/',
  'wss://host:8443/a/b?c',
  'ws://host:080/x',
  'ws://127.0.0.1:9001/echo?',
  'ws://[::1]:9001/echo',
  'wss://[2001:db8::1]/',
  'ws://user:pass@host/',
  'ws://us%20er:p%3Aa:b@host:81/',
  'ws://user@host/',
  'ws://host/ä 環?ü',
  'ws://host?query',
  'ws://host?a/b?c@d:e',
  'ws://host:/',
  'ws://user:pa:ss@[2001:db8::1]:81/@',
  "ws://a-b.c_d.example:65535/~x/!$&'()*+,;=:@",
]

for (const url of GOOD) {
  splitting(`${url} is what the URL class says`, () => {
    const expected = endpointOf(parseUrl(url))
    assert.equal(endpointOf(splitUrl(url)), expected)
  })
}

const BAD = [
  '',
  'host',
  '//host/',
  'ws:host',
  'ws:///path',
  'ws://',
  'ws://:80/',
  'ws://host:65536/',
  'ws://host:99999999/',
  'ws://host:x/',
  'ws://ho st/',
  'ws://hö.example/',
  'ws://[::1/',
  'ws://[80',
  'ws://[]/',
  'ws://[[::1]/',
  'ws://[::1]x/',
  'ws://[::1]80/',
  'ws://[g]/',
  'ws://a]:80/',
  'ws://a:80:80/',
  'ws://host:1e3/',
  'ws://host:+80/',
  'ws://host:000080/',
  'ws://a@b@host/',
  'ws://ho%73t/',
  'ws://ho\\st/',
  'ws:/a//host/',
  'ws:?//host/',
  'ws://host/#',
  'ws://host/#a',
  'http://host/',
  'wsx://host/',
  'ws://ho\r\nst/',
  'ws://host/\ud800',
]

for (const url of BAD) {
  splitting(`${JSON.stringify(url)} is refused`, () => {
    assert.throws(
      () => endpointOf(splitUrl(url)),
      (error: { id: string }) => error.id === 'BAD_URL',
    )
  })
}

splitting('nothing in a path can end a line of the request', () => {
  assert.is(endpointOf(splitUrl('ws://host/a\r\nX: y\0\x7f')).path, '/a%0D%0AX:%20y%00%7F')
})

splitting.run()
