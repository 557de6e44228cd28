// A platform for the tests: what a target would bring, with a random source that is not random, and without
// timers.

import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Platform } from '../../src/platform'

/** The octets of the key in RFC 6455 section 1.3: "the sample nonce". */
export const SAMPLE_NONCE = [0x20656874, 0x706d6173, 0x6e20656c, 0x65636e6f]

export interface TestPlatform extends Platform {
  /** Runs what was deferred, and what that defers. */
  runDeferred(): void
  /** Exceptions of callbacks. */
  errors: unknown[]
}

/** `words` are given out in turn, for ever. */
export function testPlatform(words: number[] = [0x37fa213d]): TestPlatform {
  let next = 0
  const deferred: (() => void)[] = []
  const errors: unknown[] = []
  return {
    errors,
    runDeferred() {
      while (deferred.length) deferred.shift()!()
    },
    randomWord: () => words[next++ % words.length],
    sha1: (text) => createHash('sha1').update(text).digest(),
    base64: (bytes) => Buffer.from(bytes).toString('base64'),
    utf8Length: (text) => Buffer.byteLength(text),
    utf8Write: (text, bytes, at) =>
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).write(text, at),
    utf8Read: (bytes, start, end) => Buffer.from(bytes.subarray(start, end)).toString('utf8'),
    setTimer: () => 0,
    clearTimer() {},
    defer: (callback) => deferred.push(callback),
    reportError: (error) => errors.push(error),
  }
}
