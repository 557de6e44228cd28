// A gateway: it keeps a connection to a server of readings, and shows them on a page to any number of browsers.
//
//   node examples/dashboard/gateway.mjs ws://host/path [port]
//
// Readings are text messages such as {"sensor":"cellar","value":12.5}. The page gets them as server-sent events. A browser
// that reads too slowly misses readings; nothing is kept for it.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import process from 'node:process'
import { connect } from 'ringlet'

const [url, port = '0'] = process.argv.slice(2)
const page = readFileSync(new URL('page.html', import.meta.url))
const receiveBuffer = new Uint8Array(1024)
const sendBuffer = new Uint8Array(256)
/** The browsers, and what each sees first: the state of the connection and the last reading of each sensor. */
const browsers = new Set()
const readings = new Map()
let state = 'connecting'
let attempts = 0

function tell(event, text) {
  for (const browser of browsers) {
    if (!browser.writableNeedDrain) browser.write(`event: ${event}\ndata: ${text}\n\n`)
  }
}

function setState(text) {
  state = text
  tell('state', JSON.stringify(text))
}

function open() {
  connect(
    url,
    {
      onOpen() {
        attempts = 0
        setState('connected')
      },
      onText(text) {
        try {
          const { sensor, value } = JSON.parse(text)
          const reading = JSON.stringify({ sensor: String(sensor), value: Number(value) })
          readings.set(String(sensor), reading)
          tell('reading', reading)
        } catch {
          // Not a reading.
        }
      },
      onError: (error) => setState(error.id),
      onClose(code) {
        const delay = Math.random() * Math.min(30000, 500 * 2 ** attempts++)
        if (state === 'connected') setState('closed with ' + code)
        setTimeout(open, delay)
      },
    },
    // The same memory for each connection.
    { receiveBuffer, sendBuffer, maxMessageSize: 1000, pingInterval: 20000 },
  )
}

const server = createServer((request, response) => {
  if (request.url === '/') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
  } else if (request.url === '/readings') {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(`event: state\ndata: ${JSON.stringify(state)}\n\n`)
    for (const reading of readings.values()) response.write(`event: reading\ndata: ${reading}\n\n`)
    browsers.add(response)
    response.on('close', () => browsers.delete(response))
  } else {
    response.writeHead(404).end()
  }
})

server.listen(Number(port), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`)
  open()
})
