// What a client says over a faulty network, and what it must hear. Plain JavaScript: it runs in every runtime under test.
//
// In lockstep, so that the octets that have passed tell how far it has come: a text, 200 bytes, a ping, each echoed or
// answered before the next; then the closing handshake.

import { Checksum, fillPattern, showBytes, showText, toHex } from '../runtime/bytes.mjs'

const BINARY = fillPattern(new Uint8Array(200))

/** What is heard, step by step, if nothing goes wrong. */
export const STEPS = [
  'open',
  'text "hello"',
  'binary ' + showBytes(BINARY),
  'pong 70',
  'close 1000 "bye" clean',
]

/** Octets of each unit, behind the request and the response head. */
export const UP = [6 + 5, 8 + 200, 6 + 1, 6 + 5]
export const DOWN = [2 + 5, 4 + 200, 2 + 1, 2 + 5]

/** Handlers that write down what comes; `act` gets each line, and goes on. */
function listeners(log, act, over) {
  const say = (line, socket) => {
    log.push(line)
    act(line, socket)
  }
  return {
    onOpen: (socket) => say('open', socket),
    onText: (text, socket) => say('text ' + showText(text), socket),
    onBinary: (bytes, start, end, socket) => say('binary ' + showBytes(bytes, start, end), socket),
    // Those of the keepalive are empty.
    onPong: (bytes, start, end, socket) =>
      end > start && say('pong ' + toHex(bytes, start, end), socket),
    onError: (error) => log.push('error ' + error.id + ' ' + error.code),
    onClose(code, reason, wasClean) {
      log.push('close ' + code + ' "' + reason + '" ' + (wasClean ? 'clean' : 'unclean'))
      over()
    },
  }
}

const SCRIPTS = {
  lockstep(line, socket) {
    if (line === STEPS[0]) socket.sendText('hello')
    else if (line === STEPS[1]) socket.sendBinary(BINARY)
    else if (line === STEPS[2]) socket.ping(Uint8Array.of(0x70))
    else if (line === STEPS[3]) socket.close(1000, 'bye')
  },

  /** `size` octets there and back, more than fits into any buffer; then the same in lockstep. */
  bulk(line, socket, { size }) {
    if (line === 'open') socket.sendBinary(fillPattern(new Uint8Array(size)))
    else if (line.indexOf('binary') === 0) socket.close(1000, 'bye')
  },

  /** Sends until nothing more fits, and waits. */
  fill(line, socket, { isClosed }) {
    const bytes = new Uint8Array(4096)
    const more = () => {
      while (socket.readyState === 1 && socket.sendBinary(bytes));
    }
    if (line === 'open') {
      more()
      if (isClosed) socket.close(1000, 'bye')
    }
  },

  /** Says nothing. */
  listen() {},

  /** Closes, some time after it is open. */
  shut(line, socket) {
    if (line === 'open') setTimeout(() => socket.close(1000, 'bye'), 5000)
  },
}

/** What `bulk` hears of `size` octets. */
export function bulkLog(size) {
  const sum = new Checksum().add(fillPattern(new Uint8Array(size)))
  return ['open', 'binary ' + sum, 'close 1000 "bye" clean'].join(' | ')
}

/**
 * A conversation, from `connect` to a moment after its `onClose`; resolves to what was heard. `limit` is the most
 * milliseconds that it may take.
 */
export function converse(connect, { url, script, options, size, isClosed }, limit, setTimeout) {
  return new Promise((done) => {
    const log = []
    const late = setTimeout(() => done(log.concat('no end').join(' | ')), limit)
    const over = () => {
      clearTimeout(late)
      // Whatever comes too late comes now.
      setTimeout(() => done(log.join(' | ')), 5)
    }
    const act = (line, socket) => SCRIPTS[script](line, socket, { size, isClosed })
    connect(url, listeners(log, act, over), options)
  })
}

/**
 * Has all of `cases`, at most `atATime` at once; resolves to how many heard what they must. `say` is told of each other.
 */
export async function converseAll(connect, cases, { atATime, limit }, setTimeout, say) {
  let next = 0
  let passed = 0
  const work = async () => {
    while (next < cases.length) {
      const one = cases[next++]
      const heard = await converse(connect, one, limit, setTimeout)
      if (one.expected.includes(heard)) passed++
      else say({ failed: one.name, heard, expected: one.expected })
    }
  }
  const workers = []
  for (let i = 0; i < atATime; i++) workers.push(work())
  await Promise.all(workers)
  return passed
}

/** The same in two halves, with what `measure` says after each: what the first has warmed up does not count. */
export async function converseInHalves(connect, cases, limits, setTimeout, say, measure) {
  const half = cases.length >> 1
  const samples = []
  let passed = 0
  for (const some of [cases.slice(0, half), cases.slice(half)]) {
    passed += await converseAll(connect, some, limits, setTimeout, say)
    samples.push(await measure())
  }
  return { passed, samples }
}
