// The line that is typed, with editing and history, and what is printed above it.

import process from 'node:process'
import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'

const HISTORY = 1000

export class Prompt {
  _isClosed = false

  /** `onLine` may return a promise: the next line waits for it. */
  constructor({ onLine, onInterrupt, onEnd }) {
    const { stdin: input, stdout: output } = process
    const lines = createInterface({
      input,
      output,
      prompt: '> ',
      historySize: HISTORY,
      removeHistoryDuplicates: true,
    })
    let last = Promise.resolve()
    this._lines = lines
    lines.on('line', (line) => {
      last = last.then(() => onLine(line)).then(() => this._isClosed || lines.prompt(true))
    })
    lines.on('SIGINT', onInterrupt)
    lines.on('close', () => {
      // Ctrl+D ended it in the middle of the line.
      if (!this._isClosed) output.write('\n')
      this._isClosed = true
      last.then(onEnd)
    })
    lines.prompt()
  }

  /** A line of text, above what is being typed. */
  print(text) {
    const { stdout } = process
    if (this._isClosed) {
      stdout.write(text + '\n')
      return
    }
    moveCursor(stdout, 0, -this._lines.getCursorPos().rows)
    cursorTo(stdout, 0)
    clearScreenDown(stdout)
    stdout.write(text + '\n')
    this._lines.prompt(true)
  }

  close() {
    if (this._isClosed) return
    this._isClosed = true
    this._lines.setPrompt('')
    process.stdout.write('\r')
    clearScreenDown(process.stdout)
    this._lines.close()
  }
}
