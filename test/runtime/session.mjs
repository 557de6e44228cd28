// One connection of a case: what its callbacks said, as a log, one line each, and ways to wait for a line.
//
//   open                          or: open protocol chat
//   text "hello"                  binary 0102    binary 65536 bytes, sum 1a2b3c4d
//   fragment 1 "he"               fragment 2 0102 final
//   ping 70    pong empty    writable
//   error RESERVED_BITS 1002 @4   the offset counts from the first byte of the peer's frames; before the
//                                 connection is open it counts in the response, and shows as head@4
//   close 1000 "bye" clean        or: unclean
//
// Plain JavaScript: it runs in every runtime under test.

import { showBytes, showText } from './bytes.mjs'

export const GOOD_HEAD =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: $ACCEPT\r\n\r\n'

/** Length of a head once its `$ACCEPT` has become an accept value. */
export function headLength(head) {
  return head.length + (head.indexOf('$ACCEPT') < 0 ? 0 : 28 - '$ACCEPT'.length)
}

function decodeText(bytes, start, end) {
  let text = ''
  for (let i = start; i < end; i++) {
    const isPrintable = bytes[i] > 31 && bytes[i] < 127
    text += isPrintable ? String.fromCharCode(bytes[i]) : '\\' + bytes[i].toString(16)
  }
  return text
}

export class Session {
  /**
   * `path` is a path of the plain server, or a URL. `on` has functions by callback name without `on` (`text`, `close`, …), called after the line was logged, with
   * the session; `on.fragments` asks for fragment mode; `on.quiet` keeps data out of the log.
   */
  constructor(env, path, options = {}, on = {}) {
    this.env = env
    this.log = []
    /** Arguments of the callbacks that the log does not show: whether each got the socket. */
    this.gotSocket = true
    this.isOver = false
    this.socket = undefined
    this.headLength = 0
    this._waiting = []
    this.closed = new Promise((done) => {
      this._resolveClosed = done
    })
    const session = this
    const told = (name, line, socket, a, b, c, d, e) => {
      if (socket !== undefined && socket !== session.socket) session.gotSocket = false
      session.say(line)
      if (on[name]) on[name](session, a, b, c, d, e)
    }
    const { quiet } = on
    const handlers = {
      onOpen(socket) {
        session.headLength = headLength((on.head || GOOD_HEAD).replace('^', ''))
        told('open', 'open' + (socket.protocol ? ' protocol ' + socket.protocol : ''), socket)
      },
      onPing: (bytes, start, end, socket) =>
        told('ping', 'ping ' + showBytes(bytes, start, end), socket, bytes, start, end),
      onPong: (bytes, start, end, socket) =>
        told('pong', 'pong ' + showBytes(bytes, start, end), socket, bytes, start, end),
      onWritable: (socket) => told('writable', 'writable', socket),
      onError(error) {
        const { id, code, offset } = error
        let place = ''
        if (offset !== undefined) {
          place = session.headLength ? ' @' + (offset - session.headLength) : ' head@' + offset
        }
        if (error.message.indexOf(id + ': ') !== 0) place += ', and not named in its message'
        told('error', 'error ' + id + ' ' + code + place, undefined, error)
      },
      onClose(code, reason, wasClean) {
        told(
          'close',
          'close ' + code + ' "' + reason + '" ' + (wasClean ? 'clean' : 'unclean'),
          undefined,
          code,
          reason,
          wasClean,
        )
        session.end()
      },
    }
    if (on.fragments) {
      handlers.onFragment = (bytes, start, end, kind, final, socket) => {
        const shown = quiet
          ? ''
          : kind === 1
            ? '"' + decodeText(bytes, start, end) + '"'
            : showBytes(bytes, start, end)
        const line = quiet ? undefined : 'fragment ' + kind + ' ' + shown + (final ? ' final' : '')
        told('fragment', line, socket, bytes, start, end, kind, final)
      }
    } else {
      handlers.onText = (text, socket) =>
        told('text', quiet ? undefined : 'text ' + showText(text), socket, text)
      handlers.onBinary = (bytes, start, end, socket) =>
        told(
          'binary',
          quiet ? undefined : 'binary ' + showBytes(bytes, start, end),
          socket,
          bytes,
          start,
          end,
        )
    }
    // Registered before the call: a callback that came during it would be an error of its own.
    this.socket = env.connect(
      typeof path !== 'string' || path.indexOf('//') >= 0 ? path : env.url(path),
      handlers,
      {
        ...env.options,
        ...options,
      },
    )
    env.sessions.push(this)
  }

  say(line) {
    if (line === undefined) return
    this.log.push(line)
    this.look()
  }

  /** The connection is over, and so is all waiting: what did not come will not. */
  end() {
    this.isOver = true
    this._resolveClosed()
    this.look()
  }

  /** Until `line` has been logged, `count` times in all, or the connection is over. */
  until(line, count = 1) {
    return this.when(() => this.log.filter((entry) => entry === line).length >= count)
  }

  /** Until `isDue()`, or the end; looked at after every line, and after `look()`. */
  when(isDue) {
    return this.isOver || isDue()
      ? Promise.resolve()
      : new Promise((done) => this._waiting.push({ isDue, done }))
  }

  /** For cases without lines: looks at what is waited for. */
  look() {
    const due = this._waiting.filter((wait) => this.isOver || wait.isDue())
    this._waiting = this._waiting.filter((wait) => due.indexOf(wait) < 0)
    for (const wait of due) wait.done()
  }

  /** The rules that hold for every connection: `onClose` once and last, the socket given to each callback. */
  check() {
    const { equal } = this.env
    const ends = this.log.filter((line) => line.indexOf('close ') === 0)
    equal(ends.length, 1, 'onClose came ' + ends.length + ' times: ' + this.log.join(' | '))
    equal(this.log[this.log.length - 1], ends[0], 'onClose is the last callback')
    equal(this.socket.readyState, 3, 'readyState after onClose')
    equal(this.gotSocket, true, 'each callback gets the socket')
  }
}
