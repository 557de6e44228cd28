// Runs in XS: the class in place of Moddable's WebSocket client, against real peers. A line per case.

import WebSocketClient from '../../../dist/websocket-client.js'
import { fromHex, toHex, utf8 } from '../bytes.mjs'

const { job, TCP, Timer, host } = globalThis

const [, port] = /:(\d+)/.exec(job.url)

/** A connection, and what its callbacks say. `act` may do more; the promise is of the log. */
function talk(path, act = {}, options = {}) {
  return new Promise((done) => {
    const log = []
    let isOpen = false
    const end = (line) => {
      log.push(line)
      Timer.set(() => done(log), 20)
    }
    const client = new WebSocketClient({
      host: '127.0.0.1',
      port: +port,
      path,
      socket: { io: TCP },
      ...options,
      onReadable(count, { more, binary }) {
        log.push('readable ' + count + (binary ? ' binary' : ' text') + (more ? ', more' : ''))
        if (act.readable) act.readable.call(this, count, log, more)
        else if (count) log.push('read ' + toHex(new Uint8Array(this.read(count))))
      },
      onWritable(count) {
        if (this !== client) log.push('another this')
        if (isOpen) return act.writable && act.writable.call(this, count, log)
        isOpen = true
        log.push('writable ' + count)
        if (act.open) act.open.call(this, log)
      },
      onControl(opcode, bytes) {
        log.push('control ' + opcode + ' ' + toHex(new Uint8Array(bytes)))
        if (act.control) act.control.call(this, opcode)
      },
      onClose: () => end('closed'),
      onError: () => end('error'),
    })
  })
}

const raw = (hex, ...steps) => {
  const head =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    'Sec-WebSocket-Accept: $ACCEPT\r\n\r\n'
  const list = [['write', { head }, hex], ...steps]
  return '/raw?key=c' + Math.random() + '&steps=' + encodeURIComponent(JSON.stringify(list))
}

const text = (string) => utf8(string).buffer
const closing = fromHex('03e8')

const CASES = {
  async 'a text, a binary message and a message in pieces come back; it closes'() {
    return talk('/echo', {
      open(log) {
        const { constructor: C } = this
        log.push([C.text, C.binary, C.close, C.ping, C.pong].join())
        log.push('room ' + this.write(text('hé'), { binary: false }))
        this.write(fromHex('0102'))
        this.write(text('a'), { binary: false, more: true })
        this.write(text('b'), { binary: false })
      },
      readable(count, log, more) {
        log.push('read ' + toHex(new Uint8Array(this.read())))
        if (count === 2 && !more && log.length > 7) this.write(closing, { opcode: 8 })
      },
    })
  },
  async 'what is not read is kept, and holds the rest back'() {
    return talk(raw('82 04 01020304 82 01 05 88 02 03e8'), {
      readable(count, log) {
        if (count === 1) return log.push('read ' + toHex(new Uint8Array(this.read(9))))
        log.push('read ' + toHex(new Uint8Array(this.read(1))))
        Timer.set(() => {
          const view = new Uint8Array(2)
          log.push('later ' + this.read(view) + ' ' + toHex(view))
          this.format = 'number'
          log.push('one ' + this.read() + ', then ' + this.read())
          this.format = 'buffer'
        }, 20)
      },
    })
  },
  async 'a ping is answered, and told; so is a pong'() {
    return talk('/ping?payload=00ff', {
      readable(_, log) {
        log.push(String.fromCharCode(...new Uint8Array(this.read())))
        this.write(fromHex('07'), { opcode: 9 })
      },
      control(opcode) {
        if (opcode === 10) this.write(closing, { opcode: 8 })
      },
    })
  },
  async 'a pong without a ping may be written'() {
    return talk('/ping', {
      open() {
        this.write(fromHex('01'), { opcode: 10 })
        this.write(closing, { opcode: 8 })
      },
    })
  },
  async 'a continuation of nothing, which Moddable delivers, is an error'() {
    return talk(raw('80 01 61'))
  },
  async 'a masked frame is an error'() {
    return talk(raw('81 81 00000000 61'))
  },
  async 'a wrong accept value is an error'() {
    return talk(
      '/raw?key=w' +
        Math.random() +
        '&steps=' +
        encodeURIComponent(
          JSON.stringify([
            [
              'write',
              {
                head: 'HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n',
              },
            ],
          ]),
        ),
    )
  },
  async 'refused: an error, once'() {
    return talk('/', {}, { port: +/:(\d+)/.exec(job.refused)[1] })
  },
  async 'misuse throws'() {
    const log = []
    const attempt = (call) => {
      try {
        log.push('' + call())
      } catch (error) {
        log.push(error.id || error.message)
      }
    }
    attempt(() => new WebSocketClient({ host: 'x', socket: { io: TCP }, attach: {} }))
    attempt(() => new WebSocketClient({ host: 'x', socket: { io: TCP }, format: 'text' }))
    attempt(
      () =>
        new WebSocketClient({ host: 'x', socket: { io: TCP }, headers: new Map([['A', 'b\r\n']]) }),
    )
    const rest = await talk('/echo', {
      open() {
        attempt(() => this.write(new Uint8Array(5000)))
        attempt(() => this.write(new Uint16Array(1)))
        attempt(() => this.write(fromHex('ff'), { binary: false }))
        attempt(() => this.write(fromHex('00'), { opcode: 3 }))
        attempt(() => this.write(new Uint8Array(126), { opcode: 9 }))
        attempt(() => this.read())
        this.write(closing, { opcode: 8 })
        attempt(() => this.write(fromHex('00')))
      },
    })
    return [...log, ...rest]
  },
  async 'onWritable comes again when what was written has left'() {
    let sent = 0
    return talk('/checksum', {
      open() {
        this.write(new Uint8Array(3000))
      },
      writable(count, log) {
        if (++sent < 4) return this.write(new Uint8Array(3000))
        if (sent > 4) return
        log.push('writable ' + count)
        this.write(closing, { opcode: 8 })
      },
      readable() {
        this.read()
      },
    }).then((log) => log.filter((line) => line.indexOf('readable') < 0))
  },
}

async function run() {
  for (const name in CASES) host.print(JSON.stringify({ name, log: await CASES[name]() }))
}

host.run(run)
