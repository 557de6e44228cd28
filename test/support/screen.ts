// What a terminal shows of what is written to it: as much of ECMA-48 as node:readline uses.

const ESCAPE = '\x1b'

export class Screen {
  private _lines = ['']
  private _row = 0
  /** Of the cursor, from 0. */
  column = 0
  /** A sequence that is not complete. */
  private _rest = ''

  write(text: string): void {
    const all = this._rest + text
    this._rest = ''
    for (let i = 0; i < all.length; i++) {
      if (all[i] === ESCAPE) {
        const sequence = /^\[([\d;?]*)([A-Za-z])/.exec(all.slice(i + 1))
        if (!sequence) {
          this._rest = all.slice(i)
          return
        }
        this._control(sequence[2], Number(sequence[1] || 0))
        i += sequence[0].length
      } else if (all[i] === '\r') {
        this.column = 0
      } else if (all[i] === '\n') {
        if (++this._row === this._lines.length) this._lines.push('')
      } else {
        const line = this._lines[this._row].padEnd(this.column)
        this._lines[this._row] = line.slice(0, this.column) + all[i] + line.slice(this.column + 1)
        this.column++
      }
    }
  }

  private _control(command: string, count: number): void {
    const line = this._lines[this._row]
    if (command === 'A') this._row = Math.max(0, this._row - (count || 1))
    else if (command === 'B') this._row = Math.min(this._lines.length - 1, this._row + (count || 1))
    else if (command === 'C') this.column += count || 1
    else if (command === 'D') this.column = Math.max(0, this.column - (count || 1))
    else if (command === 'G') this.column = (count || 1) - 1
    else if (command === 'K') this._lines[this._row] = count ? '' : line.slice(0, this.column)
    else if (command === 'J') {
      this._lines[this._row] = line.slice(0, this.column)
      this._lines.length = this._row + 1
    }
  }

  get lines(): string[] {
    return this._lines.map((line) => line.trimEnd())
  }
}
