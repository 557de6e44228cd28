// A URL by the runtime's own URL class, for the targets whose runtimes have one.

import { errorOf } from '../src/protocol/protocol-error'

export function parseUrl(url: string | URL): URL {
  try {
    return new URL(url)
  } catch {
    throw errorOf(TypeError, 'BAD_URL', 'not a URL')
  }
}
