// UTF-8 octets of a text, in new memory.

import type { Platform } from '../platform'

/** Writes `text`, in UTF-8, behind `offset` octets that are 0. */
export function encodeText(text: string, platform: Platform, offset = 0): Uint8Array {
  const bytes = new Uint8Array(offset + platform.utf8Length(text))
  platform.utf8Write(text, bytes, offset)
  return bytes
}
