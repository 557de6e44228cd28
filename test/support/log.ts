// The log of a decoder's callbacks. Spans of one payload are merged, so that the log does not depend on how
// the payload arrived.

import * as assert from 'uvu/assert'

export class Log {
  readonly lines: string[] = []
  private _octets: number[] = []
  private _print: ((bytes: Uint8Array) => string) | undefined
  private _key = ''
  /** How much of the merged span would have come however it arrived. */
  private _settled = 0

  add(line: string): void {
    this.flush()
    this.lines.push(line)
  }

  /** Adds to the span that is open under `key`, or opens one. `print` makes the line of it. */
  span(
    key: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    print: (bytes: Uint8Array) => string,
  ): void {
    if (this._key !== key || !this._print) {
      this.flush()
      this._key = key
      this._print = print
    }
    for (let i = start; i < end; i++) this._octets.push(bytes[i])
  }

  /** What has come of the span so far is the whole payload of its frames. */
  settle(): void {
    this._settled = this._octets.length
  }

  /** Drops what came of the span since `settle`: it came only because the payload arrived in pieces. */
  retract(): void {
    this._octets.length = this._settled
    if (!this._octets.length) this._print = undefined
  }

  /** Writes the open span's line. */
  flush(): void {
    const print = this._print
    this._print = undefined
    if (print) this.lines.push(print(Uint8Array.from(this._octets)))
    this._octets = []
    this._settled = 0
  }
}

/** Fails unless `lines` is `expected`; says how the octets arrived. */
export function expectLog(lines: string[], expected: string[], how: string): void {
  if (lines.join('\n') !== expected.join('\n')) {
    assert.equal([how, ...lines], [how, ...expected])
  }
}
