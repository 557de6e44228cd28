// CPU per compressed message received, Ringlet beside ws, over a real socket.
//
//   node --import tsx bench/deflate.ts             all cells, 7 rounds
//   node --import tsx bench/deflate.ts --rounds=3
//
// A sender in a process of its own replays a stream that zlib has compressed, over plain TCP, so that the sender costs
// nothing that differs. Each cell runs in a fresh process; within a round both libraries run one after the other,
// and the first one changes from round to round. What counts is user and system time of the receiving process per
// message, from the second part of the stream on; the ratio is that of the pair of a round, and its median over the
// rounds is what is compared with the goal.

import { Buffer } from 'node:buffer'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import net from 'node:net'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import zlib from 'node:zlib'
import WebSocket from 'ws'
import { frame } from '../test/support/frames'

const file = fileURLToPath(import.meta.url)

interface Cell {
  size: number
  /** Messages in a block of the stream, which is sent `blocks` times. */
  block: number
  blocks: number
  /** Of these are warm-up. */
  warmUp: number
  goal: number
}

const CELLS: Record<string, Cell> = {
  '1 KiB': { size: 1024, block: 500, blocks: 120, warmUp: 40, goal: 0.35 },
  '64 KiB': { size: 65536, block: 40, blocks: 60, warmUp: 20, goal: 0.7 },
}

/** JSON-like text that differs from message to message, and is alike. */
function text(size: number, seed: number): Buffer {
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 4294967296) * below)
  }
  const names = ['temperature', 'humidity', 'pressure', 'battery', 'signal', 'position']
  let all = ''
  while (all.length < size) {
    all += JSON.stringify({
      id: random(1000000),
      device: 'sensor-' + random(500),
      kind: names[random(6)],
      value: random(100000) / 100,
      at: 1700000000000 + random(1000000000),
      ok: random(10) > 0,
    })
  }
  return Buffer.from(all.slice(0, size))
}

/**
 * Plays the server: answers each handshake, and sends the stream. Nothing in a block refers to what came before it, so
 * it may be sent again and again.
 */
async function sender(name: string): Promise<void> {
  const { size, block, blocks } = CELLS[name]
  const stream = zlib.createDeflateRaw({ level: 6 })
  const parts: Buffer[] = []
  stream.on('data', (part: Buffer) => parts.push(part))
  const frames: Uint8Array[] = []
  for (let i = 0; i < block; i++) {
    stream.write(text(size, i + 1))
    await new Promise<void>((resolve) => stream.flush(zlib.constants.Z_SYNC_FLUSH, resolve))
    frames.push(frame(1, Buffer.concat(parts.splice(0)).subarray(0, -4), true, 4))
  }
  const bytes = Buffer.concat(frames)
  const server = net.createServer((socket) => {
    let head = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      if (head.includes('\r\n\r\n')) return
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      const key = /Sec-WebSocket-Key: (\S+)/i.exec(head)![1]
      const accept = createHash('sha1')
        .update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
        .digest('base64')
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          'Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Accept: ' +
          accept +
          '\r\n\r\n',
      )
      let left = blocks
      const send = () => {
        while (left > 0) {
          left--
          if (!socket.write(bytes)) return void socket.once('drain', send)
        }
      }
      send()
    })
  })
  server.listen(0, '127.0.0.1', () => {
    process.send!({ port: (server.address() as net.AddressInfo).port, bytes: bytes.length })
  })
}

/** What the user gets: the text as a string, or its checked bytes as they come. */
const WAYS = ['as a string', 'as bytes']

/** Receives the stream, and tells its CPU time per message and what came. */
async function receiver(library: string, name: string, way: string, port: number): Promise<void> {
  const { size, block, blocks, warmUp } = CELLS[name]
  const url = 'ws://127.0.0.1:' + port + '/'
  const total = block * blocks
  let messages = 0
  let octets = 0
  let sum = 0
  let last = 0
  let before = process.cpuUsage()
  const onMessage = (octet: number) => {
    messages++
    sum = (sum * 31 + octet) >>> 0
    if (messages === block * warmUp) before = process.cpuUsage()
    if (messages === total) {
      const { user, system } = process.cpuUsage(before)
      if (octets !== total * size)
        throw new Error(octets + ' octets, ' + total * size + ' expected')
      const cpu = (user + system) / (block * (blocks - warmUp))
      process.send!({ cpu, sum }, () => process.exit(0))
    }
  }
  const onText = (text: string) => {
    octets += text.length
    onMessage(text.charCodeAt(text.length - 1))
  }
  if (library === 'ws') {
    const socket = new WebSocket(url, { perMessageDeflate: true })
    socket.on('message', (bytes: Buffer) => {
      if (way === WAYS[0]) return onText(bytes.toString())
      octets += bytes.length
      onMessage(bytes[bytes.length - 1])
    })
    socket.on('error', (error) => {
      throw error
    })
  } else {
    const bundle = (entry: string) => new URL('../dist/' + entry, import.meta.url).href
    const node = (await import(bundle('node.js'))) as typeof import('../targets/node')
    const extension = (await import(
      bundle('deflate.js')
    )) as typeof import('../src/deflate/deflate')
    node.connect(
      url,
      {
        ...(way === WAYS[0]
          ? { onText }
          : {
              onFragment(
                bytes: Uint8Array,
                start: number,
                end: number,
                _kind: 1 | 2,
                final: boolean,
              ) {
                octets += end - start
                // The last span may be empty.
                if (start < end) last = bytes[end - 1]
                if (final) onMessage(last)
              },
            }),
        onError(error) {
          throw error
        },
      },
      { extensions: [extension.inflate()] },
    )
  }
}

/** A process of this file; resolves to its first message. */
function start<T>(...args: string[]): Promise<{ child: ChildProcess; message: T }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child.on('message', (message) => resolve({ child, message: message as T }))
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(args.join(' ') + ' ended with ' + code)))
  })
}

const median = (values: number[]) => values.slice().sort((a, b) => a - b)[values.length >> 1]

async function compare(rounds: number): Promise<void> {
  const cpu: Record<string, number[]> = {}
  for (const [name, { size, block, blocks }] of Object.entries(CELLS)) {
    const { child, message } = await start<{ port: number; bytes: number }>('sender', name)
    const { port, bytes } = message
    console.log(
      name +
        ': ' +
        block * blocks +
        ' messages, ' +
        Math.round((1000 * bytes) / (size * block)) / 10 +
        ' % compressed',
    )
    for (let round = 0; round < rounds; round++) {
      for (const way of WAYS) {
        const sums: number[] = []
        for (const library of round % 2 ? ['ws', 'ringlet'] : ['ringlet', 'ws']) {
          const one = await start<{ cpu: number; sum: number }>(
            'receiver',
            library,
            name,
            way,
            String(port),
          )
          const key = [name, way, library].join()
          cpu[key] = [...(cpu[key] || []), one.message.cpu]
          sums.push(one.message.sum)
        }
        if (sums[0] !== sums[1]) throw new Error('not the same messages: ' + name)
        const [ours, theirs] = ['ringlet', 'ws'].map(
          (library) => cpu[[name, way, library].join()][round],
        )
        console.log(
          '  round ' +
            (round + 1) +
            ', ' +
            way +
            ': ringlet ' +
            ours.toFixed(1) +
            ' µs, ws ' +
            theirs.toFixed(1) +
            ' µs, ' +
            (ours / theirs).toFixed(2),
        )
      }
    }
    child.removeAllListeners('exit')
    child.kill()
  }
  console.log(
    '\nCPU per compressed message received, µs, median; ratio: the median of the pairs of ' +
      rounds +
      ' rounds\n',
  )
  const columns = [10, 14, 10, 10, 8, 8, 8]
  const line = (cells: string[]) =>
    console.log(
      cells
        .map((cell, i) => (i < 2 ? cell.padEnd(columns[i]) : cell.padStart(columns[i])))
        .join(''),
    )
  line(['message', 'delivered', 'ringlet', 'ws', 'ratio', 'goal', ''])
  for (const [name, { goal }] of Object.entries(CELLS)) {
    for (const way of WAYS) {
      const [ours, theirs] = ['ringlet', 'ws'].map((library) => cpu[[name, way, library].join()])
      const ratio = median(ours.map((one, i) => one / theirs[i]))
      const numbers = [
        median(ours).toFixed(1),
        median(theirs).toFixed(1),
        ratio.toFixed(2),
        goal.toFixed(2),
      ]
      line([name, way, ...numbers, ratio <= goal ? 'met' : 'above'])
    }
  }
}

const [role = '', ...rest] = process.argv.slice(2)
if (role === 'sender') await sender(rest[0])
else if (role === 'receiver') await receiver(rest[0], rest[1], rest[2], Number(rest[3]))
else await compare(Number(/^--rounds=(\d+)$/.exec(role)?.[1] || 7))
