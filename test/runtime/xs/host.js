// What a Moddable device has, over the functions of `host.c` (or, in QuickJS, of `../quickjs/host.mjs`): timers, and TCP as its sockets really behave on Linux
// (measured with Moddable SDK 8.2.3). Reads and writes allocate nothing in XS, so that the meters tell of Ringlet alone.

/** This build of XS lacks it. Its strings are CESU-8: a character beyond U+FFFF is two surrogates. */
ArrayBuffer.fromString = host.octets

/** XS has it, but for this build. */
Math.irandom = (below) => Math.floor(Math.random() * below)

/** What the scripts are written with, as in every runtime. */
globalThis.setTimeout = (callback, delay) => Timer.set(callback, delay)
globalThis.clearTimeout = (timer) => Timer.clear(timer)

/** Runs a script's `main` to its end, and quits. */
host.run = (main) =>
  main().then(
    () => host.quit(0),
    (error) => {
      host.print('failed: ' + error.message + '\n' + error.stack)
      host.quit(1)
    },
  )

const READABLE = 1
const WRITABLE = 4
/** Bytes that a socket holds for its reader, and that it takes at once. */
const WINDOW = 1536

const timers = []

/** Moddable's module `timer`. A timer that repeats may be set again. */
const Timer = {
  set(callback, delay = 0, repeat = 0) {
    const timer = { callback, due: host.now() + delay, repeat, isOn: true }
    timers.push(timer)
    return timer
  },
  repeat(callback, delay) {
    return Timer.set(callback, delay, delay || 1)
  },
  schedule(timer, delay, repeat) {
    if (!timer.isOn) throw new Error('invalid timer')
    timer.due = host.now() + delay
    timer.repeat = repeat
  },
  clear(timer) {
    if (timer === undefined || timer === null) return
    const at = timers.indexOf(timer)
    timer.isOn = false
    if (at >= 0) timers.splice(at, 1)
  },
}

/**
 * Runs what is due, with what becomes due meanwhile: promise jobs come afterwards. Returns milliseconds until the next, 0 if
 * those jobs may have set one, −1 for none.
 */
host.onTimers = () => {
  let hasRun = false
  for (;;) {
    const now = host.now()
    let next
    for (let i = 0; i < timers.length; i++) {
      if (!next || timers[i].due < next.due) next = timers[i]
    }
    if (!next || next.due > now) return hasRun ? 0 : next ? Math.ceil(next.due - now) : -1
    hasRun = true
    if (next.repeat) {
      next.due = now + next.repeat
    } else {
      next.isOn = false
      timers.splice(timers.indexOf(next), 1)
    }
    next.callback(next)
  }
}

const sockets = new Map()

host.onSocket = (fd, events) => {
  const socket = sockets.get(fd)
  if (socket) socket.onEvents(events)
}

/** `embedded:io/socket/tcp`. */
class TCP {
  #isNumber = false
  #fd
  // Of its options it keeps no more.
  #onReadable
  #onWritable
  #onError
  #held = new Uint8Array(WINDOW)
  #start = 0
  #end = 0
  #writable = 0
  #isConnected = false
  #hasFailed = false

  constructor(options) {
    if (!/^\d+\.\d+\.\d+\.\d+$/.test(options.address)) throw new Error('invalid address')
    if (!(options.port >= 0 && options.port < 65536)) throw new RangeError('invalid port')
    this.#onReadable = options.onReadable
    this.#onWritable = options.onWritable
    this.#onError = options.onError
    if (options.target !== undefined) this.target = options.target
    this.#fd = host.open(options.address, options.port)
    sockets.set(this.#fd, this)
    this.#watch()
  }

  #watch() {
    if (this.#fd === undefined) return
    const isReading = this.#end - this.#start < WINDOW && !this.#hasFailed
    const isWriting = (!this.#isConnected || this.#writable < WINDOW) && !this.#hasFailed
    host.watch(this.#fd, (isReading ? READABLE : 0) | (isWriting ? WRITABLE : 0))
  }

  onEvents(events) {
    let isWritable = false
    let hasMore = false
    if (events & WRITABLE) {
      this.#isConnected = true
      isWritable = this.#writable < WINDOW
      this.#writable = WINDOW
    }
    if (events & ~WRITABLE) {
      if (this.#start) {
        this.#held.copyWithin(0, this.#start, this.#end)
        this.#end -= this.#start
        this.#start = 0
      }
      const count = this.#end < WINDOW ? host.receive(this.#fd, this.#held, this.#end) : -1
      if (count > 0) {
        this.#end += count
        hasMore = true
      } else if (count !== -1) {
        this.#hasFailed = true
      }
    }
    // In this order, each with the socket as `this`.
    if (isWritable && !this.#hasFailed) this.#onWritable?.call(this, this.#writable)
    if (hasMore && this.#fd !== undefined) this.#onReadable?.call(this, this.#end - this.#start)
    this.#tellFailure()
    this.#watch()
  }

  /** A failure and a clean end alike, once what is there has been read. */
  #tellFailure() {
    if (!this.#hasFailed || this.#end > this.#start || this.#fd === undefined) return
    const onError = this.#onError
    this.#onError = undefined
    onError?.call(this)
  }

  read(what) {
    const available = this.#end - this.#start
    if (!available) return
    // Not by `typeof`, which takes memory in XS.
    const isView = what instanceof Uint8Array
    const isNumber = this.#isNumber
    const count = isNumber ? 1 : what === undefined ? available : isView ? what.byteLength : what
    if (count <= 0 || count > available) throw new Error('invalid')
    const result = isNumber ? this.#held[this.#start] : isView ? what : new ArrayBuffer(count)
    if (!isNumber) host.copy(result, this.#held, this.#start, count)
    this.#start += count
    if (this.#hasFailed && this.#start === this.#end) Timer.set(() => this.#tellFailure())
    else this.#watch()
    return isView ? count : result
  }

  set format(format) {
    this.#isNumber = format === 'number'
  }

  write(bytes) {
    if (this.#fd === undefined) throw new Error('closed')
    const { byteLength } = bytes
    if (byteLength === undefined) throw new TypeError('bytes')
    if (byteLength > this.#writable) throw new Error('would block')
    this.#writable -= byteLength
    // It traces that, and answers nothing; what it tells by `onError` waits for what is unread.
    if (this.#hasFailed || host.send(this.#fd, bytes) < 0) {
      this.#hasFailed = true
      Timer.set(() => this.#tellFailure())
      return
    }
    this.#watch()
    return this.#writable
  }

  close() {
    if (this.#fd === undefined) return
    sockets.delete(this.#fd)
    host.close(this.#fd)
    this.#fd = undefined
  }
}

/** What TLS takes of each write. */
const OVERHEAD = 96

/**
 * As `embedded:io/socket/tcp/tls` behaves: callbacks without a `this`, short reads, no answer from a write that counts, an end
 * that is told though something is unread, and an exception out of the callback of its TCP socket when the server is not to
 * be trusted. XS has no TLS here: `secure.bridge` is the port of a process on this machine that speaks it with the server,
 * and checks it.
 */
class TLSSocket {
  #options
  #socket
  #isReady = false
  /** What has been deciphered, of which `#start` bytes have been read; no more is, until all of it has been. */
  #data
  #start = 0
  /** Bytes that wait below. */
  #readable = 0
  #timer

  constructor(options) {
    this.#options = options
    const { address, port, host, secure } = options
    const line = JSON.stringify({ address, port, host, trusts: secure.trusts === true }) + '\n'
    let hasAsked = false
    this.#socket = new options.TCP.io({
      address: '127.0.0.1',
      port: secure.bridge,
      onReadable: (count) => this.#onReadable(count),
      onWritable: (count) => {
        if (this.#isReady) return options.onWritable?.(count - OVERHEAD)
        if (!hasAsked) this.#socket.write(Uint8Array.from(line, (unit) => unit.charCodeAt(0)))
        hasAsked = true
      },
      onError: () => options.onError?.(),
    })
  }

  #onReadable(count) {
    this.#readable = count
    if (this.#data) return
    if (!this.#isReady) {
      // The bridge says whether the server is who it should be.
      if (new Uint8Array(this.#socket.read(1))[0] !== 43) throw new Error('certificate: auth err')
      this.#readable--
      this.#isReady = true
      this.#options.onWritable?.(WINDOW - OVERHEAD)
    }
    if (!this.#readable || !this.#socket) return
    this.#data = new Uint8Array(this.#socket.read(this.#readable))
    this.#readable = this.#start = 0
    this.#options.onReadable?.(this.#data.length)
  }

  read(view) {
    if (!this.#data) return
    const count = Math.min(view.byteLength, this.#data.length - this.#start)
    view.set(this.#data.subarray(this.#start, this.#start + count))
    this.#start += count
    if (this.#start === this.#data.length) this.#data = undefined
    if (!this.#data && this.#readable) {
      this.#timer ??= Timer.set(() => {
        this.#timer = undefined
        if (this.#readable) this.#onReadable(this.#readable)
      })
    }
    return count
  }

  write(bytes) {
    return Math.max(0, this.#socket.write(bytes) - 32)
  }

  close() {
    this.#socket?.close()
    Timer.clear(this.#timer)
    this.#socket = this.#timer = undefined
  }
}

/** With the interface of Moddable's: `localhost` alone has an address. */
class Resolver {
  resolve({ host: name, onResolved, onError }) {
    Timer.set(() => {
      if (name === 'localhost') onResolved(name, '127.0.0.1')
      else onError(name)
    })
  }
}

/** What is under way: a name for each socket that is not closed, and for each timer that is set. */
host.active = () => [...Array.from(sockets, () => 'TCP'), ...timers.map(() => 'Timer')]

globalThis.Timer = Timer
globalThis.Resolver = Resolver
globalThis.TCP = TCP
globalThis.TLSSocket = TLSSocket

host.collect()
/** Before the script: slots, and bytes of chunks. */
host.start = [host.meter(0), host.meter(1)]
