// A proxy on loopback that does to a connection what networks do. A fault is what one connection gets:
//
//   direction   'down', what comes to the client, or 'up', what it sends: where `at` counts
//   at          the octets that pass before `action`
//   action      'reset'   RST to the client
//               'fin'     FIN behind those octets; nothing follows
//               'hold'    both ways end there, and the sockets stay: a half-open connection
//               'stall'   nothing passes for `wait` ms, then all goes on
//               'flip'    the next octet has a bit turned
//               'deaf'    the client is not read any more
//   segment     every write has so many octets, and Nagle's algorithm is off
//   delay       ms for each chunk, both ways
//   rate        octets per ms, each way
//
// Each fault has a port of its own, so that whoever connects there gets it. The sockets are the proxy's alone.

import net from 'node:net'

const sleep = (delay) => new Promise((done) => setTimeout(done, delay))

class Passage {
  constructor(near, port, fault, tell) {
    this.near = near
    this.fault = fault
    /** What comes in that direction goes no further. */
    this.isOver = { up: false, down: false }
    this.passed = { up: [], down: [] }
    this.far = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [near, this.far]) socket.setNoDelay(true).on('error', () => {})
    near.on('close', () => this.far.destroy())
    if (fault.at === 0) this.act('down')
    Promise.all([this.carry('up', near, this.far), this.carry('down', this.far, near)]).then(() =>
      tell(this.passed),
    )
  }

  async carry(direction, from, to) {
    const { fault } = this
    const { action, at = Infinity, segment = Infinity, delay, rate } = fault
    const isHere = fault.direction === direction
    let offset = 0
    try {
      for await (const chunk of from) {
        if (delay) await sleep(delay)
        for (let start = 0; start < chunk.length && !this.isOver[direction]; ) {
          const left = isHere && offset < at ? at - offset : Infinity
          const end = Math.min(chunk.length, start + Math.min(segment, left))
          const piece = chunk.subarray(start, end)
          if (isHere && action === 'flip' && offset === at) piece[0] ^= 1
          await this.write(to, piece)
          this.passed[direction].push(piece.length)
          if (rate) await sleep(piece.length / rate)
          offset += end - start
          start = end
          if (isHere && offset === at) await this.act(direction)
        }
      }
      if (!this.isOver[direction]) await new Promise((done) => to.end(done))
    } catch {
      to.destroy()
    }
  }

  async write(to, piece) {
    if (to.destroyed) return
    await new Promise((done) => to.write(piece, done))
    // The other side's turn, so that it reads the segments one by one, most of the time.
    if (this.fault.segment) await new Promise((done) => setImmediate(done))
  }

  async act(direction) {
    const { near, far, isOver } = this
    const { action, wait } = this.fault
    if (action === 'reset') {
      near.resetAndDestroy()
      far.destroy()
    } else if (action === 'fin') {
      // What still comes is read, and goes no further.
      isOver[direction] = true
      ;(direction === 'down' ? near : far).end()
    } else if (action === 'hold') {
      isOver.up = isOver.down = true
    } else if (action === 'stall') {
      await sleep(wait)
    } else if (action === 'deaf') {
      await new Promise((done) => near.once('close', done))
    }
  }
}

/** Listens for one connection, which is carried to `port` and gets `fault`; `tell` hears what has passed. */
export function openPassage(port, fault, tell = () => {}) {
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    server.close()
    server.passage = new Passage(near, port, fault, tell)
  })
  return new Promise((done) => {
    server.listen({ port: 0, host: fault.host || '127.0.0.1' }, () => done(server))
  })
}
