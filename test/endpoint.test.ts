import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { endpointOf } from '../src/endpoint'
import { endpointVectors } from './vectors/endpoint'

const endpoints = suite('endpointOf')

function describe(url: string): string {
  try {
    const { isSecure, hostname, port, host, path, userInfo } = endpointOf(new URL(url))
    const way = (isSecure ? 'TLS ' : 'TCP ') + hostname + ' ' + port
    return way + ', Host ' + host + ', GET ' + path + (userInfo && ', ' + userInfo)
  } catch (error) {
    return (error as { id: string }).id
  }
}

for (const { url, log } of endpointVectors) {
  endpoints(url, () => assert.is(describe(url), log))
}

endpoints('an error does not show the password', () => {
  assert.throws(
    () => endpointOf(new URL('ws://user:secret@example.com/#x')),
    (error: Error) => error instanceof TypeError && !/secret/.test(error.message),
  )
})

endpoints('parts without a path, as a smaller parser may give them', () => {
  const url = {
    href: 'ws://example.com',
    protocol: 'ws:',
    hostname: 'example.com',
    port: '',
    pathname: '',
    search: '',
    hash: '',
    username: '',
    password: '',
  }
  assert.is(endpointOf(url).path, '/')
  for (const wrong of [{ hostname: '' }, { port: '0' }, { username: '%zz' }, { password: '%ff' }]) {
    assert.throws(
      () => endpointOf({ ...url, ...wrong }),
      (error: { id: string }) => error.id === 'BAD_URL',
    )
  }
})

endpoints.run()
