// A STAND-IN for Espruino, in Node: not the engine, but what was measured of it (2v29.277, built for Linux) and read in
// its C source. It runs a bundle in a context that has no more than Espruino has, over real sockets that behave as
// Espruino's do:
//
//   data comes as strings of characters 0 to 255, 536 at most; only strings can be written
//   `write` queues; 536 bytes leave at each turn, then what is left is copied; `drain` when nothing is left
//   it reads whether anybody listens or not; `removeListener` leaves a listener's place, where data is lost
//   a socket without its number, `sckt`, is neither read nor written; `clsNow` closes it at the next turn
//   a refused connection throws from `connect`; here at ports that are told beforehand, elsewhere it is an `error`
//   `end`, then `close`; a reset is told as an end; `end()` closes both directions
//   TLS checks no certificate
//   a string with U+0080 to U+00BF that is joined to characters is not UTF-8 any more
//   what follows a `return` is its value, even on the next line
//   `clearTimeout` of no timer throws; there is no RangeError; `String.fromCharCode` takes the lowest 8 bits
//   `set` of a typed array takes the bytes of a string; `E.toString` may share memory; no array begins at an offset above
//   65535 of its buffer
//
// What Espruino lacks is taken away from the context's own classes, so that a call of it fails here as well.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import vm from 'node:vm'
import { METHODS } from './methods.mjs'

const CHUNK = 536
/** Bytes, from which on an array is not copied each time. */
const LARGE = 65536
/** What is kept where nobody listens. */
const LARGEST_BUFFER = 512

const latin1 = (text) => Buffer.from(text, 'latin1')
const isBytes = (text) => !/[^\0-\xff]/.test(text)

/**
 * The engine's mistake: a string of U+0080 to U+00BF that is joined to characters leaves these the octets that they were.
 * That happened here to a text of no larger characters, which `isUTF8` takes for bytes; elsewhere U+DC80 to U+DCBF stand
 * for such octets.
 */
function octetsOf(text) {
  const broken = isBytes(text) ? /[\x80-\xbf]/u : /[\udc80-\udcbf]/u
  return Array.from(text, (character) =>
    broken.test(character)
      ? String.fromCharCode(character.charCodeAt(0) & 255)
      : Buffer.from(character).toString('latin1'),
  ).join('')
}

/** The source as the engine reads it, where JavaScript would end a `return` at the end of its line. */
function readAsEngine(source) {
  const code = source.replace(/^[ \t]*(\/\/|\/?\*).*/gm, '')
  return code.replace(/\breturn[ \t]*\n\s*/g, 'return ')
}

/** What `E.toString` makes of a part: of a number the lowest 8 bits, of strings, arrays and buffers their elements. */
function textOf(part) {
  if (typeof part === 'string') return part
  if (part.byteOffset > 65535) throw new Error('byteOffset too large (or negative)')
  if (part.length > LARGE) return textOfLarge(part)
  return Buffer.from(typeof part === 'number' ? [part] : part).toString('latin1')
}

const large = { bytes: Buffer.alloc(0), text: '' }

/** The engine shares the memory. Here the last copy serves, while it is the same: a ring's worth of it is asked for at once. */
function textOfLarge(part) {
  if (!large.bytes.equals(part)) {
    large.bytes = Buffer.from(part)
    large.text = large.bytes.toString('latin1')
  }
  return large.text
}

/** As Espruino's: `set` takes strings. What is made outside is an instance too. */
class Uint8ArrayOfEspruino extends Uint8Array {
  static get [Symbol.species]() {
    return Uint8ArrayOfEspruino
  }

  static [Symbol.hasInstance](value) {
    return value instanceof Uint8Array
  }

  set(source, offset) {
    super.set(typeof source === 'string' ? latin1(source) : source, offset)
  }
}

/** Makes an array of the caller's one of Espruino's. */
export const adopt = (bytes) => Object.setPrototypeOf(bytes, Uint8ArrayOfEspruino.prototype)

/** A socket, and what Espruino's idle loop does with it. */
class Socket {
  constructor(engine, native) {
    this.sckt = ++engine.lastNumber
    this.listeners = {}
    this.waiting = ''
    this.received = ''
    this.buffered = ''
    this.isClosing = false
    this.engine = engine
    this.native = native
    this.isConnected = false
    this.hasPeerEnded = false
    this.failure = undefined
    const wake = () => engine.wake()
    native.on('readable', wake)
    native.on('drain', wake)
    native.on('end', () => {
      this.hasPeerEnded = true
      wake()
    })
    native.on('error', (error) => {
      // A reset is told as an end.
      if (this.isConnected) this.hasPeerEnded = true
      else this.failure = error
      wake()
    })
    native.on('close', wake)
    native.on(native.encrypted ? 'secureConnect' : 'connect', () => {
      this.isConnected = true
      if (!this.waiting) engine.queue(this, 'drain')
      wake()
    })
  }

  on(event, listener) {
    this.listeners[event] = [...(this.listeners[event] || []), listener]
    if (event === 'data' && this.buffered) {
      this.engine.queue(this, 'data', this.buffered)
      this.buffered = ''
    }
  }

  removeListener(event, listener) {
    const all = this.listeners[event]
    if (all) this.listeners[event] = all.filter((one) => one !== listener)
  }

  removeAllListeners(event) {
    delete this.listeners[event]
  }

  write(bytes) {
    if (typeof bytes !== 'string') bytes = String(bytes)
    if (!isBytes(bytes)) throw new Error('write of a string with characters above 255')
    if (this.isClosing) throw new Error('This socket is closed.')
    this.waiting += bytes
    this.engine.wake()
    return false
  }

  end(bytes) {
    if (bytes) this.write(bytes)
    this.isClosing = true
    this.engine.wake()
  }

  emit(event, argument) {
    for (const listener of this.listeners[event] || []) {
      try {
        listener.call(this, argument)
      } catch (error) {
        setTimeout(() => {
          throw error
        })
      }
    }
  }

  /** One turn. True if something was done. */
  idle() {
    const { native } = this
    let isCloseDue = !!this.clsNow
    let wasBusy = false
    let hadError = false
    if (this.sckt > 0) {
      this.push(false)
      if (!isCloseDue) {
        if (this.failure) {
          hadError = isCloseDue = true
        } else if (this.waiting) {
          // The network takes no more while it has not written the last.
          if (this.isConnected && !native.writableLength && !this.hasPeerEnded) {
            native.write(latin1(this.waiting.slice(0, CHUNK)))
            this.waiting = this.waiting.slice(CHUNK)
            if (!this.waiting && !this.isClosing) this.engine.queue(this, 'drain')
            wasBusy = true
          }
        } else if (this.isClosing) {
          isCloseDue = true
        }
        const chunk = native.read(Math.min(CHUNK, native.readableLength)) || ''
        if (chunk) {
          this.received += chunk.toString('latin1')
          this.push(false)
          wasBusy = true
        } else if (this.hasPeerEnded || native.destroyed) {
          isCloseDue = true
        }
      }
    }
    if (isCloseDue) {
      this.push(true)
      if (!this.received) {
        if (this.clsNow || !this.isConnected) native.destroy()
        else native.destroySoon()
        this.engine.sockets.delete(this)
        this.sckt = undefined
        this.isClosing = true
        if (hadError) {
          const { message } = this.failure
          this.engine.queue(this, 'error', { code: -1, message })
        }
        this.engine.queue(this, 'end')
        this.engine.queue(this, 'close', hadError)
      }
      wasBusy = true
    }
    return wasBusy
  }

  push(isForced) {
    const chunk = this.received
    if (!chunk) return
    if (this.listeners.data) {
      this.received = ''
      this.emit('data', chunk)
    } else if (!this.buffered) {
      this.received = ''
      this.buffered = chunk
    } else if (this.buffered.length + chunk.length <= LARGEST_BUFFER) {
      this.received = ''
      this.buffered += chunk
    } else if (isForced) {
      // The engine's own mistake: a part comes twice.
      this.buffered += chunk.slice(0, Math.max(0, LARGEST_BUFFER - this.buffered.length))
    }
  }
}

/**
 * `hasCharacters`: as Bangle.js and Linux builds, whose strings may be of characters; without it strings are bytes.
 * `refuses`: ports to which connecting throws at once. `board`: as in `process.env.BOARD`.
 */
export class Espruino {
  constructor({ hasCharacters = true, refuses = [], board = 'LINUX' } = {}) {
    this.hasCharacters = hasCharacters
    this.refuses = refuses
    this.board = board
    this.sockets = new Set()
    this.lastNumber = 0
    this.events = []
    this.timers = new Map()
    this.lastTimer = 0
    this.isDue = false
    this.modules = this.nativeModules()
  }

  /** Evaluates the text of a CommonJS module, with further globals; returns its exports. */
  load(file, further = {}) {
    const context = vm.createContext({})
    const globals = { ...this.globals(), ...further }
    for (const name in globals) context[name] = globals[name]
    vm.runInContext(TAKE_AWAY, context)(METHODS)
    const source = readAsEngine(readFileSync(file, 'utf8'))
    const module = { exports: {} }
    const wrapped = `(function (module, exports, require) {${source}\n})`
    vm.runInContext(wrapped, context, { filename: file })(module, module.exports, (name) =>
      this.require(name),
    )
    return module.exports
  }

  /** As `Modules.addCached`. */
  addModule(name, file) {
    this.modules[name] = this.load(file)
  }

  /** Ends what runs: timers, and sockets. */
  stop() {
    for (const timer of this.timers.values()) clearTimeout(timer)
    for (const { native } of this.sockets) native.destroy()
    this.sockets.clear()
    clearTimeout(this.later)
    this.isStopped = true
  }

  require(name) {
    if (!(name in this.modules)) throw new Error(`Module "${name}" not found`)
    return this.modules[name]
  }

  /** A turn of the idle loop follows. */
  wake() {
    if (this.isDue || this.isStopped) return
    this.isDue = true
    setImmediate(() => this.turn())
  }

  queue(socket, event, argument) {
    this.events.push([socket, event, argument])
    this.wake()
  }

  turn() {
    this.isDue = false
    const due = this.events
    this.events = []
    for (const [socket, event, argument] of due) socket.emit(event, argument)
    let wasBusy = false
    for (const socket of this.sockets) if (socket.idle()) wasBusy = true
    if (wasBusy) this.wake()
    // It looks for what nobody has told: a property that was changed.
    else if (this.sockets.size) {
      clearTimeout(this.later)
      this.later = setTimeout(() => this.wake(), 1)
    }
  }

  open(native) {
    const socket = new Socket(this, native)
    this.sockets.add(socket)
    this.wake()
    return socket
  }

  nativeModules() {
    return {
      net: {
        connect: ({ host, port }) => {
          if (this.refuses.includes(port)) {
            const error = new Error('Unable to create socket')
            error.type = 'InternalError'
            throw error
          }
          return this.open(net.connect({ host, port, allowHalfOpen: true }))
        },
      },
      tls: {
        connect: ({ host, port, ...options }) =>
          this.open(
            tls.connect({
              host,
              port,
              ...options,
              rejectUnauthorized: false,
              maxVersion: 'TLSv1.2',
              allowHalfOpen: true,
            }),
          ),
      },
      crypto: {
        SHA1: (message) => {
          const digest = createHash('sha1').update(latin1(message)).digest()
          return Uint8Array.from(digest).buffer
        },
      },
    }
  }

  globals() {
    const { timers } = this
    return {
      Uint8Array: Uint8ArrayOfEspruino,
      Int32Array,
      process: { env: { BOARD: this.board } },
      btoa: (bytes) =>
        (typeof bytes === 'string' ? latin1(bytes) : Buffer.from(bytes)).toString('base64'),
      setTimeout: (callback, delay, ...values) => {
        if (this.isStopped) return 0
        const id = ++this.lastTimer
        timers.set(
          id,
          setTimeout(() => {
            timers.delete(id)
            callback(...values)
          }, delay),
        )
        return id
      },
      clearTimeout: (id) => {
        if (!timers.has(id)) throw new Error(`clearTimeout(${id}): Unknown Timeout`)
        clearTimeout(timers.get(id))
        timers.delete(id)
      },
      E: {
        getTemperature: () => 21.5,
        toUint8Array: (text) => new Uint8ArrayOfEspruino(latin1(text)),
        toString: (...parts) => parts.map(textOf).join(''),
        hwRand: () => {
          const words = new Int32Array(1)
          crypto.getRandomValues(words)
          return words[0]
        },
        isUTF8: (text) => this.hasCharacters && !isBytes(text),
        asUTF8: (bytes) => {
          if (!this.hasCharacters) throw new Error('Unicode not supported on this build')
          return latin1(bytes).toString()
        },
        fromUTF8: octetsOf,
      },
    }
  }
}

/** Leaves of the classes of a context only what Espruino has. */
const TAKE_AWAY = `(function (methods) {
  var fromCharCode = String.fromCharCode
  var global = this
  for (var name in methods) {
    var target = name.split('.').reduce(function (at, part) { return at[part] }, global)
    Object.getOwnPropertyNames(target).forEach(function (key) {
      if (key !== 'prototype' && methods[name].indexOf(key) < 0) delete target[key]
    })
  }
  // Every object has events, which it tells in a later turn, with at most 4 arguments.
  Object.defineProperty(Object.prototype, 'on', { value: function (event, listener) {
    var events = this['#on'] || (this['#on'] = {})
    ;(events[event] || (events[event] = [])).push(listener)
  } })
  Object.defineProperty(Object.prototype, 'emit', { value: function (event) {
    var target = this
    var values = Array.prototype.slice.call(arguments, 1, 5)
    setTimeout(function () {
      ;((target['#on'] || {})[event] || []).forEach(function (listener) { listener.apply(target, values) })
    }, 0)
  } })
  // Of ASCII alone.
  String.prototype.trim = function () { 'use strict'; return this.replace(/^[ \\t-\\r]+|[ \\t-\\r]+$/g, '') }
  String.fromCharCode = function () {
    return fromCharCode.apply(String, Array.prototype.map.call(arguments, function (code) { return code & 255 }))
  };
  ['Map', 'Set', 'WeakMap', 'WeakSet', 'Symbol', 'Proxy', 'Reflect', 'BigInt', 'RangeError', 'URIError', 'EvalError',
    'ReferenceError', 'globalThis', 'Intl', 'Atomics', 'WebAssembly', 'escape', 'unescape', 'encodeURI',
    'decodeURI'].forEach(function (name) { delete global[name] })
})`
