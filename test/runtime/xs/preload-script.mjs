// Runs in XS: the bundles for Moddable, preloaded, and then a conversation over each. A line says what it heard, and which
// variables of the modules were set meanwhile.

import { deflate } from '../../../dist/deflate.js'
import { connect } from '../../../dist/moddable.js'
import { reconnect } from '../../../dist/reconnect.js'
import WebSocketClient from '../../../dist/websocket-client.js'
import { webSocketOver } from '../../../dist/websocket.js'
import { fromHex, utf8 } from '../bytes.mjs'
import { preload } from './preload.js'

const { job, TCP, Timer, host } = globalThis
const { url } = job
const [, port] = /:(\d+)/.exec(url)
const options = { socket: { io: TCP }, random: host.random }

/** Echoes a text and bytes over `connectBy`, masked in both ways, in whole messages; resolves to the log. */
function echo(connectBy, path, more) {
  return new Promise((done) => {
    const log = []
    connectBy(
      url + path,
      {
        onOpen(socket) {
          socket.sendText('grüße')
          socket.sendBinary(new Uint8Array(200))
        },
        onText: (text) => log.push(text),
        onBinary(_, start, end, socket) {
          log.push(end - start)
          socket.close(1000)
        },
        onError: (error) => log.push(error.message),
        onClose(code) {
          log.push(code)
          done(log)
        },
      },
      { ...options, ...more },
    )
  })
}

const CONVERSATIONS = {
  connect: () => echo(connect, '/echo'),
  deflate: () => echo(connect, '/deflate', { extensions: [deflate()] }),
  async refusal() {
    const log = await echo(connect, '/raw?key=x&steps=' + encodeURIComponent('[["fin"]]'))
    try {
      connect('http:', {}, options)
    } catch (error) {
      log.push(error.message.split(':')[0])
    }
    return log
  },
  reconnect: () =>
    echo((...given) => reconnect(connect, ...given), '/echo', {
      setTimer: (callback, delay) => Timer.set(callback, delay),
      clearTimer: (timer) => Timer.clear(timer),
    }),
  client: () =>
    new Promise((done) => {
      const log = []
      new WebSocketClient({
        ...options,
        host: '127.0.0.1',
        port: +port,
        path: '/echo',
        onWritable(room) {
          if (!log.length) this.write(utf8('grüße').buffer, { binary: false })
          log.push(room)
        },
        onReadable(count) {
          log.push(count, this.read().byteLength)
          this.write(fromHex('03e8'), { opcode: 8 })
        },
        onClose: () => done([...log, 'closed']),
        onError: () => done([...log, 'error']),
      })
    }),
  WebSocket: () =>
    new Promise((done) => {
      const log = []
      const WebSocket = webSocketOver((where, handlers, more) =>
        connect(where, handlers, { ...options, ...more }),
      )
      try {
        new WebSocket('nowhere')
      } catch (error) {
        log.push(error.name)
      }
      const socket = new WebSocket(url + '/echo')
      socket.onopen = () => socket.send('grüße')
      socket.onmessage = ({ data }) => {
        log.push(data)
        socket.close(1000)
      }
      socket.onclose = ({ code }) => done([...log, code])
    }),
}

host.run(async () => {
  const setSince = preload([connect, WebSocketClient, reconnect, deflate, webSocketOver])
  for (const name in CONVERSATIONS) {
    host.print(JSON.stringify({ name, log: await CONVERSATIONS[name](), set: setSince() }))
  }
})
