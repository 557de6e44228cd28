// A real network between two namespaces: the client in one, the server in the other, and `link.py` between them. TCP's own
// retransmission, windows and timers are at work here, which no proxy can have. Needs root, Linux and /dev/net/tun.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, start } from '../conformance/processes.mjs'
import { root } from '../runtime/packages.mjs'
import { bulkLog, STEPS } from './conversation.mjs'

const NEAR = '10.203.0.1'
const FAR = '10.203.0.2'
const SIZE = 262144
const COMPLETE = STEPS.join(' | ')
const PATIENT = { handshakeTimeout: 0, closeTimeout: 0 }
const SOON = { handshakeTimeout: 3000, closeTimeout: 3000, idleTimeout: 3000 }
const ended = (count, id) =>
  [...STEPS.slice(0, count), `error ${id} 1006`, `close 1006 "${id}" unclean`].join(' | ')

/** What the link does, and, where it changes, after so many milliseconds. */
const LINKS = [
  ['50 ms each way', { delay: 50 }],
  ['10 to 60 ms each way, in any order', { delay: 10, jitter: 50 }],
  ['1 packet in 20 lost', { delay: 5, loss: 0.05 }],
  ['1 packet in 5 lost', { delay: 1, loss: 0.2 }],
  ['1 packet in 4 overtakes', { delay: 20, reorder: 0.25 }],
  ['1 packet in 4 comes twice', { delay: 5, repeat: 0.25 }],
  ['1 packet in 10 damaged', { delay: 1, damage: 0.1 }],
  ['packets of 100 octets', { mtu: 100, delay: 1 }],
  [
    'all of it',
    { delay: 5, jitter: 10, loss: 0.03, reorder: 0.1, repeat: 0.1, damage: 0.03, mtu: 576 },
  ],
]

/** Why this machine cannot: '' if it can. */
async function lack() {
  if (process.platform !== 'linux') return 'it is not Linux'
  if (process.getuid() !== 0) return 'this is not root'
  try {
    accessSync('/dev/net/tun', constants.W_OK)
    await run('ip', ['-V'])
    await run('python3', ['--version'])
  } catch (error) {
    return error.message.split('\n')[0]
  }
  return ''
}

/** Runs all; `check(name, problem)` for each. Resolves to why it could not, or ''. */
export async function meetLinks(check) {
  const reason = await lack()
  if (reason) return reason
  const [near, far] = ['near', 'far'].map((side) => `ringlet-${process.pid}-${side}`)
  const started = []
  try {
    for (const namespace of [near, far]) await run('ip', ['netns', 'add', namespace])
    const link = spawn('python3', [join(root, 'test/faults/link.py'), near, NEAR, far, FAR], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    started.push(link)
    await once(link.stdout, 'data')
    const set = async (what) => {
      link.stdin.write(`${JSON.stringify(what)}\n`)
      await once(link.stdout, 'data')
    }
    const inside = (namespace, ...command) => ['netns', 'exec', namespace, ...command]
    const server = spawn(
      'ip',
      inside(far, process.execPath, join(root, 'test/faults/link-server.mjs'), FAR),
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    started.push(server)
    const [text] = await once(server.stdout, 'data')
    const url = `ws://${FAR}:${Number(text)}/`
    /** Until so many more connections are open on both sides. */
    const opened = async (count) => {
      for (let seen = 0; seen < count; ) {
        const [text] = await once(server.stdout, 'data')
        seen += text.toString().split('open').length - 1
      }
      await sleep(1000)
    }
    /** Has the conversations of `cases`, all at once, in the near namespace. */
    const converse = async (name, cases) => {
      const folder = mkdtempSync(join(tmpdir(), 'ringlet-link-'))
      const file = join(folder, 'job.json')
      writeFileSync(
        file,
        JSON.stringify({
          atATime: 10,
          limit: 180000,
          cases: cases.map((one) => ({ url, ...one })),
        }),
      )
      let end
      const problems = []
      const client = start(
        'ip',
        inside(near, process.execPath, '--expose-gc', join(root, 'test/faults/client.mjs'), file),
        {
          cwd: root,
          onLine(line) {
            if (!line.startsWith('{')) return
            const told = JSON.parse(line)
            if (told.failed) problems.push(`${told.failed}: ${told.heard}`)
            else end = told
          },
        },
      )
      const code = await client.ended
      rmSync(folder, { recursive: true })
      if (!end) problems.push(`ended with ${code}: ${client.output}`)
      else if (end.left.length) problems.push(`${end.left.join(', ')} are left`)
      check(`link: ${name}`, problems.join('\n  '))
    }
    const good = [
      ...[256, 4096].map((ring) => ({
        name: `lockstep, rings of ${ring}`,
        script: 'lockstep',
        options: { ...PATIENT, receiveBuffer: ring, sendBuffer: ring },
        expected: [COMPLETE],
      })),
      ...[256, 4096].map((ring) => ({
        name: `${SIZE} octets there and back, rings of ${ring}`,
        script: 'bulk',
        size: SIZE,
        options: { ...PATIENT, receiveBuffer: ring, sendBuffer: ring, maxMessageSize: SIZE },
        expected: [bulkLog(SIZE)],
      })),
    ]
    for (const [name, what] of LINKS) {
      await set(what)
      await converse(name, good)
    }
    // The kernel's least: a window of a few segments.
    await set({ delay: 1 })
    for (const namespace of [near, far]) {
      for (const name of ['rmem', 'wmem']) {
        await run('ip', inside(namespace, 'sysctl', '-qw', `net.ipv4.tcp_${name}=2304 2304 2304`))
      }
    }
    await converse('the smallest windows', good)
    await set({ isDown: true })
    await converse('down from the beginning', [
      {
        name: 'no connection',
        script: 'lockstep',
        options: SOON,
        expected: [ended(0, 'HANDSHAKE_TIMEOUT')],
      },
    ])
    await set({ delay: 50 })
    const silent = { script: 'listen', options: SOON, expected: [ended(1, 'IDLE_TIMEOUT')] }
    const pinging = {
      script: 'listen',
      options: { ...PATIENT, pingInterval: 4000, pongTimeout: 2000 },
      expected: [ended(1, 'PONG_TIMEOUT')],
    }
    const closing = {
      script: 'shut',
      options: { ...PATIENT, closeTimeout: 2000 },
      expected: [ended(1, 'CLOSE_TIMEOUT')],
    }
    const going = converse('down once open, for good', [
      { name: 'nothing is said', ...silent },
      { name: 'pings', ...pinging },
      { name: 'closing', ...closing },
    ])
    await opened(3)
    await set({ isDown: true })
    await going
    await set({ delay: 50 })
    const back = converse('down for three seconds, and up again', good)
    await opened(1)
    await set({ isDown: true })
    await sleep(3000)
    await set({ delay: 1 })
    await back
  } finally {
    for (const child of started) child.kill('SIGKILL')
    for (const namespace of [near, far])
      await run('ip', ['netns', 'del', namespace]).catch(() => {})
  }
  return ''
}
