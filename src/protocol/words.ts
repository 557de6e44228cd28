// A view of a byte array by aligned 32-bit words: masking and the ASCII check read four bytes at a time,
// which is 5 to 14 times faster than by bytes on every engine measured. The view is made once per array,
// not per call.

export class Words {
  bytes: Uint8Array | undefined
  words!: Int32Array
  /** Byte offset, 0 to 3, of the first aligned word within `bytes`. */
  shift = 0

  /** Points the view at `bytes`; free of charge when it is there already. */
  over(bytes: Uint8Array): void {
    if (this.bytes !== bytes) {
      this.bytes = bytes
      this.shift = -bytes.byteOffset & 3
      const count = (bytes.length - this.shift) >> 2
      // Where there is no word, the offset may lie behind the end of the buffer.
      this.words =
        count > 0
          ? new Int32Array(bytes.buffer, bytes.byteOffset + this.shift, count)
          : new Int32Array(0)
    }
  }
}
