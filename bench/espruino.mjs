// `npm run bench -- espruino --engine PATH [--ws FILE]`: what the bundles cost in the real Espruino, built for Linux: JsVars
// when loaded from text and from Storage, and per connection, the largest message that comes back, and round trips per second,
// beside those of a module with the interface of Espruino's `ws`, such as that itself. A build with a fixed heap shows what a
// board can hold.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'
import { runInEngine } from '../test/runtime/espruino/engine.mjs'

const { values } = parseArgs({ options: { engine: { type: 'string' }, ws: { type: 'string' } } })
if (!values.engine) {
  console.error('--engine: the path of an Espruino built for Linux is expected')
  process.exit(2)
}

const dist = (name) => fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ringlet-bench-'))
const LARGEST = 65536

/** Runs a script in the engine; what it has told. */
async function run(script, seconds = 60) {
  const told = {}
  await runInEngine(values.engine, folder, script, {
    seconds,
    onTold: (name, value) => {
      told[name] = value
    },
  })
  return told
}

/** Puts a module into the engine's Storage, a file in the folder. */
const store = (name, file) => {
  writeFileSync(join(folder, `${name}.js`), readFileSync(file))
  return run(
    `require("Storage").write("${name}", require("fs").readFileSync("${name}.js")); quit()`,
  )
}

async function loaded(name, load) {
  const { cost } = await run(`
    setTimeout(function () {
      var before = process.memory().usage
      ${load}
      setTimeout(function () { told("cost", process.memory().usage - before); quit() }, 10)
    }, 10)`)
  return { name, cost }
}

const rows = []
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
server.on('connection', (peer) =>
  peer.on('message', (bytes, isBinary) => peer.send(bytes, { binary: isBinary })),
)
try {
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${server.address().port}/`
  const { memory } = await run('told("memory", process.memory()); quit()')
  await store('ringlet', dist('espruino'))
  await store('espruino-ws', dist('espruino-ws'))
  if (values.ws) await store('ws', values.ws)
  console.log(`${memory.total} JsVars of ${memory.blocksize} bytes`)
  rows.push(
    await loaded('loaded from Storage', 'require("ringlet")'),
    await loaded(
      'loaded from text',
      'Modules.addCached("ringlet", require("fs").readFileSync("ringlet.js"))',
    ),
    await loaded(
      'the drop-in, from Storage',
      'require("ringlet"); before = process.memory().usage; require("espruino-ws")',
    ),
  )
  const connection = await run(`
    var ringlet = require("ringlet"), rounds = 0, before
    function start() {
      before = process.memory().usage
      ringlet.connect("${url}", {
        onOpen: function (socket) {
          setTimeout(function () { told("open", process.memory().usage - before); socket.close(1000) }, 50)
        },
        onClose: function () {
          setTimeout(function () { told("closed", process.memory().usage - before); if (++rounds < 3) start(); else quit() }, 100)
        },
      }, { random: random })
      told("connecting", process.memory().usage - before)
    }
    setTimeout(start, 10)`)
  rows.push(
    { name: 'connecting', cost: connection.connecting },
    { name: 'open, idle', cost: connection.open },
    { name: 'after it has closed', cost: connection.closed },
  )

  /** Whether a text of this size comes back, by an engine that has done nothing before. */
  const echoes = async (size) => {
    const { length } = await run(
      `
      function start() {
        var text = "x"
        while (text.length * 2 <= ${size}) text += text
        text += text.substr(0, ${size} - text.length)
        require("ringlet").connect("${url}", {
          onOpen: function (socket) { socket.sendText(text) },
          onText: function (echo) { told("length", echo.length); quit() },
          onClose: function () { quit() },
        }, { random: random, maxMessageSize: ${size} })
      }
      setTimeout(start, 10)`,
      30,
    )
    return length === size
  }
  let most = 0
  let least = LARGEST * 2
  for (let size = 256; least > most * 1.1 && size <= LARGEST; ) {
    if (await echoes(size)) most = size
    else least = size
    size = least > LARGEST ? most * 2 : Math.round((most + least) / 2)
  }
  rows.push({ name: 'the largest text that came back, bytes', cost: most })

  const speeds = await run(
    `
    // From text: this build reads Storage from a file, 16 bytes at a time, where a board has it in its memory.
    Modules.addCached("ringlet", require("fs").readFileSync("ringlet.js"))
    if (${!!values.ws}) Modules.addCached("ws", require("fs").readFileSync("ws.js"))
    var wires = []
    Modules.addCached("net", 'exports.connect = function (o, connected) { var s = { sckt: 1, w: "", L: {}, on: function (e, f) { s.L[e] = f }, ' +
      'write: function (d) { s.w = d }, end: function () {} }; global.wires.push(s); if (connected) connected(s); return s }')
    function accept(wire) {
      var at = wire.w.indexOf("Sec-WebSocket-Key: ") + 19
      var key = wire.w.substring(at, wire.w.indexOf("\\r\\n", at))
      wire.L.data.call(wire, "HTTP/1.1 101 x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " +
        btoa(require("crypto").SHA1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) + "\\r\\n\\r\\n")
    }
    var socket = require("ringlet").connect("ws://h/", { onText: function () {}, onBinary: function () {} }, { random: random })
    wires[0].L.drain.call(wires[0])
    accept(wires[0])
    var WebSocket = ${!!values.ws} && require("ws"), ws
    if (WebSocket) {
      ws = new WebSocket("h", {})
      ws.on("message", function () {})
      accept(wires[1])
    }
    function arrive(wire, chunks) { chunks.forEach(function (chunk) { wire.L.data.call(wire, chunk) }) }
    function measure(size, times) {
      var text = "abcdefghij"
      while (text.length < size) text += text
      text = text.substr(0, size)
      var bytes = E.toUint8Array(text), fastest = {}
      function chunksOf(opcode) {
        var chunks = [], frame = String.fromCharCode(opcode, size < 126 ? size : 126) +
          (size < 126 ? "" : String.fromCharCode(size >> 8, size)) + text
        for (var i = 0; i < frame.length; i += 536) chunks.push(frame.substr(i, 536))
        return chunks
      }
      var ofText = chunksOf(129), ofBytes = chunksOf(130)
      function drain() { for (var i = 0; i < size + 8; i += 536) wires[0].L.drain.call(wires[0]) }
      var jobs = {
        text: function () { socket.sendText(text); drain(); arrive(wires[0], ofText) },
        binary: function () { socket.sendBinary(bytes); drain(); arrive(wires[0], ofBytes) },
      }
      if (ws) jobs.ws = function () { ws.send(text); arrive(wires[1], ofText) }
      function turn() {
        for (var name in jobs) {
          var time = getTime()
          jobs[name]()
          time = getTime() - time
          if (!(fastest[name] < time)) fastest[name] = time
        }
        // The events of ws come later, and are not counted.
        if (--times) setTimeout(turn, 1)
        else { for (var name in fastest) told(name + size, 1 / fastest[name]); size > 20 ? quit() : measure(1000, 40) }
      }
      turn()
    }
    setTimeout(measure, 10, 20, 400)`,
    120,
  )
  for (const size of [20, 1000]) {
    for (const [name, what] of Object.entries({
      text: 'text',
      binary: 'binary',
      ...(values.ws && { ws: `text by ${basename(values.ws)}` }),
    })) {
      const speed = speeds[name + size]
      rows.push({
        name: `round trips a second, ${size} bytes, ${what}`,
        cost: speed && Math.round(speed),
      })
    }
  }
} finally {
  server.close()
  for (const peer of server.clients) peer.terminate()
  rmSync(folder, { recursive: true, force: true })
}
const width = Math.max(...rows.map(({ name }) => name.length))
for (const { name, cost } of rows) {
  console.log(`${name.padEnd(width)}  ${String(cost ?? 'out of memory').padStart(13)}`)
}
console.log(
  'Round trips: time of this machine without a network, the fastest of 400 of 20 bytes and of 40 of 1,000, in turns.',
)
