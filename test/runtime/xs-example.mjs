// The example for Moddable in real XS: it reports, loses its connection, and connects again.

import { deepStrictEqual } from 'node:assert'
import { startPeers } from './peers.mjs'
import { runInXs, startBridge } from './xs.mjs'

export const cases = [
  {
    name: 'xs example: the sensor reports over wss, and connects again when the connection is lost',
    async run() {
      const { places, ca, stop } = await startPeers()
      const bridge = await startBridge(ca)
      const traced = []
      const { code, output } = await runInXs(
        'test/runtime/xs/sensor-script.mjs',
        {
          config: {
            url: `${places.secure}/terminate?late=1`,
            interval: 1000,
            retry: 20,
            secure: { bridge: bridge.port, trusts: true },
          },
        },
        (line) => line.startsWith('traced ') && traced.push(line.slice(7)),
        30000,
      )
      stop()
      bridge.stop()
      if (code !== 0) throw new Error(`XS ended with ${code}: ${output}`)
      const lost = ['open', 'CONNECTION_ENDED: without a Close frame', 'closed 1006']
      deepStrictEqual(traced, [...lost, ...lost, 'open'])
    },
  },
]
