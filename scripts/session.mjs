// An interactive session: a line typed is a text message sent. It also works with input from a pipe: nothing is
// read faster than the connection takes it, and the end of the input is the end of the session.

import process from 'node:process'
import { createInterface } from 'node:readline'
import { connect } from '../dist/node.js'

const HELP = [
  'a line                    is sent as a text message; // sends one that begins with /',
  '/ping [text]              sends a ping',
  '/close [code [reason]]    begins the closing handshake, as the end of the input does',
  '/help                     prints this',
]
/** Bytes of a binary message that are shown. */
const SHOWN = 32
/** For the replies that are still on their way when the input ends. */
const CLOSE_TIMEOUT = 10000

/** What comes from outside must not steer the terminal. */
function printable(text) {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0'),
  )
}

function hex(bytes, start, end) {
  const shown = Buffer.from(bytes.subarray(start, Math.min(end, start + SHOWN)))
  const dots = end - start > SHOWN ? ' …' : ''
  return `${end - start} bytes: ` + shown.toString('hex').replace(/..(?=.)/g, '$& ') + dots
}

/** Resolves to the exit code: 0 after a clean close, 1 after any other end, 2 for a URL that cannot be used. */
export function session(url) {
  return new Promise((resolve) => {
    const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
    /** Lines that were read and have not been sent. */
    const lines = []
    let isOpen = false
    let inputHasEnded = false
    let hasFailed = false
    let input

    const print = (mark, text) => {
      if (isTerminal) process.stdout.write('\r\u001b[K')
      console.log(mark.padEnd(10) + printable(text).replaceAll('\n', '\n' + ' '.repeat(10)))
      if (isTerminal && input && !inputHasEnded) input.prompt(true)
    }
    const complain = (error) => {
      const [text] = String(error.message).split('\n')
      const code = error.cause && error.cause.code
      const detail = code && !text.includes(code) ? ` (${code})` : ''
      if (isTerminal) process.stdout.write('\r\u001b[K')
      console.error('error'.padEnd(10) + printable(text + detail))
    }

    /** False: it did not fit, and is to be tried again. */
    const perform = (line) => {
      const [, command, rest] = /^\/(\w*)\s*(.*)$/.exec(line) || []
      if (command === undefined || line.startsWith('//')) {
        return socket.sendText(line.startsWith('//') ? line.slice(1) : line)
      }
      if (command === 'ping') return socket.ping(new TextEncoder().encode(rest))
      if (command === 'close') {
        const [, code, reason] = /^(\S*)\s*(.*)$/.exec(rest)
        if (code) socket.close(Number(code), reason)
        else socket.close()
      } else if (command === 'help') {
        for (const help of HELP) print('', help)
      } else {
        throw new Error(`/${command}: no such command; /help lists them`)
      }
      return true
    }

    const drain = () => {
      while (isOpen && lines.length) {
        try {
          if (!perform(lines[0])) break
        } catch (error) {
          complain(error)
        }
        lines.shift()
      }
      if (!isOpen) return
      if (lines.length) input.pause()
      else if (inputHasEnded) socket.close(socket.readyState === 1 ? 1000 : undefined)
      else if (isTerminal) input.prompt(true)
      else input.resume()
    }

    let socket
    try {
      socket = connect(
        url,
        {
          onOpen() {
            isOpen = true
            print(
              'open',
              url.replace(/\/\/[^/]*@/, '//') + (isTerminal ? '   /help lists the commands' : ''),
            )
            drain()
          },
          onText: (text) => print('←', text),
          onBinary: (bytes, start, end) => print('←', hex(bytes, start, end)),
          onPing: (bytes, start, end) => print('ping', hex(bytes, start, end)),
          onPong: (bytes, start, end) => print('pong', hex(bytes, start, end)),
          onWritable: drain,
          onError(error) {
            hasFailed = true
            complain(error)
          },
          onClose(code, reason, wasClean) {
            inputHasEnded = true
            const wasOpen = isOpen
            isOpen = false
            input.close()
            process.stdin.destroy()
            if (wasOpen)
              print('close', `${code}${reason && ' ' + reason}${wasClean ? '' : ', not clean'}`)
            resolve(hasFailed || !wasClean ? 1 : 0)
          },
        },
        { closeTimeout: CLOSE_TIMEOUT },
      )
    } catch (error) {
      complain(error)
      resolve(2)
      return
    }

    input = createInterface({
      input: process.stdin,
      output: isTerminal ? process.stdout : undefined,
    })
    input.on('line', (line) => {
      lines.push(line)
      drain()
    })
    input.on('SIGINT', () => input.close())
    input.on('close', () => {
      inputHasEnded = true
      drain()
    })
  })
}
