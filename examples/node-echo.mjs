// Sends a line to an echo server and prints what comes back: node examples/node-echo.mjs ws://host/path [text]

import process from 'node:process'
import { connect } from 'ringlet'

const [url, text = 'Hello from Ringlet'] = process.argv.slice(2)

connect(url, {
  onOpen: (socket) => socket.sendText(text),
  onText(answer, socket) {
    console.log(answer)
    socket.close(1000)
  },
  onError(error) {
    console.error(error.message)
    process.exitCode = 1
  },
})
