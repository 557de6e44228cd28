// permessage-deflate with a server: it echoes messages of all sizes, in all windows, with and without context, and what
// comes back must be what was sent.

import { Buffer } from 'node:buffer'

const ANSWERS_WITHIN = 60000

/** Our side's options. */
export const CLIENTS = {
  default: {},
  context: { clientContextTakeover: true },
  'no context': { serverNoContextTakeover: true, clientNoContextTakeover: true },
  'window 10': { serverMaxWindowBits: 10, clientMaxWindowBits: 10, clientContextTakeover: true },
  'window 8': { serverMaxWindowBits: 8, clientMaxWindowBits: 8, clientContextTakeover: true },
}

/** Texts and bytes that compress well, badly and not at all; twice, for the context. */
function messages() {
  let state = 1
  const random = (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
  const record = (i) =>
    JSON.stringify({
      id: i,
      device: 'sensor-' + random(40),
      value: random(10000) / 100,
      unit: '°C',
    })
  const text = (size) => {
    let all = ''
    for (let i = 0; all.length < size; i++) all += record(i) + '\n'
    return all.slice(0, size)
  }
  const noise = (size) => Buffer.from(Array.from({ length: size }, () => random(256)))
  const list = ['', 'a', text(60), text(1000), text(20000), text(150000)]
  list.push(Buffer.alloc(0), Buffer.alloc(70000), noise(3000), noise(70000))
  list.push(Buffer.from(Array.from({ length: 40000 }, (_, i) => (i % 97 ? 0 : random(256)))))
  return [...list, ...list]
}

const MESSAGES = messages()

/** Echoes all messages; resolves to what was agreed, and throws at the first difference. */
export function converse(connect, url, extension, isWhole, options) {
  return new Promise((resolve, reject) => {
    let next = 0
    let parts = []
    let agreed = ''
    let error
    const send = (socket) => {
      if (next === MESSAGES.length) return socket.close(1000)
      const message = MESSAGES[next]
      if (typeof message === 'string') socket.sendText(message)
      else socket.sendBinary(message)
    }
    const onMessage = (bytes, isText, socket) => {
      const expected = MESSAGES[next]
      if (isText !== (typeof expected === 'string') || !Buffer.from(expected).equals(bytes)) {
        error = new Error('message ' + next + ' came back changed')
        return socket.abort()
      }
      next++
      send(socket)
    }
    const socket = connect(
      url,
      {
        onOpen() {
          agreed = socket.extensions
          send(socket)
        },
        ...(isWhole
          ? {
              onText: (text) => onMessage(Buffer.from(text), true, socket),
              onBinary: (bytes, from, to) => onMessage(bytes.subarray(from, to), false, socket),
            }
          : {
              onFragment(bytes, from, to, kind, final) {
                parts.push(Buffer.from(bytes.subarray(from, to)))
                if (!final) return
                const whole = Buffer.concat(parts)
                parts = []
                onMessage(whole, kind === 1, socket)
              },
            }),
        onError(one) {
          error = one
        },
        onClose(code) {
          clearTimeout(timer)
          if (!error && code !== 1000) error = new Error('closed with ' + code)
          if (!error && next < MESSAGES.length) error = new Error('only ' + next + ' came back')
          if (error) reject(error)
          else resolve(agreed)
        },
      },
      { ...options, extensions: [extension] },
    )
    const timer = setTimeout(() => {
      error = new Error('silent after ' + next + ' messages')
      socket.abort()
    }, ANSWERS_WITHIN)
  })
}

/** What was agreed: `s` for the server's side, `c` for ours; a window, and `-` for no context takeover. */
export function shortForm(agreed) {
  const side = (name) => {
    const window = new RegExp(name + '_max_window_bits=(\\d+)').exec(agreed)
    return (window ? window[1] : '15') + (agreed.includes(name + '_no_context_takeover') ? '-' : '')
  }
  return agreed ? 's ' + side('server') + ', c ' + side('client') : 'none'
}
