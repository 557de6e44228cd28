// A Durable Object that holds one WebSocket to a server and answers HTTP requests from it: each request's body goes
// out as a text message, and the next message that comes in, in order, is the answer.

import { DurableObject } from 'cloudflare:workers'
import { connect } from 'ringlet'

export class Line extends DurableObject {
  /** The connection, when it is open, and the requests that wait for its answers, the oldest first. */
  #line

  async fetch(request) {
    const question = await request.text()
    try {
      return new Response(await this.#ask(question))
    } catch (error) {
      return new Response(`${error.message}\n`, { status: 502 })
    }
  }

  async #ask(question) {
    const { opened, socket, waiting } = this.#open()
    await opened
    // Nothing is awaited from here on: questions and answers keep the same order.
    if (!socket.sendText(question)) throw new Error('the server takes no more for now')
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }

  /** The one connection: opened when it is first needed, and again when it has been lost. */
  #open() {
    if (this.#line && this.#line.socket.readyState < 2) return this.#line
    const waiting = []
    let socket
    const opened = new Promise((resolve, reject) => {
      socket = connect(
        this.env.UPSTREAM,
        {
          onOpen: resolve,
          onText: (answer) => waiting.shift()?.resolve(answer),
          onError: reject,
          onClose: (code, reason) => {
            const lost = new Error(`closed with ${code} ${reason}`)
            reject(lost)
            for (const request of waiting.splice(0)) request.reject(lost)
          },
        },
        { pingInterval: 30000 },
      )
    })
    this.#line = { opened, socket, waiting }
    return this.#line
  }
}

export default {
  /** One object, and one connection, for each path. */
  fetch(request, env) {
    const id = env.LINE.idFromName(new URL(request.url).pathname)
    return env.LINE.get(id).fetch(request)
  },
}
