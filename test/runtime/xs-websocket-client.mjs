// The class in place of Moddable's WebSocket client, in real XS: what its callbacks say, case by case.

import { deepStrictEqual } from 'node:assert'
import { startPeers } from './peers.mjs'
import { runInXs } from './xs.mjs'

const EXPECTED = {
  'a text, a binary message and a message in pieces come back; it closes': [
    'writable 4082',
    '1,2,8,9,10',
    'room 4073',
    'readable 3 text',
    'read 68c3a9',
    'readable 2 binary',
    'read 0102',
    'readable 2 text',
    'read 6162',
    'control 8 03e8',
    'closed',
  ],
  'what is not read is kept, and holds the rest back': [
    'writable 4082',
    'readable 4 binary',
    'read 01',
    'later 2 0203',
    'one 4, then undefined',
    'readable 1 binary',
    'read 05',
    'control 8 03e8',
    'closed',
  ],
  'a ping is answered, and told; so is a pong': [
    'writable 4082',
    'control 9 00ff',
    'readable 13 text',
    'got pong 00ff',
    'control 10 07',
    'readable 11 text',
    'got ping 07',
    'control 8 03e8',
    'closed',
  ],
  'a pong without a ping may be written': [
    'writable 4082',
    'readable 11 text',
    'read 676f7420706f6e67203031',
    'control 8 03e8',
    'closed',
  ],
  'a continuation of nothing, which Moddable delivers, is an error': ['writable 4082', 'error'],
  'a masked frame is an error': ['writable 4082', 'error'],
  'a wrong accept value is an error': ['error'],
  'refused: an error, once': ['error'],
  'misuse throws': [
    'BAD_OPTION',
    'BAD_OPTION',
    'BAD_HEADER',
    'NO_ROOM',
    'BAD_BYTES',
    'BAD_TEXT',
    'BAD_KIND',
    'BAD_PING',
    'undefined',
    'NOT_OPEN',
    'writable 4082',
    'control 8 03e8',
    'closed',
  ],
  'onWritable comes again when what was written has left': [
    'writable 4082',
    'writable 4082',
    'control 8 03e8',
    'closed',
  ],
}

export const cases = [
  {
    name: `xs websocket-client: ${Object.keys(EXPECTED).length} conversations`,
    async run() {
      const { places, stop } = await startPeers()
      const logs = {}
      const { code, output } = await runInXs(
        'test/runtime/xs/websocket-client-script.mjs',
        { url: places.plain, refused: places.refused },
        (line) => {
          if (!line.startsWith('{"name":')) return
          const { name, log } = JSON.parse(line)
          logs[name] = log
        },
        60000,
      )
      stop()
      if (code !== 0) throw new Error(`XS ended with ${code}: ${output}`)
      deepStrictEqual(logs, EXPECTED)
    },
  },
]
