// Ringlet in fragment mode: pieces as they arrive, text checked and not decoded.

import { Connection, openWith } from './ringlet.mjs'

class FragmentConnection extends Connection {
  length = 0

  onFragment(_bytes, start, end, _kind, final) {
    this.length += end - start
    if (final) {
      this.heard(this.length)
      this.length = 0
    }
  }
}

export const open = (url, job, heard) => openWith(FragmentConnection, url, job, heard)
