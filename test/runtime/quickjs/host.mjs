// `node host.mjs VARIANT SCRIPT...` runs scripts in QuickJS, compiled to WebAssembly, one after the other, with what `host.c`
// gives them in XS: time, randomness, and TCP that is polled. The sockets are this Node's.

import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import process from 'node:process'
import { importFrom, install } from '../packages.mjs'

const [variant, ...files] = process.argv.slice(2)

const READABLE = 1
const WRITABLE = 4
/** What is read ahead of the program, in bytes, as a kernel does. */
const READ_AHEAD = 65536

/** One of the program's sockets. */
class Descriptor {
  events = 0
  #unread = Buffer.alloc(0)
  #isConnected = false
  #hasEnded = false
  #hasFailed = false

  constructor(host, port, wake) {
    this.socket = net
      .connect({ host, port, noDelay: true, allowHalfOpen: true })
      .on('connect', () => {
        this.#isConnected = true
        wake()
      })
      .on('data', (bytes) => {
        this.#unread = Buffer.concat([this.#unread, bytes])
        if (this.#unread.length > READ_AHEAD) this.socket.pause()
        wake()
      })
      .on('drain', wake)
      .on('end', () => {
        this.#hasEnded = true
        wake()
      })
      .on('error', () => {
        this.#hasFailed = true
        wake()
      })
  }

  /** Of what is watched, what there is now. */
  ready() {
    const isReadable = this.#unread.length > 0 || this.#hasEnded || this.#hasFailed
    const isWritable = this.#isConnected && !this.socket.writableNeedDrain
    return this.events & ((isReadable ? READABLE : 0) | (isWritable ? WRITABLE : 0))
  }

  /** At most so many bytes, or 0 at the end, −1 when there are none, −2 after a failure. */
  take(most) {
    const taken = this.#unread.subarray(0, most)
    if (!taken.length) return this.#hasFailed ? -2 : this.#hasEnded ? 0 : -1
    this.#unread = this.#unread.subarray(taken.length)
    if (this.#unread.length < READ_AHEAD) this.socket.resume()
    return taken
  }

  /** How many bytes were taken, or −1. */
  put(bytes) {
    if (this.#hasFailed) return -1
    this.socket.write(bytes)
    return bytes.length
  }

  close() {
    this.socket.removeAllListeners('data').resume()
    this.socket.destroySoon()
  }
}

const folder = await install('quickjs')
const { newQuickJSWASMModuleFromVariant } = await importFrom(
  folder,
  'quickjs-emscripten-core/dist/index.mjs',
)
const { default: build } = await importFrom(folder, `@jitl/${variant}/dist/index.mjs`)
const context = (await newQuickJSWASMModuleFromVariant(build)).newContext()
const { runtime } = context
const descriptors = new Map()
let last = 2
let status
/** Ends the wait for a socket or a timer. */
let wake = () => {}

/** A copy of an ArrayBuffer of the program. */
function bytesOf(handle) {
  return context.getArrayBuffer(handle).consume(({ value }) => Buffer.from(value))
}

const FUNCTIONS = {
  print: (text) => console.log(context.getString(text)),
  quit(code) {
    status = context.getNumber(code)
  },
  now: () => performance.now(),
  randomBytes: (length) => randomBytes(context.getNumber(length)),
  meter: () => 0,
  collect() {},
  open(address, port) {
    const [host, number] = [context.getString(address), context.getNumber(port)]
    descriptors.set(++last, new Descriptor(host, number, () => wake()))
    return last
  },
  watch(fd, events) {
    descriptors.get(context.getNumber(fd)).events = context.getNumber(events)
  },
  take: (fd, most) => descriptors.get(context.getNumber(fd)).take(context.getNumber(most)),
  put: (fd, buffer) => descriptors.get(context.getNumber(fd)).put(bytesOf(buffer)),
  close(fd) {
    const number = context.getNumber(fd)
    descriptors.get(number).close()
    descriptors.delete(number)
  },
}

/** QuickJS gives its host a copy of what an ArrayBuffer holds, so what is written into one is written by itself. */
const PRELUDE = `
  host.random = (bytes) => bytes.set(new Uint8Array(host.randomBytes(bytes.length)))
  host.copy = (target, source, at, length) => {
    const { buffer = target, byteOffset = 0 } = target
    new Uint8Array(buffer, byteOffset, length).set(source.subarray(at, at + length))
  }
  host.receive = (fd, bytes, at) => {
    const taken = host.take(fd, bytes.length - at)
    if (typeof taken === 'number') return taken
    bytes.set(new Uint8Array(taken), at)
    return taken.byteLength
  }
  host.send = (fd, bytes) => {
    const { buffer = bytes, byteOffset = 0, byteLength } = bytes
    return host.put(fd, buffer.slice(byteOffset, byteOffset + byteLength))
  }`

const host = context.newObject()
for (const name in FUNCTIONS) {
  const call = context.newFunction(name, (...handles) => {
    const result = FUNCTIONS[name](...handles)
    if (result instanceof Uint8Array) {
      return context.newArrayBuffer(
        result.buffer.slice(result.byteOffset, result.byteOffset + result.length),
      )
    }
    return result === undefined ? context.undefined : context.newNumber(result)
  })
  context.setProp(host, name, call)
}
context.setProp(context.global, 'host', host)
unwrap(context.evalCode(PRELUDE)).dispose()

/** What a call gives; whatever escapes it ends the process, as it ends a device. */
function unwrap(result) {
  if (!result.error) return result.value
  console.error('an exception has left a callback:', context.dump(result.error))
  process.exit(70)
}

function runJobs() {
  while (runtime.hasPendingJob()) unwrap(runtime.executePendingJobs())
}

/** `host[name]`, with numbers, and the promise jobs that it has caused. */
function call(name, ...numbers) {
  const callback = context.getProp(host, name)
  const handles = numbers.map((number) => context.newNumber(number))
  const result = unwrap(context.callFunction(callback, host, ...handles))
  const value = context.dump(result)
  for (const handle of [callback, result, ...handles]) handle.dispose()
  runJobs()
  return value
}

for (const file of files) {
  unwrap(context.evalCode(readFileSync(file, 'utf8'), file)).dispose()
  runJobs()
}
while (status === undefined) {
  const wait = call('onTimers')
  const isAnyReady = () => [...descriptors.values()].some((one) => one.ready())
  // Node's own turn, and then for as long as nothing is ready and no timer is due.
  await new Promise((done) => setImmediate(done))
  if (wait !== 0 && !isAnyReady()) {
    if (wait < 0 && !descriptors.size) break
    let timer
    await new Promise((done) => {
      wake = done
      if (wait > 0) timer = setTimeout(done, wait)
    })
    clearTimeout(timer)
  }
  for (const [fd, descriptor] of descriptors) {
    const events = descriptor.ready()
    if (events && status === undefined) call('onSocket', fd, events)
  }
}
process.exit(status || 0)
