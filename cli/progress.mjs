// One line about a transfer, written over itself.

const ERASE_LINE = '\r\u001b[K'

const grouped = (count) => count.toLocaleString('en-US')

export class Progress {
  _started = performance.now()
  _isShown = false

  /** On `stream`; `total` is the size of the input, if it is known. */
  constructor(stream, total) {
    this._stream = stream
    this._total = total
  }

  /** Bytes of messages. */
  show(sent, received) {
    const seconds = (performance.now() - this._started) / 1000
    const share = this._total ? ` of ${grouped(this._total)}` : ''
    const rate = ((sent + received) / seconds / 1e6).toFixed(1)
    const text = `sent ${grouped(sent)}${share} bytes, received ${grouped(received)}, ${rate} MB/s`
    this._stream.write(this._stream.isTTY ? ERASE_LINE + text : text + '\n')
    this._isShown = true
  }

  /** Makes room for another line. */
  clear() {
    if (this._isShown && this._stream.isTTY) this._stream.write(ERASE_LINE)
  }

  /** Leaves the last figures, if there were any. */
  end(sent, received) {
    if (!this._isShown) return
    this.show(sent, received)
    if (this._stream.isTTY) this._stream.write('\n')
  }
}
