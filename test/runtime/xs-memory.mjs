// What Ringlet costs in real XS, by its own meters: a gate of `npm run runtimes`, and the table of `npm run bench -- xs`.

import { startPeers } from './peers.mjs'
import { runInXs } from './xs.mjs'

/** Resolves to `{ what, size, cost }` of each measurement; `cost` is slots, bytes of chunks and, but for `idle`, steps. */
export async function measureInXs() {
  const peers = await startPeers()
  const results = []
  const { plain } = peers.places
  const job = {
    url: `${plain}/echo`,
    sinkUrl: `${plain}/request`,
    messagesUrl: `${plain}/messages`,
  }
  const onLine = (line) => line.startsWith('{"what":') && results.push(JSON.parse(line))
  const { code, output } = await runInXs('test/runtime/xs/memory-script.mjs', job, onLine, 120000)
  peers.stop()
  if (code !== 0 || results.length !== 11) throw new Error(`XS ended with ${code}: ${output}`)
  return results
}

/**
 * What `dist/ecma419.js` takes when it is loaded: slots, and bytes of chunks, most of which are its bytecode. On a device that
 * lies in ROM.
 */
export async function measureLoadInXs() {
  const { code, output } = await runInXs('test/runtime/xs/load-script.mjs', {}, () => {}, 60000)
  if (code !== 0) throw new Error(`XS ended with ${code}: ${output}`)
  return JSON.parse(output)
}

/**
 * The same measurements of a class with the interface of Moddable's WebSocketClient, at `path`: `{ what, size, cost }`, of
 * messages there and back, and idle.
 */
export async function measurePeerInXs(path) {
  const peers = await startPeers()
  const results = []
  const onLine = (line) => line.startsWith('{"what":') && results.push(JSON.parse(line))
  const job = { url: `${peers.places.plain}/echo` }
  const script = 'test/runtime/xs/peer-script.mjs'
  const { code, output } = await runInXs(script, job, onLine, 120000, () => {}, { peer: path })
  peers.stop()
  if (code !== 0) throw new Error(`XS ended with ${code}: ${output}`)
  return results
}

const MESSAGE = { slots: 0, chunks: 0 }

/** What an idle connection may hold at most, besides its rings and the socket. */
const IDLE = { slots: 60, chunks: 230 }

/** What may be taken until a connection is open. */
const OPENED = { slots: 1550, chunks: 44000 }

export const cases = [
  {
    name: 'xs: a message allocates no slot and no chunk, sent or received; opening a connection, and an idle one, stay within their bounds',
    async run() {
      let above
      for (let tries = 0; tries < 4; tries++) {
        const results = await measureInXs()
        // Each once: a socket that takes less than usual, on a busy machine, gets views of other pieces, which are made anew.
        above = results.filter(({ what, size, cost: [slots, chunks] }) => {
          const most = { idle: IDLE, opened: OPENED }[what] || MESSAGE
          return (
            (slots > most.slots || chunks > most.chunks) &&
            (!above || above.some((one) => one.what === what && one.size === size))
          )
        })
        if (!above.length) return
      }
      throw new Error(JSON.stringify(above))
    },
  },
]
