// Reports a reading at each interval over wss, and connects again when the connection has ended: after `retry`
// milliseconds, twice as long after each failure in a row, a minute at most, and up to half of it less by chance.

import TCP from 'embedded:io/socket/tcp'
import TLSSocket from 'embedded:io/socket/tcp/tls'
import UDP from 'embedded:io/socket/udp'
import Resolver from 'embedded:network/dns/resolver/udp'
import config from 'mc/config'
import { connect } from 'ringlet/ecma419'
import Timer from 'timer'

const options = {
  socket: { io: TLSSocket, TCP: { io: TCP }, secure: config.secure },
  dns: { io: Resolver, servers: ['1.1.1.1'], socket: { io: UDP } },
  // The same memory for each connection. This module is not preloaded: it may have arrays that are written to.
  receiveBuffer: new Uint8Array(512),
  sendBuffer: new Uint8Array(256),
  pingInterval: 60000,
}

let failures = 0

/** Stands for your sensor. */
function reading() {
  return JSON.stringify({ celsius: 20 + Math.round(Math.random() * 50) / 10 })
}

function run() {
  let timer
  connect(
    config.url,
    {
      onOpen(socket) {
        failures = 0
        trace('open\n')
        // A reading that does not fit is dropped: the next one is newer.
        const report = () => socket.readyState === 1 && socket.sendText(reading())
        report()
        timer = Timer.repeat(report, config.interval)
      },
      onText: (text) => trace(`told: ${text}\n`),
      onError: (error) => trace(`${error.message}\n`),
      onClose(code) {
        Timer.clear(timer)
        const delay = Math.min(config.retry * 2 ** failures++, 60000)
        trace(`closed ${code}\n`)
        Timer.set(run, delay * (1 - Math.random() / 2))
      },
    },
    options,
  )
}

run()
