// 100 MB through the command line, in both directions: nothing is lost, and memory does not grow with what passes through,
// also where one side is slow. "Slow" is a side that does nothing until all others have come to a standstill.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { WebSocket } from 'ws'
import { echo, withServer } from '../support/command-line'

const transfer = suite('transfer through the command line')
const SIZE = 100_000_000
/** Enough for all buffers on the way, and where each message costs. */
const LESS = 80_000_000
const CHUNK = 1 << 16
/** More than what a process needs that moves next to nothing, and less than what one would that holds nothing back. */
const MOST_MEMORY = 70_000_000

const program = fileURLToPath(new URL('../../cli/ringlet.mjs', import.meta.url))
const preload = fileURLToPath(new URL('../support/print-peak-memory.cjs', import.meta.url))

class Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly output = createHash('sha256')
  readonly input = createHash('sha256')
  written = 0
  read = 0
  err = ''

  constructor(args: string[]) {
    this.child = spawn(process.execPath, ['-r', preload, program, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    }) as ChildProcessWithoutNullStreams
    this.child.stderr.on('data', (text) => (this.err += text))
    this.child.stdin.on('error', () => undefined)
  }

  /** Begins to read. */
  readOutput(): void {
    this.child.stdout.on('data', (chunk) => {
      this.read += chunk.length
      this.output.update(chunk)
    })
  }

  /** Writes `size` bytes, none of which are told beforehand, and the end. */
  async writeInput(size: number, next: () => Buffer): Promise<void> {
    const { stdin } = this.child
    while (this.written < size) {
      const chunk = next()
      this.input.update(chunk)
      this.written += chunk.length
      if (!stdin.write(chunk)) await once(stdin, 'drain')
    }
    stdin.end()
  }

  /** The exit code, what was said, and the memory that it took, in bytes. */
  async end(): Promise<{ code: number; err: string; memory: number }> {
    let memory = ''
    ;(this.child.stdio[3] as Readable).on('data', (text) => (memory += text))
    const [code] = await once(this.child, 'close')
    return { code, err: this.err, memory: Number(memory) * 1024 }
  }
}

/** Bytes, or text of whole lines, that do not repeat. */
function source(isText: boolean): () => Buffer {
  let seed = 1
  return () => {
    const bytes = Buffer.alloc(CHUNK)
    for (let i = 0; i < CHUNK; i += 4)
      bytes.writeInt32LE((seed = (seed * 1664525 + 1013904223) | 0), i)
    return isText ? Buffer.from(bytes.toString('hex').replace(/.{199}/g, '$&\n') + '\n') : bytes
  }
}

/** Waits until `count` has not changed for a while. */
async function standstill(count: () => number): Promise<void> {
  for (let last = -1, times = 0; times < 10; await sleep(50)) {
    times = count() === last ? times + 1 : 0
    last = count()
  }
}

/** The memory that it takes to move next to nothing. */
let least = 0

transfer.before(() =>
  withServer(echo, async (url) => {
    const running = new Running(['-b', url])
    running.readOutput()
    running.writeInput(CHUNK, source(false))
    least = (await running.end()).memory
    assert.ok(least > 1e7, 'the memory is not measured')
  }),
)

for (const isText of [false, true]) {
  transfer((isText ? 'lines' : 'bytes') + ' come back from an echo', () =>
    withServer(echo, async (url) => {
      const running = new Running(isText ? [url] : ['-b', url])
      const end = running.end()
      running.readOutput()
      running.writeInput(isText ? LESS / 4 : SIZE, source(isText))
      const { code, err, memory } = await end
      assert.equal([code, err], [0, ''])
      assert.is(running.read, running.written)
      assert.is(running.output.digest('hex'), running.input.digest('hex'))
      assert.ok(memory - least < MOST_MEMORY, `${memory - least} bytes`)
    }),
  )
}

transfer('a server that does not read holds the input back', () => {
  const received = createHash('sha256')
  let peer: WebSocket | undefined
  return withServer(
    (one) => {
      peer = one
      one.pause()
      one.on('message', (bytes) => received.update(bytes as Buffer))
    },
    async (url) => {
      const running = new Running(['-b', url])
      const end = running.end()
      running.writeInput(SIZE, source(false))
      await standstill(() => running.written + (peer ? 0 : Math.random()))
      assert.ok(running.written < SIZE / 2, `${running.written} bytes were taken`)
      peer!.resume()
      const { code, err, memory } = await end
      assert.equal([code, err], [0, ''])
      assert.is(received.digest('hex'), running.input.digest('hex'))
      assert.ok(memory - least < MOST_MEMORY, `${memory - least} bytes`)
    },
  )
})

for (const kind of ['messages', 'one message', 'texts'] as const) {
  transfer(`a reader of the output that does not read holds the server back: ${kind}`, () => {
    const sent = createHash('sha256')
    let count = 0
    return withServer(
      async (peer) => {
        const next = source(kind === 'texts')
        while (count < LESS) {
          const chunk = next()
          count += chunk.length
          sent.update(chunk)
          // A text's last line end is not in the message: it is written by the command line.
          const bytes = kind === 'texts' ? chunk.subarray(0, -1).toString() : chunk
          const fin = kind !== 'one message' || count >= LESS
          await new Promise((resolve) => peer.send(bytes, { fin }, resolve))
        }
        peer.close(1000)
      },
      async (url) => {
        const running = new Running(kind === 'texts' ? [url] : ['-b', url])
        const end = running.end()
        await once(running.child.stdout, 'readable')
        await standstill(() => count)
        assert.ok(count < LESS / 2, `${count} bytes were sent`)
        running.readOutput()
        const { code, err, memory } = await end
        assert.equal([code, err], [0, ''])
        assert.is(running.output.digest('hex'), sent.digest('hex'))
        assert.ok(memory - least < MOST_MEMORY, `${memory - least} bytes`)
      },
    )
  })
}

transfer.run()
