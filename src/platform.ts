// Types only: the primitives that a target brings. Where the engine has a native call that is far faster, the target
// passes it in; else it imports the one in JavaScript (`protocol/sha1`, `base64`, `utf8`), so that no bundle carries
// what it does not use.

export interface Platform {
  /** A random 32-bit integer that nobody can predict: for masking keys and the handshake's key. */
  randomWord(): number
  /** SHA-1 of a text of ASCII characters: 20 octets. */
  sha1(text: string): Uint8Array
  /** Base64, with padding. */
  base64(bytes: Uint8Array): string
  /** Octets that `text` takes in UTF-8, a lone surrogate counting as U+FFFD: 3. */
  utf8Length(text: string): number
  /** Writes `text` in UTF-8, lone surrogates as U+FFFD, at `at`. There is room. */
  utf8Write(text: string, bytes: Uint8Array, at: number): void
  /**
   * The octets that `utf8Write` writes, in new memory. If it is there, texts are sent from them: for engines that count
   * through a string to reach one of its characters.
   */
  utf8Encode?(text: string): Uint8Array
  /** The text of well-formed UTF-8. */
  utf8Read(bytes: Uint8Array, start: number, end: number): string
  /** What masks in place of `protocol/mask`, and works as it does. */
  Mask?: new () => {
    copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void
  }
  /** Calls `callback` after `delay` milliseconds. */
  setTimer(callback: () => void, delay: number): unknown
  /** Cancels a timer that has not fired. */
  clearTimer(timer: unknown): void
  /** Calls `callback` after the current turn's work: what is sent until then leaves in one write. */
  defer(callback: () => void): void
  /** Hands an exception of a user's callback to the user, in the platform's way. Does not throw. */
  reportError(error: unknown): void
}
