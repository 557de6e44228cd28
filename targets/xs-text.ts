// Texts by what XS has built in, for a platform.

import type { Platform } from '../src/platform'
import { utf8Read } from '../src/protocol/utf8'
import type { Natives } from './ecma419-connect'
import { xsEncoder } from './xs-encoder'

/** Encoding by `ArrayBuffer.fromString`. */
export function textByOctets(
  fromString: (text: string) => ArrayBuffer,
): Pick<Platform, 'utf8Length' | 'utf8Write' | 'utf8Encode'> {
  const encode = xsEncoder((text) => fromString.call(ArrayBuffer, text))
  return {
    utf8Length: (text) => encode(text).length,
    utf8Write: (text, bytes, at) => bytes.set(encode(text), at),
    utf8Encode: encode,
  }
}

/** Decoding by `String.fromArrayBuffer`, by `TextDecoder`, or in JavaScript. */
export function utf8ReadBy(TextDecoder: Natives['TextDecoder']): Platform['utf8Read'] {
  const { fromArrayBuffer } = String as {
    fromArrayBuffer?(buffer: ArrayBufferLike, start?: number, length?: number): string
  }
  // Older versions of XS end the string at U+0000.
  if (fromArrayBuffer && fromArrayBuffer.call(String, new ArrayBuffer(1)).length) {
    return (bytes, start, end) =>
      fromArrayBuffer.call(String, bytes.buffer, bytes.byteOffset + start, end - start)
  }
  if (!TextDecoder) return utf8Read
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  return (bytes, start, end) => decoder.decode(bytes.subarray(start, end))
}
