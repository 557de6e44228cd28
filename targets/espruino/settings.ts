// The options of `connect` on Espruino: what they are unless the user says otherwise, and which values they may have.

import { RANGE_ERROR, misuse } from './misuse'

/** Depends on how messages are delivered. */
const DEPENDS = -1

/** The defaults. What is a number counts bytes, frames or milliseconds. */
const SETTINGS = {
  receiveBuffer: 1024,
  sendBuffer: 1024,
  maxMessageSize: DEPENDS,
  maxFragments: DEPENDS,
  maxEmptyFragments: 1024,
  maxControlFrames: 65536,
  maxResponseHead: 4096,
  handshakeTimeout: 10000,
  closeTimeout: 5000,
  idleTimeout: 0,
  pingInterval: 0,
  pongTimeout: 10000,
  protocols: [] as string[],
  headers: {} as Record<string, string>,
  tls: {},
  random: '' as unknown as ((bytes: Uint8Array) => void) | undefined,
}

export type Settings = typeof SETTINGS & {
  /** The caller's memory, if bytes are to be delivered there. */
  _memory?: Uint8Array
}

const LEAST_RING = 256

/** The options, checked; those that are not given are the defaults, by the prototype. Nothing inherited is read. */
export function settingsOf(options: object, isStreaming: unknown): Settings {
  const defaults: Record<string, unknown> = SETTINGS
  const settings = Object.create(defaults)
  for (const name in defaults) {
    const isRing = /Buffer$/.test(name)
    // biome-ignore lint/suspicious/noPrototypeBuiltins: Espruino has no Object.hasOwn.
    let value = options.hasOwnProperty(name) ? (options as typeof defaults)[name] : undefined
    if (isRing && value instanceof Uint8Array) {
      if (name === 'receiveBuffer') settings._memory = value
      value = value.length
    }
    if (value !== undefined) {
      if (
        typeof defaults[name] === 'number' &&
        !(
          typeof value === 'number' &&
          value >= (isRing ? LEAST_RING : 0) &&
          value <= (isRing ? 1 << 30 : Infinity)
        )
      ) {
        misuse(RANGE_ERROR, 'BAD_OPTION', name + ' ' + value)
      }
      settings[name] = value
    } else if (defaults[name] === DEPENDS) {
      settings[name] = isStreaming
        ? Infinity
        : name === 'maxFragments'
          ? 1 << 20
          : settings.receiveBuffer
    }
  }
  return settings
}
