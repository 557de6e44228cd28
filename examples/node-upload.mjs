// Sends its input as one binary message, whatever the length: node examples/node-upload.mjs ws://host/path < file
// A chunk is read when the one before it has left, so the memory needed is that of one chunk.

import process from 'node:process'
import { connect } from 'ringlet'

const [url] = process.argv.slice(2)
let wake = () => {}

async function send(socket, bytes, final) {
  // False: nothing of it was taken. onWritable says when there is room.
  while (!socket.sendFragment(bytes, 0, bytes.length, 2, final)) {
    await new Promise((resolve) => {
      wake = resolve
    })
  }
}

connect(url, {
  async onOpen(socket) {
    for await (const chunk of process.stdin) await send(socket, chunk, false)
    await send(socket, new Uint8Array(0), true)
    socket.close(1000)
  },
  onWritable: () => wake(),
  onText: (answer) => console.log(answer),
  onError: (error) => console.error(error.message),
  onClose(code, reason, wasClean) {
    // The rest of the input is of no use.
    process.exit(wasClean ? 0 : 1)
  },
})
