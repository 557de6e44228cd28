// A URL by the runtime's own URL class, for the targets whose runtimes have one.

import { misuse } from '../src/protocol/protocol-error'

export function parseUrl(url: string | URL): URL {
  try {
    return new URL(url)
  } catch {
    throw misuse(new TypeError('not a URL'), 'BAD_URL')
  }
}
