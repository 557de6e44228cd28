// Reports the load of this machine once a second: node main.mjs ws://host/path [count]
// Bundled and minified, with Ringlet in it, it is as small as the README says.

import { loadavg } from 'node:os'
import process from 'node:process'
import { connect } from 'ringlet/node'

const [url, count = 'Infinity'] = process.argv.slice(2)
let left = Number(count)

const socket = connect(
  url,
  {
    onOpen: report,
    onError: (error) => console.error(error.message),
    onClose: (code, _reason, wasClean) => process.exit(wasClean && code === 1000 ? 0 : 1),
  },
  { receiveBuffer: 256, sendBuffer: 256, maxMessageSize: 125, pingInterval: 30000 },
)

function report() {
  if (socket.readyState !== 1) return
  if (left-- <= 0) return socket.close(1000)
  // A false answer means that the network is behind: this reading is left out.
  socket.sendText(JSON.stringify({ sensor: 'load', value: loadavg()[0] }))
  setTimeout(report, left > 0 ? 1000 : 0)
}
