// The arguments: which there are, what `--help` says of them, and what a session is to do. Throws at wrong ones, with what
// was wrong and what was expected.

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

export const HELP = `usage: ringlet [options] ws://host/path | wss://host/path

On a terminal, each line that you type is sent as a text message, and messages are printed; /help lists the commands,
Ctrl+D closes. Otherwise standard input is sent, messages are written to standard output, and the end of the input closes
the connection.

what is sent and received
  -b, --binary              send binary messages, one for each piece of the input as it is read, and write no line ends
      --single-message      send all of the input as one message, in fragments
      --json                print what happens as lines of JSON
      --wait SECONDS        so long after the end of the input, close
      --no-close            do not close at the end of the input
      --messages COUNT      close when so many messages have come, and not at the end of the input
  -P, --show-ping-pong      print pings and pongs
      --progress            print how much has passed to standard error; --no-progress does not
the connection
  -s, --subprotocol NAME    offer this subprotocol; again for others, in order of preference
  -H, --header 'NAME: VALUE'  add a field to the request; again for others
      --compress            offer permessage-deflate
      --ping SECONDS        send pings so often, and end if no pong comes
      --max-size BYTES      the largest message to accept
      --connect-timeout SECONDS  until the connection is open; 10 by default, 0 for no limit
      --close-timeout SECONDS    of silence while closing; 30 by default, 0 for no limit
TLS
      --ca FILE             trust the authorities in this PEM file, and no others
      --cert FILE, --key FILE  the client's certificate and its key, in PEM
  -k, --insecure, --no-check   do NOT verify the server's certificate

  -h, --help                print this
  -V, --version             print the version

exit codes: 0 closed normally, 1 input or output failed, 2 wrong usage, 3 not connected, 4 refused by the server,
5 the server has broken the protocol or a limit, 6 closed with another code than 1000, 7 connection lost, 130 interrupted
`

const string = { type: 'string' }
const boolean = { type: 'boolean' }

const OPTIONS = {
  binary: { ...boolean, short: 'b' },
  'single-message': boolean,
  json: boolean,
  wait: string,
  'no-close': boolean,
  messages: string,
  'show-ping-pong': { ...boolean, short: 'P' },
  progress: boolean,
  'no-progress': boolean,
  subprotocol: { ...string, short: 's', multiple: true },
  header: { ...string, short: 'H', multiple: true },
  compress: boolean,
  ping: string,
  'max-size': string,
  'connect-timeout': string,
  'close-timeout': string,
  ca: string,
  cert: string,
  key: string,
  insecure: { ...boolean, short: 'k' },
  'no-check': boolean,
  help: { ...boolean, short: 'h' },
  version: { ...boolean, short: 'V' },
}

/** Of two, one at most. */
const EXCLUSIVE = [
  ['json', 'binary'],
  ['wait', 'no-close'],
  ['messages', 'wait'],
  ['messages', 'no-close'],
  ['progress', 'no-progress'],
  ['ca', 'insecure'],
  ['ca', 'no-check'],
]

const CONNECT_TIMEOUT = 10
const CLOSE_TIMEOUT = 30

/** What a session is to do; times are in milliseconds there. */
export function parseArguments(args) {
  const { values, positionals } = parse(args)
  const asksHelp = !!values.help
  const asksVersion = !!values.version
  if (asksHelp || asksVersion) return { asksHelp, asksVersion }
  const [url, ...more] = positionals
  if (!url) throw new Error('a URL is missing, expected ws://host/path or wss://host/path')
  // Not what they are, here and below: a header that was not quoted may be among them.
  if (more.length) throw new Error(`one URL is expected, and not ${more.length + 1} arguments`)
  for (const [one, other] of EXCLUSIVE) {
    if (values[one] !== undefined && values[other] !== undefined) {
      throw new Error(`--${one} and --${other} exclude each other`)
    }
  }
  const isInsecure = !!(values.insecure || values['no-check'])
  const milliseconds = (name, initial) => 1000 * numberOf(values, name, initial)
  return {
    url,
    isBinary: !!values.binary,
    isSingle: !!values['single-message'],
    isJson: !!values.json,
    showsPings: !!values['show-ping-pong'],
    /** Undefined: where it is of use. */
    showsProgress: values.progress || (values['no-progress'] ? false : undefined),
    wait: milliseconds('wait', 0),
    staysOpen: !!values['no-close'] || values.messages !== undefined,
    messages: wholeNumberOf(values, 'messages'),
    closeTimeout: milliseconds('close-timeout', CLOSE_TIMEOUT),
    isInsecure,
    compresses: !!values.compress,
    options: {
      protocols: values.subprotocol || [],
      headers: headersOf(values.header || []),
      pingInterval: milliseconds('ping', 0),
      maxMessageSize: wholeNumberOf(values, 'max-size'),
      handshakeTimeout: milliseconds('connect-timeout', CONNECT_TIMEOUT),
      tls: {
        ...pemOf(values, 'ca', 'CERTIFICATE'),
        ...pemOf(values, 'cert', 'CERTIFICATE'),
        ...pemOf(values, 'key', 'PRIVATE KEY'),
        ...(isInsecure ? { rejectUnauthorized: false } : {}),
      },
    },
  }
}

function parse(args) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // Behind the first sentence there is advice on how to have a positional argument.
    throw new Error(error.message.split(/\. To |\n/)[0])
  }
}

function numberOf(values, name, initial) {
  const { [name]: text } = values
  if (text === undefined) return initial
  if (!/^\d+(\.\d+)?$/.test(text))
    throw new Error(`--${name} ${text}: expected a number of seconds`)
  return Number(text)
}

/** Undefined if it was not given. */
function wholeNumberOf(values, name) {
  const { [name]: text } = values
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,15}$/.test(text)) {
    throw new Error(`--${name} ${text}: expected a whole number above 0`)
  }
  return Number(text)
}

/** Fields of one name become one: RFC 9110, section 5.3; those of cookies, RFC 6265, section 5.4. */
function headersOf(lines) {
  const fields = new Map()
  for (const line of lines) {
    const [, name, value] = /^([^:]+):[ \t]*(.*?)[ \t]*$/s.exec(line) || []
    if (!name) throw new Error("--header: expected 'NAME: VALUE'")
    const key = name.toLowerCase()
    const before = fields.get(key)
    const separator = key === 'cookie' ? '; ' : ', '
    fields.set(key, before ? [before[0], before[1] + separator + value] : [name, value])
  }
  return Object.fromEntries(fields.values())
}

function pemOf(values, name, label) {
  const { [name]: file } = values
  if (file === undefined) return {}
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`--${name} ${file}: ${error.message}`)
  }
  if (!new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(text)) {
    throw new Error(`--${name} ${file}: expected PEM with a ${label}`)
  }
  return { [name]: text }
}
