// What a client must do on every runtime, against real peers over real sockets (`server.mjs`).
//
// Plain JavaScript without imports of any runtime, so that the same catalogue runs in each of them. A runner
// gives each case an `env` and a time limit:
//
//   connect               the target's
//   url(path)             the plain server's URL; secureUrl, strangerUrl, refusedUrl, ipv6Url, ipv6SecureUrl
//   options               options that every connection gets
//   trust                 options that make the target trust the private authority
//   equal(got, expected, message)
//   setTimeout
//   catchUncaught()       starts to collect what reaches the platform's handler of uncaught exceptions;
//                         `stop()` of what it returns gives the messages
//   deflate               makes the extension of `ringlet/deflate`
//   reconnect             of `ringlet/reconnect`
//   WebSocket             the class of `ringlet/websocket`
//   tellsResets           whether the runtime tells a reset from an end
//   tag                   a text of its own for each run against the same server
//
// A case is `{ group, name, needs, run(env) }`; `needs` names what not every target has: `trust`, `ipv6`,
// `ipv6Secure`, `uncaught`, `deflate`, `certificates`, `webSocketClass`, `reconnect`. No case asserts a time.

import { messages } from './catalogue/messages.mjs'
import { fragments } from './catalogue/fragments.mjs'
import { pingAndPong } from './catalogue/ping-and-pong.mjs'
import { packets } from './catalogue/packets.mjs'
import { backpressure } from './catalogue/backpressure.mjs'
import { closing } from './catalogue/closing.mjs'
import { ends } from './catalogue/ends.mjs'
import { deadlines } from './catalogue/deadlines.mjs'
import { tlsAndIpv6 } from './catalogue/tls-and-ipv6.mjs'
import { request } from './catalogue/request.mjs'
import { misuse } from './catalogue/misuse.mjs'
import { handshake } from './catalogue/handshake.mjs'
import { violations } from './catalogue/violations.mjs'
import { callbacks } from './catalogue/callbacks.mjs'
import { deflate } from './catalogue/deflate.mjs'
import { websocketClass } from './catalogue/websocket-class.mjs'
import { reconnect } from './catalogue/reconnect.mjs'

/** Each group is a column of the table over all runtimes. */
export const catalogue = [
  ...messages,
  ...fragments,
  ...pingAndPong,
  ...packets,
  ...backpressure,
  ...closing,
  ...ends,
  ...deadlines,
  ...tlsAndIpv6,
  ...request,
  ...misuse,
  ...handshake,
  ...violations,
  ...callbacks,
  ...deflate,
  ...websocketClass,
  ...reconnect,
]
