// `npm run bench -- espruino-soak --engine PATH [--minutes 60] [--pace 100]`: messages for a long time in the real Espruino,
// built for Linux with a fixed heap: the bundle in its Storage, `pace` ms between two messages. Each is compared octet by
// octet on both sides: texts beyond ASCII and all octets, whole and by fragments, both ways, with pings among them; each
// connection ends after 500, by the client, by the server or without a Close frame. A line a minute says what is in use.
// Succeeds if nothing was wrong, and no more was in use in the last third than in the one before.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'
import { runInEngine } from '../test/runtime/espruino/engine.mjs'

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    pace: { type: 'string', default: '100' },
  },
})
const minutes = Number(values.minutes)
if (!values.engine || !(minutes > 0) || !(Number(values.pace) > 0)) {
  console.error('--engine PATH of an Espruino built for Linux, --minutes and --pace above 0')
  process.exit(2)
}

const bundle = fileURLToPath(new URL('../dist/espruino.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ringlet-soak-'))
/** Ends of connections, in turn. */
const ENDS = ['client', 'server', 'lost']
const ROUND = 500

/** Message `n`, the same as in the engine: four kinds in turn. */
function messageOf(n) {
  const length = (n * 7) % 56
  const text = n + ':' + 'ring é… 環😀'.repeat(length + 1)
  if (n % 2 === 0) return Buffer.from(text)
  return Buffer.from(Array.from({ length: length * 16 }, (_, i) => (n + i) & 255))
}

let wrong = 0
function complain(...what) {
  wrong++
  console.log('wrong:', ...what)
}

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
const counts = { messages: 0, pings: 0, pongs: 0, connections: 0 }
server.on('connection', (peer, request) => {
  counts.connections++
  let next = Number(request.url.slice(1))
  const end = ENDS[(next / ROUND) % ENDS.length]
  let owed = ''
  peer.on('pong', (bytes) => {
    counts.pongs++
    if (String(bytes) !== owed) complain('pong', String(bytes), owed)
    owed = ''
  })
  peer.on('message', (bytes, isBinary) => {
    const n = next++
    counts.messages++
    if (isBinary !== (n % 2 === 1) || !messageOf(n).equals(bytes)) complain('to the server', n)
    if (n % 3) {
      peer.send(bytes, { binary: isBinary })
    } else {
      // At a place that may be within a character, and a ping between.
      const middle = n % (bytes.length + 1)
      peer.send(bytes.subarray(0, middle), { binary: isBinary, fin: false })
      if (!owed) {
        owed = `${n}: ping`
        counts.pings++
        peer.ping(owed)
      }
      peer.send(bytes.subarray(middle), { binary: isBinary, fin: true })
    }
    if (next % ROUND === 0 && end === 'server') peer.close(4321, 'enough')
    if (next % ROUND === 0 && end === 'lost') setTimeout(() => peer.terminate(), 50)
  })
  peer.on('close', (code, reason) => {
    if (next % ROUND) complain('closed after', next, code, String(reason))
    else if (end === 'client' && (code !== 1000 || String(reason) !== 'done é')) {
      complain('closed with', code, String(reason))
    } else if (end === 'server' && code !== 4321) complain('closed with', code)
  })
})

const script = (url) => `
var ringlet = require("ringlet")
var unit = "ring \\xc3\\xa9\\xe2\\x80\\xa6 \\xe7\\x92\\xb0\\xf0\\x9f\\x98\\x80", done = "done \\xc3\\xa9", table = "", i, j
if (E.isUTF8("\\u20ac")) { unit = E.asUTF8(unit); done = E.asUTF8(done) }
for (i = 0; i < 256; i++) table += E.toString(i)
var n = 0, from = 0, wrong = 0, ends = 0, pongs = 0, most = 0, least = 1e9, expected, got, gotKind, ping, error, stop
function complain(what) { wrong++; told("wrong", what + " of " + n) }
// What is sent: its UTF-8, or bytes, as a string; for a whole text the text itself.
function make() {
  var length = n * 7 % 56, text = "", left
  if (n % 2) {
    text = table.substr(n & 255)
    while (text.length < length * 16) text += table
    return text.substr(0, length * 16)
  }
  // By += alone, characters behind a string of bytes would become bytes.
  text = n + ":" + unit
  while (length--) text += unit
  return text
}
function compare(message, kind) {
  if (message !== expected || kind !== (n % 2 ? 2 : 1)) complain("from the server")
  expected = undefined
  n++
  if (n % ${ROUND}) setTimeout(send, ${values.pace})
  else if (n / ${ROUND} % 3 == 1) socket.close(1000, done)
}
function send() {
  var all = make(), bytes, third
  var usage = process.memory().usage
  if (usage > most) most = usage
  if (usage < least) least = usage
  // Fragments come as bytes, whole texts as the board's strings.
  expected = streams ? utf8(all) : all
  got = ""
  if (n % 4 > 1) {
    bytes = E.toUint8Array(utf8(all))
    third = bytes.length / 3 | 0
    all = undefined
    socket.sendFragment(bytes, 0, third, n % 2 ? 2 : 1, false)
    socket.sendFragment(bytes, third, 2 * third, n % 2 ? 2 : 1, false)
    socket.sendFragment(bytes, 2 * third, bytes.length, n % 2 ? 2 : 1, true)
  } else if (n % 2) socket.sendBinary(E.toUint8Array(all))
  else socket.sendText(all)
  if (n % 10 == 0) { ping = "ping " + n; socket.ping(E.toUint8Array(ping)) }
}
function utf8(text) { return E.isUTF8(text) ? E.fromUTF8(text) : text }
var socket, streams
var whole = {
  onOpen: send,
  onText: function (text) { compare(text, 1) },
  onBinary: function (bytes, start, end) { compare(end ? E.toString(bytes) : "", 2) },
  // An empty one answers a ping of pingInterval.
  onPong: function (bytes, start, end) { pongs++; if (end && E.toString(bytes) !== ping) complain("pong") },
  onError: function (e) { error = e.id },
  onClose: function (code, reason, isClean) {
    var end = (n - ${ROUND}) / ${ROUND} % 3
    ends++
    if (n % ${ROUND} || (end === 0 ? code !== 1000 || !isClean || error : end === 1 ? code !== 4321 || reason !== "enough" || !isClean || error
      : code !== 1006 || isClean || error !== "CONNECTION_ENDED")) {
      complain("end " + code + " " + reason + " " + error)
      n = Math.ceil(n / ${ROUND}) * ${ROUND}
    }
    socket = error = ping = undefined
    setTimeout(start, 200)
  },
}
var byFragments = Object.create(whole)
byFragments.onFragment = function (bytes, start, end, kind, final) {
  if (end > start) got += E.toString(bytes)
  if (final) { var message = got; got = ""; compare(message, kind) }
}
function start() {
  if (stop) { told("end", [n, wrong, ends, pongs]); quit(); return }
  streams = (n / ${ROUND} & 1) === 1
  socket = ringlet.connect("${url}" + n, streams ? byFragments : whole, { random: random, pingInterval: 20000 })
}
setInterval(function () {
  told("minute", [n, least, most, wrong, ends, pongs])
  most = 0
  least = 1e9
}, 60000)
setTimeout(function () { stop = true }, ${minutes * 60000})
setTimeout(start, 10)`

const samples = []
let end
try {
  await once(server, 'listening')
  writeFileSync(join(folder, 'ringlet.js'), readFileSync(bundle))
  const onTold = (name, value) => {
    if (name === 'memory') console.log(`${value.total} JsVars of ${value.blocksize} bytes`)
    else if (name === 'wrong') complain(value)
    else if (name === 'end') end = value
    else {
      const [n, least, most, , ends, pongs] = value
      samples.push(value)
      console.log(
        `${samples.length} min: ${n} messages, ${least} to ${most} JsVars in use, ${ends} ends, ` +
          `${counts.pings} pings from the server, ${pongs} pongs from it`,
      )
    }
  }
  await runInEngine(
    values.engine,
    folder,
    'require("Storage").write("ringlet", require("fs").readFileSync("ringlet.js")); told("memory", process.memory()); quit()',
    { seconds: 60, onTold },
  )
  await runInEngine(values.engine, folder, script(`ws://127.0.0.1:${server.address().port}/`), {
    seconds: minutes * 60 + ROUND * Number(values.pace),
    onTold,
  })
} finally {
  server.close()
  for (const peer of server.clients) peer.terminate()
  rmSync(folder, { recursive: true, force: true })
}
if (!end) complain('it did not come to an end')
// The greatest use of each minute, in thirds of the run.
const third = Math.floor(samples.length / 3)
const peak = (from, to) => Math.max(...samples.slice(from, to).map(([, , most]) => most))
if (third && peak(2 * third) > peak(third, 2 * third) * 1.03) complain('memory grows')
console.log(
  `${counts.messages} messages, ${counts.connections} connections, ${counts.pings} pings answered by ${counts.pongs}: ${wrong} wrong`,
)
process.exitCode = wrong ? 1 : 0
