// Reports a reading at each interval over wss, and connects again when the connection has ended: `ringlet/reconnect` says when.

import TCP from 'embedded:io/socket/tcp'
import TLSSocket from 'embedded:io/socket/tcp/tls'
import UDP from 'embedded:io/socket/udp'
import Resolver from 'embedded:network/dns/resolver/udp'
import config from 'mc/config'
import { connect } from 'ringlet/ecma419'
import { reconnect } from 'ringlet/reconnect'
import Timer from 'timer'

let timer

/** Stands for your sensor. */
function reading() {
  return JSON.stringify({ celsius: 20 + Math.round(Math.random() * 50) / 10 })
}

reconnect(
  connect,
  config.url,
  {
    onOpen(socket) {
      trace('open\n')
      // A reading that does not fit is dropped: the next one is newer.
      const report = () => socket.readyState === 1 && socket.sendText(reading())
      report()
      timer = Timer.repeat(report, config.interval)
    },
    onText: (text) => trace(`told: ${text}\n`),
    onError: (error) => trace(`${error.message}\n`),
    onRetry(delay, { code }) {
      Timer.clear(timer)
      trace(`closed ${code}\n`)
    },
  },
  {
    socket: { io: TLSSocket, TCP: { io: TCP }, secure: config.secure },
    dns: { io: Resolver, servers: ['1.1.1.1'], socket: { io: UDP } },
    // The same for each connection.
    receiveBuffer: 512,
    sendBuffer: 256,
    pingInterval: 60000,
    baseDelay: config.retry,
    // Whatever the reason was: nobody is there to start a device again.
    shouldRetry: () => true,
    // There is no setTimeout here.
    setTimer: (callback, delay) => Timer.set(callback, delay),
    clearTimer: (id) => Timer.clear(id),
  },
)
