// What Ringlet costs in real XS, by its own meters: a gate of `npm run runtimes`, and the table of `npm run bench -- xs`.

import { startPeers } from './peers.mjs'
import { runInXs } from './xs.mjs'

/** Resolves to `{ what, size, cost }` of each measurement; `cost` is slots, bytes of chunks and, but for `idle`, steps. */
export async function measureInXs() {
  const peers = await startPeers()
  const results = []
  const job = { url: `${peers.places.plain}/echo`, sinkUrl: `${peers.places.plain}/request` }
  const onLine = (line) => line.startsWith('{"what":') && results.push(JSON.parse(line))
  const { code, output } = await runInXs('test/runtime/xs/memory-script.mjs', job, onLine, 120000)
  peers.stop()
  if (code !== 0 || results.length !== 7) throw new Error(`XS ended with ${code}: ${output}`)
  return results
}

/** What an idle connection may hold at most, besides its rings and the socket. */
const IDLE = { slots: 105, chunks: 280 }

export const cases = [
  {
    name: 'xs: a message allocates no slot and no chunk, sent or received; an idle connection stays within its bounds',
    async run() {
      let above
      for (let tries = 0; tries < 3; tries++) {
        above = (await measureInXs()).filter(({ what, cost: [slots, chunks] }) => {
          const isIdle = what === 'idle'
          return slots > (isIdle ? IDLE.slots : 0) || chunks > (isIdle ? IDLE.chunks : 0)
        })
        // Once: a socket that takes less than usual, on a busy machine, gets views of other pieces, which are made anew.
        if (!above.length) return
      }
      throw new Error(JSON.stringify(above))
    },
  },
]
