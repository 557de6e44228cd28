// `npm run bench -- memory`: bytes of rings and buffers that a connection holds, by its options, after the largest message
// that it accepts. Exact: what lies in the rings.

import { Buffer } from 'node:buffer'
import type { Handlers } from '../src/client'
import { frame } from '../test/support/frames'
import { openClient } from '../test/support/open-client'
import { watch } from '../test/support/sink-decoders'
import { printTable } from './support/run-cell.mjs'

const FRAGMENTS: Handlers = { onFragment() {} }
const WHOLE: Handlers = { onBinary() {} }

/** The rings, how messages are delivered, and the largest message that comes. */
const ROWS: [ring: number, handlers: Handlers, largest: number][] = [
  [256, FRAGMENTS, 1 << 20],
  [1024, FRAGMENTS, 1 << 20],
  [4096, FRAGMENTS, 1 << 20],
  [256, WHOLE, 125],
  [1024, WHOLE, 1 << 10],
  [4096, WHOLE, 4000],
  [4096, WHOLE, 1 << 14],
  [4096, WHOLE, 1 << 16],
  [4096, WHOLE, 1 << 20],
]

const number = (value: number) => value.toLocaleString('en-US')

printTable([
  ['each ring, delivery', 'largest message', 'held', 'while it grows'],
  ...ROWS.map(([ring, handlers, largest]) => {
    let last = 0
    let before = 0
    const { client, receive } = openClient(handlers, {
      receiveBuffer: ring,
      sendBuffer: ring,
      maxMessageSize: largest,
    })
    watch(client.receiveRing, (size) => {
      before = last
      last = size
    })
    last = ring
    receive(frame(2, Buffer.alloc(largest)))
    if (client.readyState !== 1) throw new Error('the connection has failed')
    const held = client.receiveRing.bytes.length + client.sendRing.bytes.length
    return [
      number(ring) + (handlers === WHOLE ? ', whole' : ', fragments'),
      number(largest),
      number(held),
      number(last > ring ? held + before : held),
    ]
  }),
])
