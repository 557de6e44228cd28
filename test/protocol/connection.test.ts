import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CONNECTING } from '../../src/protocol/connection'
import { ConnectionRun } from '../support/connection-run'
import { expectLog } from '../support/log'
import { wire } from '../support/wire'
import { connectionVectors } from '../vectors/connection'

const connections = suite('Connection')

for (const { name, run, log, ...options } of connectionVectors) {
  connections(name, () => {
    const splits = [[Infinity], [1], [2], [3], [5]]
    for (let at = 1; at < 60; at++) splits.push([at, Infinity])
    for (const sizes of splits) {
      for (const receiveRing of [256, 4096]) {
        const it = new ConnectionRun({ ...options, sizes, receiveRing })
        run(it)
        expectLog(it.lines, log, 'pieces of ' + sizes + ', ring of ' + receiveRing)
      }
    }
  })
}

connections('what is sent does not depend on how the network takes it', () => {
  for (const size of [1, 2, 7, 100, 255]) {
    const it = new ConnectionRun({ sendRing: 256 })
    it.connection.sendBinary(new Uint8Array(1000).fill(1), 0, 1000)
    it.connection.close(1000, 'bye')
    it.drain(size)
    const octets = it.lines
      .filter((line) => /^sent (binary|continuation)/.test(line))
      .reduce((total, line) => total + wire(line.split(' ')[2]).length, 0)
    assert.equal(
      [it.lines[1].slice(0, 11), octets, it.lines[it.lines.length - 1]],
      ['sent binary', 1000, 'sent close 1000 "bye"'],
      'by ' + size,
    )
  }
})

connections('bufferedAmount counts what is in the ring and what waits outside', () => {
  const it = new ConnectionRun({ sendRing: 256 })
  const { connection } = it
  const amounts = [connection.bufferedAmount]
  connection.sendText('Hello')
  amounts.push(connection.bufferedAmount)
  connection.sendBinary(new Uint8Array(1000), 0, 1000)
  amounts.push(connection.bufferedAmount)
  it.drain()
  amounts.push(connection.bufferedAmount)
  assert.equal(amounts, [0, 11, 1011, 0])
})

connections('a send that is refused leaves no trace in the ring', () => {
  const it = new ConnectionRun({ sendRing: 256 })
  it.connection.sendBinary(new Uint8Array(200), 0, 200)
  const before = Array.from(it.sendRing.bytes)
  const amount = it.connection.bufferedAmount
  assert.is(it.connection.sendText('x'.repeat(80)), false)
  assert.is(it.connection.ping(new Uint8Array(100)), false)
  assert.equal([it.connection.bufferedAmount, Array.from(it.sendRing.bytes)], [amount, before])
})

connections('a ping may have 125 octets; one that is refused is told when there is room', () => {
  const it = new ConnectionRun({ sendRing: 256 })
  const { connection } = it
  assert.is(connection.ping(new Uint8Array(125).fill(1)), true)
  assert.is(connection.ping(new Uint8Array(120).fill(2)), false)
  it.drain()
  assert.equal(it.lines, ['sent ping 01*125', 'writable'])
  it.attempt(() => connection.ping(new Uint8Array(126)))
  assert.is(it.lines[2], 'threw RangeError BAD_PING')
})

connections('`unsent` is the large message while it is kept, and no other', () => {
  const it = new ConnectionRun({ sendRing: 256 })
  const { connection } = it
  const large = new Uint8Array(1000)
  connection.sendText('small')
  const seen: unknown[] = [connection.unsent]
  it.drain()
  connection.sendBinary(large)
  seen.push(connection.unsent)
  it.drain()
  seen.push(connection.unsent)
  const text = 'x'.repeat(1000)
  connection.sendText(text)
  seen.push(connection.unsent)
  assert.ok(seen[1] === large)
  assert.equal([seen[0], seen[2], seen[3]], [undefined, undefined, text])
})

connections('closed before it is open, it is dropped', () => {
  const it = new ConnectionRun()
  it.connection.readyState = CONNECTING
  it.connection.close(1000)
  assert.equal(it.lines, ['abort'])
})

connections('a range that is none is refused', () => {
  const it = new ConnectionRun()
  const { connection } = it
  for (const [start, end] of [
    [0.5, 3],
    [0, 2.5],
    [-1, 3],
    [2, 1],
    [0, 5],
    [Number.NaN, 3],
  ]) {
    it.attempt(() => connection.sendBinary(new Uint8Array(4), start, end))
  }
  assert.equal(new Set(it.lines), new Set(['threw RangeError BAD_RANGE']))
})

connections.run()
