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

  /** The rate of a client whose `start(ready, got)` calls `ready(send)` once it is open, and `got` at each text. */
  const rateOf = async (start, size, trips) => {
    const { rate } = await run(
      `
      ${start}
      var text = "abcdefghij", send, left, begun, blocks = 0, least = 1e9
      while (text.length < ${size}) text += text
      text = text.substr(0, ${size})
      function block() {
        left = ${trips}
        begun = getTime()
        send(text)
      }
      function got() {
        if (--left) return send(text)
        var time = getTime() - begun
        // The first is none of a client at work.
        if (blocks++ && time < least) least = time
        if (blocks < 12) block()
        else { told("rate", ${trips} / least); quit() }
      }
      setTimeout(function () { start(function (open) { send = open; block() }, got) }, 10)`,
      60,
    )
    return rate || 0
  }
  const { port } = server.address()
  const clients = {
    'text by ringlet': `function start(ready, got) {
      require("ringlet").connect("${url}", {
        onOpen: function (socket) { ready(function (text) { socket.sendText(text) }) },
        onText: got,
      }, { random: random })
    }`,
    'binary by ringlet': `function start(ready, got) {
      require("ringlet").connect("${url}", {
        onOpen: function (socket) { ready(function (text) { socket.sendBinary(E.toUint8Array(text)) }) },
        onBinary: got,
      }, { random: random })
    }`,
  }
  if (values.ws) {
    clients[`text by ${basename(values.ws)}`] = `function start(ready, got) {
      var WebSocket = require("ws"), ws = new WebSocket("127.0.0.1", { port: ${port} })
      ws.on("open", function () { ready(function (text) { ws.send(text) }) })
      ws.on("message", got)
    }`
    await store('ws', values.ws)
  }
  for (const size of [20, 1000]) {
    const rates = {}
    // In turns, so that what else the machine does meets all of them.
    for (let round = 0; round < 5; round++) {
      for (const name in clients) {
        const rate = await rateOf(clients[name], size, size > 100 ? 6 : 40)
        rates[name] = Math.max(rates[name] || 0, rate)
      }
    }
    for (const name in clients) {
      rows.push({
        name: `round trips a second, ${size} bytes of ${name}`,
        cost: Math.round(rates[name]),
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
console.log('Round trips: over loopback, the fastest of 5 runs of 11 measurements each.')
