// examples/espruino-sensor over the stand-in: it reports, obeys, and connects again.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type WebSocket, WebSocketServer } from 'ws'
import { BUNDLE } from '../runtime/espruino/environment.mjs'
import { Espruino } from '../runtime/espruino/stand-in.mjs'

const example = suite('examples/espruino-sensor')
const source = fileURLToPath(new URL('../../examples/espruino-sensor/main.js', import.meta.url))

example('reports, obeys, and connects again', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const folder = mkdtempSync(join(tmpdir(), 'ringlet-espruino-'))
  const file = join(folder, 'main.js')
  writeFileSync(
    file,
    readFileSync(source, 'utf8')
      .replace(/ws:\/\/[^']+/, 'ws://127.0.0.1:' + port + '/sensor')
      .replace('INTERVAL = 10000', 'INTERVAL = 20')
      .replace(/delay = 1000/g, 'delay = 1'),
  )
  const engine = new Espruino({ board: 'ESP32' })
  engine.addModule('ringlet', BUNDLE)
  const log: string[] = []
  let noise = 0
  let timers: NodeJS.Timeout[] = []
  const connected = () => once(server, 'connection') as Promise<[WebSocket]>
  try {
    const first = connected()
    engine.load(file, {
      A0: 1,
      LED1: 2,
      analogRead: () => (noise = (noise * 7 + 3) % 101) / 101,
      digitalWrite: (pin: number, value: number) => log.push('pin ' + pin + ' is ' + value),
      getTime: () => Date.now() / 1000,
      setInterval: (callback: (value: unknown) => void, delay: number, value: unknown) => {
        timers.push(setInterval(callback, delay, value))
        return timers.length
      },
      clearInterval: (id: number) => clearInterval(timers[id - 1]),
      console: { log: (text: string) => log.push(text) },
    })
    let [peer] = await first
    for (let i = 0; i < 3; i++) {
      assert.is(String(((await once(peer, 'message')) as [Buffer])[0]), '{"temperature":21.5}')
    }
    peer.send('led on')
    await once(peer, 'message')
    // The connection is closing for a while: several reports are due in that time, and none may be sent.
    const transport = (peer as unknown as { _socket: Socket })._socket
    const end = transport.end.bind(transport)
    transport.end = () => {
      setTimeout(() => end(), 100)
      return transport
    }
    const second = connected()
    peer.close(1001, 'restart')
    ;[peer] = await second
    await once(peer, 'message')
    assert.equal(log, ['pin 2 is 1', 'closed: 1001 restart'])
  } finally {
    for (const timer of timers) clearInterval(timer)
    timers = []
    for (const peer of server.clients) peer.terminate()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
  // It would connect for ever.
  engine.stop()
})

example.run()
