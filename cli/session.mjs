// A session with a server: what is read is sent, what comes is shown, and every end has an exit code. Nothing is read
// faster than the other side takes it, in both directions, so memory does not grow with what passes through.

import { fstatSync } from 'node:fs'
import process from 'node:process'
import { deflate } from 'ringlet/deflate-zlib'
import { connect } from 'ringlet/node'
import { exitCodeOf, IO_FAILED, OTHER_CLOSE_CODE, SIGNALLED, USAGE_ERROR } from './exit-code.mjs'
import { jsonView } from './json-view.mjs'
import { LineCutter } from './line-cutter.mjs'
import { printable } from './printable.mjs'
import { Progress } from './progress.mjs'
import { Prompt } from './prompt.mjs'
import { streamView } from './stream-view.mjs'
import { terminalView } from './terminal-view.mjs'

const TEXT = 1
const BINARY = 2
const OPEN = 1
const NORMAL = 1000
const ABNORMAL = 1006
const INVALID_PAYLOAD = 1007

/** Of each ring: what standard input gives at a time fits with its header. */
const RING = 1 << 17
/** Where messages are printed, they are whole. */
const LARGEST_PRINTED = 1 << 26
/** From looking at how it goes to looking again. */
const TICK = 500
/** To get a Close frame from the server, where what else it sends is of no use any more. */
const FAREWELL = 5000
/** The longest that a timer takes: what is longer would fire at once. */
const LONGEST_DELAY = 2147483647
const SIGNALS = { SIGINT: 2, SIGTERM: 15 }

const COMMANDS = [
  'a line                    is sent as it is; // sends one that begins with /',
  '/ping [text]              sends a ping',
  '/close [code [reason]]    closes, as Ctrl+D does',
  '/help                     prints this',
]

const EMPTY = new Uint8Array(0)
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Pieces of messages, `[bytes, isLast]`, of what is read. */
const CHUNKS = { push: (chunk) => [[chunk, true]], end: () => [] }
const ONE_MESSAGE = { push: (chunk) => [[chunk, false]], end: () => [[EMPTY, true]] }

/** Resolves to the exit code. */
export function session(job) {
  return new Promise((resolve) => new Session(job, resolve))
}

class Session {
  /** Bytes of messages. */
  _sent = 0
  _received = 0
  /** Messages that have come. */
  _messages = 0
  /** Messages that were sent whole: each line is one. */
  _sentMessages = 0
  _isWithinMessage = false
  /** Lets go on what waits for room to send, or for the end. */
  _wake = () => undefined
  _wasOpen = false
  /** Standard output takes no more for now. */
  _isHeld = false
  /** What still comes is of no use. */
  _discards = false
  /** While closing: how long nothing has come, and how much had come then. */
  _quietFor = 0
  _seen = -1

  constructor(job, resolve) {
    const { stdin, stdout, stderr } = process
    this._job = job
    this._resolve = resolve
    this._isInteractive = Boolean(stdin.isTTY && stdout.isTTY) && !job.isJson && !job.isSingle
    // Whom could it be told to?
    stderr.on('error', () => undefined)
    stdout.on('error', (error) => this._onOutputError(error))
    try {
      this._view = this._makeView()
      this._socket = connect(job.url, this._handlers(), this._options())
    } catch (error) {
      this._note(firstLine(error))
      resolve(USAGE_ERROR)
      return
    }
    if (job.isInsecure && new URL(job.url).protocol === 'wss:') {
      this._note('WARNING: --insecure: the certificate of the server is NOT verified')
    }
    this._onSignal = (name) => this._interrupt(SIGNALS[name])
    for (const name of Object.keys(SIGNALS)) process.on(name, this._onSignal)
    if (!this._isInteractive && showsProgress(job)) {
      this._progress = new Progress(stderr, sizeOfFile(stdin.fd))
    }
    this._ticks = setInterval(() => this._tick(), TICK)
  }

  // --- What comes.

  _makeView() {
    const { _job: job, _isInteractive: isInteractive } = this
    const shown = withoutPassword(job.url)
    const write = (bytes) => this._write(bytes)
    if (job.isJson) return jsonView(shown, write)
    if (!process.stdout.isTTY) return streamView(job, write, (text) => this._note(text))
    return terminalView(shown, { ...job, isInteractive }, (text) => this._print(text))
  }

  _options() {
    const { compresses, options } = this._job
    const isPrinted = !this._view.onFragment
    return {
      ...options,
      maxMessageSize: options.maxMessageSize || (isPrinted ? LARGEST_PRINTED : undefined),
      receiveBuffer: RING,
      sendBuffer: RING,
      extensions: compresses ? [deflate()] : [],
      // What is on its way may take any time: see `_tick`.
      closeTimeout: 0,
    }
  }

  _handlers() {
    const { _view: view } = this
    /** A callback for messages, or parts of them, as long as they are of use. */
    const tell = (callback, count) => {
      if (!callback) return undefined
      return (...values) => {
        if (this._discards) return
        callback(...values)
        if (count) count(...values)
      }
    }
    const countWhole = (bytes, start, end) => this._count(end - start, true)
    const countText = (text) => this._count(Buffer.byteLength(text), true)
    const countPart = (bytes, start, end, kind, final) => this._count(end - start, final)
    return {
      onOpen: (socket) => this._onOpen(socket),
      onText: tell(view.onText, countText),
      onBinary: tell(view.onBinary, countWhole),
      onFragment: tell(view.onFragment, countPart),
      onPing: tell(view.onPing),
      onPong: tell(view.onPong),
      onWritable: () => this._wake(),
      onError: (error) => this._fail(error),
      onClose: (code, reason, wasClean) => this._onClose(code, reason, wasClean),
    }
  }

  _onOpen(socket) {
    this._wasOpen = true
    if (this._view.onOpen) this._view.onOpen(socket)
    if (!this._isInteractive) return void this._feed()
    this._prompt = new Prompt({
      onLine: (line) => this._perform(line),
      onInterrupt: () => this._interrupt(SIGNALS.SIGINT),
      onEnd: () => this._onInputEnd(),
    })
  }

  _count(bytes, isLast) {
    this._received += bytes
    if (isLast && ++this._messages === this._job.messages) this._leave(0, true)
  }

  _fail(error) {
    const code = error.cause && error.cause.code
    const text = firstLine(error)
    this._error = error
    if (this._exitCode === undefined) {
      this._view.onError(error, code && !text.includes(code) ? `${text} (${code})` : text)
    }
  }

  _onClose(code, reason, wasClean) {
    const { _error: error, _wasOpen: wasOpen, _sentCode: sentCode, _progress: progress } = this
    const ended = exitCodeOf({ code, wasClean, error, wasOpen, sentCode })
    const exitCode = this._exitCode === undefined ? ended : this._exitCode
    clearInterval(this._ticks)
    for (const name of Object.keys(SIGNALS)) process.off(name, this._onSignal)
    if (this._prompt) this._prompt.close()
    process.stdin.destroy()
    this._wake()
    if (progress) progress.end(this._sent, this._received)
    const isNews = exitCode === OTHER_CLOSE_CODE
    if (wasOpen || this._job.isJson) this._view.onClose(code, reason, wasClean, isNews)
    this._resolve(exitCode)
  }

  // --- What is sent.

  /** Standard input, piece by piece; each is read when the one before it was taken. */
  async _feed() {
    const { isBinary, isSingle } = this._job
    const pieces = isSingle ? ONE_MESSAGE : isBinary ? CHUNKS : new LineCutter()
    const kind = isBinary ? BINARY : TEXT
    const sendAll = async (list) => {
      for (const [bytes, isLast] of list) await this._sendPiece(bytes, isLast, kind)
    }
    try {
      for await (const chunk of process.stdin) await sendAll(pieces.push(chunk))
      await sendAll(pieces.end())
    } catch (error) {
      // The input ends with the connection, in the middle of what was being done.
      if (this._isOpen()) this._onInputError(error)
      return
    }
    this._onInputEnd()
  }

  async _sendPiece(bytes, isLast, kind) {
    const isFragment = this._isWithinMessage || !isLast
    // A whole text goes as a string, and bytes as bytes: these can be compressed.
    const text = kind === TEXT && !isFragment ? decoder.decode(bytes) : undefined
    await this._send((socket) => {
      if (isFragment) return socket.sendFragment(bytes, 0, bytes.length, kind, isLast)
      return text === undefined ? socket.sendBinary(bytes) : socket.sendText(text)
    })
    this._sent += bytes.length
    this._isWithinMessage = !isLast
    if (isLast) this._sentMessages++
  }

  /** Resolves when `attempt` is taken; rejects if the connection is not open. */
  async _send(attempt) {
    while (!attempt(this._socket)) {
      await new Promise((resolve) => {
        this._wake = resolve
      })
    }
  }

  /** A line that was typed. */
  async _perform(line) {
    const [, command, rest] = /^\/(\w*)\s*(.*)$/.exec(line) || []
    try {
      if (command === undefined || line.startsWith('//')) {
        await this._sendTyped(line.startsWith('//') ? line.slice(1) : line)
      } else if (command === 'ping') {
        const bytes = Buffer.from(rest)
        await this._send((socket) => socket.ping(bytes))
      } else if (command === 'close') {
        const [, code, reason] = /^(\S*)\s*(.*)$/.exec(rest)
        this._close(code ? Number(code) : undefined, reason || undefined)
      } else if (command === 'help') {
        for (const help of COMMANDS) this._print(help)
      } else {
        throw new Error(`/${command}: no such command; /help lists them`)
      }
    } catch (error) {
      if (this._isOpen()) this._view.onError(error, firstLine(error))
    }
  }

  _sendTyped(line) {
    const bytes = Buffer.from(line)
    return this._send((socket) =>
      this._job.isBinary ? socket.sendBinary(bytes) : socket.sendText(line),
    )
  }

  _onInputEnd() {
    const { staysOpen, wait } = this._job
    if (staysOpen) return
    if (wait) setTimeout(() => this._close(NORMAL), Math.min(wait, LONGEST_DELAY)).unref()
    else this._close(NORMAL)
  }

  _onInputError(error) {
    const isNotText = error.id === 'BAD_TEXT' || error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
    const where = this._job.isSingle ? 'it' : `line ${this._sentMessages + 1}`
    const text = isNotText
      ? `${where} is not UTF-8, as text must be; --binary sends any bytes`
      : firstLine(error)
    this._exitCode = isNotText ? USAGE_ERROR : IO_FAILED
    this._note('input: ' + text)
    this._close(INVALID_PAYLOAD)
  }

  // --- Ends.

  _isOpen() {
    return this._socket.readyState === OPEN
  }

  _close(code, reason) {
    if (!this._isOpen()) return
    this._socket.close(code, reason)
    this._sentCode = code
  }

  /** Closes properly at first; the second time, drops the connection and what has not been written. */
  _interrupt(signal) {
    if (this._exitCode > SIGNALLED) {
      this._socket.abort()
      setImmediate(() => process.exit(SIGNALLED + signal))
    } else {
      this._leave(SIGNALLED + signal, this._isHeld)
    }
  }

  _onOutputError(error) {
    const isUnread = error.code === 'EPIPE'
    // What was wanted must be written, also if it was all: `--messages` has set 0.
    if (this._discards && (isUnread || this._exitCode)) return
    if (!isUnread) this._note('output: ' + firstLine(error))
    // Whoever has read has what was wanted, and that is no failure.
    this._leave(isUnread ? 0 : IO_FAILED, true)
  }

  /** Closes, whatever the server does. `discards`: what it still sends is of no use. */
  _leave(exitCode, discards) {
    this._exitCode = exitCode
    this._discards = discards
    this._socket.close(NORMAL)
    this._release()
    setTimeout(() => this._socket.abort(), FAREWELL).unref()
  }

  /** Looks at how it goes. A Close frame may be behind any amount of messages, so silence is what ends the wait for it. */
  _tick() {
    const { _sent: sent, _received: received, _socket: socket } = this
    const { closeTimeout } = this._job
    if (this._progress) this._progress.show(sent, received)
    const seen = received - socket.bufferedAmount
    const isQuiet = socket.readyState > OPEN && !this._isHeld && seen === this._seen
    this._quietFor = isQuiet ? this._quietFor + TICK : 0
    this._seen = seen
    if (closeTimeout && this._quietFor >= closeTimeout) {
      this._fail({
        id: 'CLOSE_TIMEOUT',
        code: ABNORMAL,
        message: 'CLOSE_TIMEOUT: the server does not close',
      })
      socket.abort()
    }
  }

  // --- Output.

  /** To standard output; the server is held back while that takes no more. */
  _write(bytes) {
    const { stdout } = process
    if (!stdout.writableCorked) {
      // What one turn of the event loop brings is written at once.
      stdout.cork()
      process.nextTick(() => stdout.uncork())
    }
    if (stdout.write(bytes)) return
    this._socket.pause()
    if (this._isHeld) return
    this._isHeld = true
    stdout.once('drain', () => this._release())
  }

  _release() {
    if (!this._isHeld) return
    this._isHeld = false
    this._socket.resume()
  }

  /** A line on the terminal. */
  _print(text) {
    if (this._prompt) return this._prompt.print(text)
    if (this._progress) this._progress.clear()
    process.stdout.write(text + '\n')
  }

  /** A line on standard error. */
  _note(text) {
    if (this._progress) this._progress.clear()
    process.stderr.write('ringlet: ' + printable(text) + '\n')
  }
}

function firstLine(error) {
  return String(error.message).split('\n')[0]
}

function withoutPassword(url) {
  return url.replace(/\/\/[^/?#]*@/, '//')
}

/** Bytes of a file, or undefined for a pipe or a terminal. */
function sizeOfFile(descriptor) {
  try {
    const status = fstatSync(descriptor)
    return status.isFile() ? status.size : undefined
  } catch {
    return undefined
  }
}

/** Of use by itself: where somebody looks, and a file comes or goes. */
function showsProgress({ showsProgress: isAsked }) {
  const isTransfer = [0, 1].some((descriptor) => sizeOfFile(descriptor) !== undefined)
  return isAsked === undefined ? Boolean(process.stderr.isTTY) && isTransfer : isAsked
}
