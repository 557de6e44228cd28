// What the tests of the WebSocket class share: a real server, and a log of events, one line each.
//
//   open                        or: open protocol chat
//   message "hello"             message arraybuffer 0102      message blob 3
//   error BAD_ACCEPT
//   close 1000 "bye" clean      or: unclean

import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket as Peer, WebSocketServer } from 'ws'
import { WebSocket } from '../../targets/websocket-node'
import type { WebSocketMessageEvent, WebSocketErrorEvent } from '../../targets/websocket-node'

export { WebSocket }

export interface Server {
  /** With a path. */
  url: string
  close(): Promise<void>
}

/** `serve` gets each connection; by default it echoes. */
export async function startServer(
  serve: (peer: Peer, request: IncomingMessage) => void = echo,
): Promise<Server> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: (offered) => (offered.has('none') ? false : [...offered][0]),
  })
  await new Promise((resolve) => server.on('listening', resolve))
  server.on('connection', (peer, request) => {
    peer.on('error', () => {})
    serve(peer, request)
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      for (const peer of server.clients) peer.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export function echo(peer: Peer): void {
  peer.on('message', (message, isBinary) => peer.send(message, { binary: isBinary }))
}

export function show(event: WebSocketMessageEvent): string {
  const { data, type } = event
  if (typeof data === 'string') {
    return `${type} ${JSON.stringify(data.length > 40 ? data.length : data)}`
  }
  if (data instanceof Blob) return `${type} blob ${data.size}`
  const bytes = Buffer.from(data)
  const kind = data.constructor.name.toLowerCase()
  return `${type} ${kind} ${bytes.length > 16 ? bytes.length : bytes.toString('hex')}`
}

/** Logs the events of `socket`; `closed` resolves with the last. */
export function logOf(socket: WebSocket): { lines: string[]; closed: Promise<string[]> } {
  const lines: string[] = []
  socket.addEventListener('open', () => {
    lines.push('open' + (socket.protocol && ` protocol ${socket.protocol}`))
  })
  socket.addEventListener('message', (event) => void lines.push(show(event)))
  socket.addEventListener('error', ({ error }: WebSocketErrorEvent) => {
    lines.push(`error ${error.id}`)
  })
  const closed = new Promise<string[]>((resolve) => {
    socket.addEventListener('close', ({ code, reason, wasClean }) => {
      lines.push(`close ${code} ${JSON.stringify(reason)} ${wasClean ? 'clean' : 'unclean'}`)
      resolve(lines)
    })
  })
  return { lines, closed }
}

/** The next event of a kind. */
export function next(socket: WebSocket, type: string): Promise<unknown> {
  return new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }))
}
