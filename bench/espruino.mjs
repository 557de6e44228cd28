// `npm run bench -- espruino --engine PATH`: what the bundles cost in the real Espruino, built for
// Linux: JsVars when loaded from text and from Storage, per connection, the
// largest message that comes back, and round trips per second. A build with a fixed heap shows what a board can hold.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'
import { runInEngine } from '../test/runtime/espruino/engine.mjs'

const { values } = parseArgs({ options: { engine: { type: 'string' } } })
if (!values.engine) {
  console.error('--engine: the path of an Espruino built for Linux is expected')
  process.exit(2)
}

const dist = (name) => readFileSync(fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url)))
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

/** Puts a bundle into the engine's Storage, a file in the folder. */
const store = (name) => {
  writeFileSync(join(folder, `${name}.js`), dist(name === 'ringlet' ? 'espruino' : name))
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
  await store('ringlet')
  await store('espruino-ws')
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
    var last
    Modules.addCached("net", 'exports.connect = function () { var s = { sckt: 1, w: "", L: {}, on: function (e, f) { s.L[e] = f }, ' +
      'write: function (d) { s.w = d }, end: function () {} }; global.last = s; return s }')
    global.last = undefined
    var socket = require("ringlet").connect("ws://h/", { onText: function () {} }, { random: random })
    var wire = global.last
    var key = wire.w.substr(wire.w.indexOf("Sec-WebSocket-Key: ") + 19, 24)
    wire.L.drain.call(wire)
    wire.L.data.call(wire, "HTTP/1.1 101 x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " +
      btoa(require("crypto").SHA1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) + "\\r\\n\\r\\n")
    function fastest(job) {
      var least = 1e9
      for (var i = 0; i < 40; i++) { var t = getTime(); job(); t = getTime() - t; if (t < least) least = t }
      return least
    }
    ;[20, 1000].forEach(function (size) {
      var text = "abcdefghij", chunks = []
      while (text.length < size) text += text
      text = text.substr(0, size)
      var frame = (size < 126 ? String.fromCharCode(129, size) : String.fromCharCode(129, 126, size >> 8, size)) + text
      for (var i = 0; i < frame.length; i += 536) chunks.push(frame.substr(i, 536))
      told("speed" + size, 1 / fastest(function () {
        socket.sendText(text)
        for (var i = 0; i < text.length + 8; i += 536) wire.L.drain.call(wire)
        chunks.forEach(function (chunk) { wire.L.data.call(wire, chunk) })
      }))
    })
    quit()`,
    120,
  )
  for (const size of [20, 1000]) {
    const speed = speeds[`speed${size}`]
    rows.push({
      name: `round trips a second, texts of ${size} bytes`,
      cost: speed && Math.round(speed),
    })
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
console.log('Round trips: processor time of this machine, the fastest of 40, without a network.')
