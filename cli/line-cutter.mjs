// Cuts a stream of bytes into lines, that end with LF or CRLF. A line may have any length: what goes beyond LONGEST_KEPT
// comes in pieces, so the memory needed does not grow with it.

/** Bytes of a line that is not complete. */
const LONGEST_KEPT = 1 << 16

const LF = 10
const CR = 13

export class LineCutter {
  constructor() {
    this._rest = Buffer.alloc(0)
    /** Pieces of the line have been given already. */
    this._isWithin = false
  }

  /** The pieces that `chunk` completes: bytes, without the line end, and whether they end a line. */
  *push(chunk) {
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const line = this._join(chunk.subarray(start, end))
      this._rest = line.subarray(line.length)
      this._isWithin = false
      yield [line.at(-1) === CR ? line.subarray(0, -1) : line, true]
      start = end + 1
    }
    const rest = this._join(chunk.subarray(start))
    // A CR may be the first half of a line end.
    const end = rest.at(-1) === CR ? rest.length - 1 : rest.length
    const isTooLong = end > LONGEST_KEPT
    this._rest = isTooLong ? rest.subarray(end) : rest
    if (isTooLong) {
      this._isWithin = true
      yield [rest.subarray(0, end), false]
    }
  }

  /** A last line without a line end. */
  *end() {
    if (this._rest.length || this._isWithin) yield [this._rest, true]
  }

  _join(bytes) {
    return this._rest.length ? Buffer.concat([this._rest, bytes]) : bytes
  }
}
