// What is printed on a terminal: text messages behind a mark, binary ones in hexadecimal, and what happens.

import { printable } from './printable.mjs'

/** Bytes of a binary message that are shown. */
const SHOWN = 32
const MARK = '< '
const WIDTH = 'binary '.length

export function terminalView(url, { showsPings, isInteractive, options }, print) {
  const tell = (name, text) => print(name.padEnd(WIDTH) + printable(text))
  const tellBytes = (name) => (bytes, start, end) => {
    const shown = Buffer.from(bytes.subarray(start, Math.min(end, start + SHOWN)))
    const hex = shown.toString('hex').replace(/..(?=.)/g, '$& ')
    const dots = end - start > SHOWN ? ' …' : ''
    tell(name, `${end - start} bytes${hex && ': '}${hex}${dots}`)
  }
  return {
    onOpen({ protocol, extensions }) {
      const chosen = [protocol, extensions].filter(Boolean).map((text) => ', ' + text)
      const help = isInteractive ? '   /help lists the commands, Ctrl+D closes' : ''
      tell('open', url + chosen.join('') + help)
    },
    onText: (text) =>
      print(MARK + printable(text).replaceAll('\n', '\n' + ' '.repeat(MARK.length))),
    onBinary: tellBytes('binary'),
    onPing: showsPings ? tellBytes('ping') : undefined,
    // Where none are sent by themselves, a pong answers what was typed.
    onPong: showsPings || !options.pingInterval ? tellBytes('pong') : undefined,
    onError: (error, text) => tell('error', text),
    onClose: (code, reason, wasClean) =>
      tell('close', `${code}${reason && ' ' + reason}${wasClean ? '' : ', not clean'}`),
  }
}
