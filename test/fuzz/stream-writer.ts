// Octets put one behind the other, in memory that is used again: generators make millions of streams.

export class StreamWriter {
  private _bytes = new Uint8Array(4096)
  length = 0

  put(octet: number): void {
    this.reserve(1)
    this._bytes[this.length++] = octet
  }

  append(octets: ArrayLike<number>): void {
    this.reserve(octets.length)
    this._bytes.set(octets, this.length)
    this.length += octets.length
  }

  /** Room for `count` more; returns the memory, to be written from `length` on. */
  reserve(count: number): Uint8Array {
    if (this.length + count > this._bytes.length) {
      const larger = new Uint8Array(2 * (this.length + count))
      larger.set(this._bytes)
      this._bytes = larger
    }
    return this._bytes
  }

  /** A copy of what was put, and a new beginning. */
  take(): Uint8Array {
    const bytes = this._bytes.slice(0, this.length)
    this.length = 0
    return bytes
  }
}
