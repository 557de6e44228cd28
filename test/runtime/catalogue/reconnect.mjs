// `ringlet/reconnect`, `env.reconnect`, over the target's own `connect`. Waits are logged, and cut short.

import { fillPattern, showBytes } from '../bytes.mjs'
import { GOOD_HEAD } from '../session.mjs'
import { casesOf, script } from './cases.mjs'

const { cases, add } = casesOf('reconnect', 'reconnect')

const REFUSAL = 'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n'

/**
 * Reconnects along `urls`, the last of them again and again. Resolves to the log at the end, and the rings that each connection
 * was given. `on` has functions by callback name, called after the line was logged, with the reconnection and the socket.
 */
function follow(env, urls, on = {}, options = {}) {
  const log = []
  const rings = []
  let tries = 0
  return new Promise((resolve) => {
    const told = (name, line, socket) => {
      log.push(line)
      // The first try is made within the call.
      if (on[name]) on[name](() => connection, socket, log)
    }
    const connection = env.reconnect(
      (url, handlers, given) => {
        rings.push(given.receiveBuffer, given.sendBuffer)
        return env.connect(url, handlers, given)
      },
      urls[0],
      {
        onOpen: (socket) => told('open', 'open', socket),
        onText: (text, socket) => told('text', 'text "' + text + '"', socket),
        onBinary: (bytes, start, end, socket) =>
          told('binary', 'binary ' + showBytes(bytes, start, end), socket),
        onError: ({ id, status }) => log.push('error ' + id + (status ? ' ' + status : '')),
        onRetry: (delay, { code }) => told('retry', 'retry after ' + delay + ', ' + code),
        onClose(code, reason, wasClean) {
          log.push('close ' + code + ' "' + reason + '" ' + (wasClean ? 'clean' : 'unclean'))
          // Whatever comes too late comes now.
          env.setTimeout(() => resolve({ log, rings }), 50)
        },
      },
      {
        ...env.options,
        jitter: () => 0.5,
        setTimer: (callback, delay) => env.setTimeout(callback, delay > 60000 ? delay : 5),
        clearTimer: (timer) => clearTimeout(timer),
        stableTime: 1e6,
        prepare: () => ({ url: urls[Math.min(tries++, urls.length - 1)] }),
        ...options,
      },
    )
    if (on.made) on.made(() => connection)
  })
}

add('reconnect: after each way to be lost, with the same rings', async (env) => {
  const at = (...steps) => env.url(script(env, ...steps).path)
  const bytes = fillPattern(new Uint8Array(20000))
  const receiveBuffer = new Uint8Array(1024)
  const sendBuffer = new Uint8Array(512)
  let isBack = false
  const { log, rings } = await follow(
    env,
    [
      env.refusedUrl('/'),
      at(['write', { head: REFUSAL }]),
      at(['write', { head: GOOD_HEAD }], ['fin']),
      env.url('/close?code=1012'),
      env.url('/echo'),
    ],
    {
      open(_, socket, log) {
        isBack = log.filter((line) => line === 'open').length === 3
        if (isBack) socket.sendBinary(bytes)
      },
      binary: (connection) => connection().close(1000, 'done'),
    },
    { receiveBuffer, sendBuffer },
  )
  env.equal(log, [
    ...['error CONNECT_FAILED', 'retry after 1000, 1006'],
    ...['error BAD_STATUS 503', 'retry after 9000, 1006'],
    ...['open', 'error CONNECTION_ENDED', 'retry after 4000, 1006'],
    ...['open', 'retry after 17500, 1012'],
    ...['open', 'binary ' + showBytes(bytes), 'close 1000 "done" clean'],
  ])
  env.equal(rings.length, 10)
  env.ok(
    rings.every((ring, i) => ring === (i % 2 ? sendBuffer : receiveBuffer)),
    'the rings are those of the caller',
  )
})

add('reconnect: the rings are taken once where the caller gives none', async (env) => {
  let opened = 0
  const { log, rings } = await follow(env, [env.url('/echo')], {
    open(_, socket) {
      opened++
      socket.sendText('hello')
    },
    text(connection, socket) {
      if (opened < 20) socket.abort()
      else connection().close(1000)
    },
  })
  env.equal(opened, 20)
  env.equal(log[log.length - 1], 'close 1000 "" clean')
  env.equal(rings.length, 40)
  env.ok(
    rings.every((ring, i) => ring === rings[i % 2]),
    'always the same two',
  )
})

add('reconnect: gives up in a wait, and before the first connection', async (env) => {
  const url = env.refusedUrl('/')
  const { log } = await follow(env, [url], {
    retry: (connection) => connection().abort(),
  })
  const end = 'close 1006 "CONNECT_FAILED" unclean'
  env.equal(log, ['error CONNECT_FAILED', 'retry after 1000, 1006', end])
  const early = await follow(env, [env.url('/echo')], {
    made: (connection) => connection().close(),
  })
  env.equal(early.log, ['close 1006 "" unclean'])
  const refused = env.url(script(env, ['write', { head: REFUSAL.replace('503', '403') }]).path)
  const terminal = await follow(env, [refused])
  env.equal(terminal.log, ['error BAD_STATUS 403', 'close 1006 "BAD_STATUS" unclean'])
})

export { cases as reconnect }
