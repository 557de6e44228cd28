// Ringlet in fragment mode: pieces as they arrive, text checked and not decoded.

import { connect } from '../../dist/node.js'

export function open(url, job, heard) {
  let length = 0
  return connectTo(url, job, {
    onFragment(_bytes, start, end, _kind, final) {
      length += end - start
      if (final) {
        heard(length)
        length = 0
      }
    },
  })
}

/** The job may say how large the rings are. */
export function connectTo(url, job, handlers) {
  return new Promise((resolve, reject) => {
    let goOn
    const { receiveBuffer, sendBuffer } = job
    connect(
      url,
      {
        ...handlers,
        onOpen(socket) {
          resolve({
            socket,
            send(message, count, done) {
              let left = count
              const isText = typeof message === 'string'
              goOn = () => {
                while (left) {
                  if (!(isText ? socket.sendText(message) : socket.sendBinary(message))) return
                  left--
                }
                goOn = undefined
                done()
              }
              goOn()
            },
          })
        },
        onWritable() {
          if (goOn) goOn()
        },
        onError: reject,
      },
      { receiveBuffer, sendBuffer },
    )
  })
}
