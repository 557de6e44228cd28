// Ringlet, whole messages: `onBinary`, and `onText` with strings.

import { connect } from '../../dist/node.js'

/** The handlers of one connection, and what sends over it. */
export class Connection {
  constructor(heard, resolve, reject) {
    this.heard = heard
    this.resolve = resolve
    this.onError = reject
    this.left = 0
  }

  onOpen(socket) {
    this.socket = socket
    this.resolve(this)
    this.resolve = this.onError = undefined
  }

  onText(text) {
    this.heard(text.length)
  }

  onBinary(_bytes, start, end) {
    this.heard(end - start)
  }

  send(message, count, done) {
    this.message = message
    this.left = count
    this.done = done
    this.onWritable()
  }

  onWritable() {
    const { socket, message } = this
    while (this.left) {
      if (!(typeof message === 'string' ? socket.sendText(message) : socket.sendBinary(message))) {
        return
      }
      this.left--
    }
    if (this.done) {
      const { done } = this
      this.done = undefined
      done()
    }
  }
}

/** The job may say how large the rings are. */
export function openWith(Handlers, url, job, heard) {
  return new Promise((resolve, reject) => {
    const { receiveBuffer, sendBuffer } = job
    connect(url, new Handlers(heard, resolve, reject), { receiveBuffer, sendBuffer })
  })
}

export const open = (url, job, heard) => openWith(Connection, url, job, heard)
