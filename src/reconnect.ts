// Connects again when a connection has ended, over any target's `connect`: exponential backoff with full jitter, as
// RFC 6455 section 7.2.3 asks for.
//
// Memory: the two rings are taken once, or are the caller's, and every connection gets the same. One connection is over
// before the next begins.

import type { ClientOptions, Handlers, Socket } from './client'
import { consistsOf } from './protocol/characters'
import { ownProperties } from './protocol/own-properties'
import { errorOf, type RingletError } from './protocol/protocol-error'

/** Where a host has them. */
declare const setTimeout: (callback: () => void, delay: number) => unknown
declare const clearTimeout: (timer: never) => void

/** How a connection, or a try to make one, has ended. */
export interface Ended {
  /** As `onClose` of a socket is given them. */
  code: number
  reason: string
  wasClean: boolean
  /** Why it failed: what `onError` was given. `status` and `headers` of it tell what a server has answered. */
  error: RingletError | undefined
  /** Ends in a row without a connection that was stable, this one included. */
  failures: number
  /** Bytes that a send has accepted, and that were not handed to the network. What was handed to it may be lost, too. */
  bufferedAmount: number
  /** The large message that was accepted, and was not wholly sent: what the send was given. */
  unsent: Uint8Array | string | undefined
}

/** The callbacks of every connection, each with the socket of the moment, and what comes between connections. */
export interface ReconnectHandlers extends Omit<Handlers, 'onClose'> {
  /** A connection has ended, and the next try comes after `delay` milliseconds. */
  onRetry?(delay: number, ended: Ended): void
  /** There will be no further connection. Exactly once, and last; `ended` is the last end. */
  onClose?(code: number, reason: string, wasClean: boolean, ended: Ended): void
}

/** Times are in milliseconds. */
export interface ReconnectOptions<C extends Connect> {
  /** The first wait is from 0 to this, the next from 0 to twice this, and so on. Default 2000. */
  baseDelay?: number
  /** Waits grow up to this. Default 60000. */
  maxDelay?: number
  /** A server's Retry-After counts up to this. Default 86400000: a day. */
  maxRetryAfter?: number
  /** A connection that was open for so long begins the waits anew. Default 10000. */
  stableTime?: number
  /** Tries in a row without a stable connection. Default Infinity. */
  maxAttempts?: number
  /**
   * Whether to try again. `byDefault`: what is done without this option. Not asked after `maxAttempts`. Default: not after
   * the codes 1000, 1002, 1003, 1007–1010, 3000 and 3003, nor a status of 400–499 but 408, 425 and 429.
   */
  shouldRetry?(ended: Ended, byDefault: boolean): boolean
  /**
   * Called before each try: options for this one, laid over the others, and `url` if it is another; or a promise of them.
   * A try that it fails is told by `onError`, and followed by another. `failures` is 0 at first.
   */
  prepare?(failures: number): Prepared<C> | PromiseLike<Prepared<C>>
  /** From 0 to below 1. Default: `Math.random`. */
  jitter?(): number
  /** Calls back once. Default: `setTimeout`, which Moddable has not: there, `Timer.set`. */
  setTimer?(callback: () => void, delay: number): unknown
  /** Cancels a timer that has not fired. Default: `clearTimeout`. */
  clearTimer?(timer: unknown): void
}

/** A target's `connect`. */
export type Connect = (url: never, handlers: never, options: never) => Socket

type UrlOf<C extends Connect> = Parameters<C>[0]
type OptionsOf<C extends Connect> = NonNullable<Parameters<C>[2]>

/** The rings stay the same. */
export type Prepared<C extends Connect> = { url?: UrlOf<C> } & Partial<
  Omit<OptionsOf<C>, 'receiveBuffer' | 'sendBuffer'>
>

export interface Reconnection {
  /** The socket of the moment; undefined between connections. */
  readonly socket: Socket | undefined
  /** Closes the connection, or gives up the wait for one. `onClose` follows. */
  close(code?: number, reason?: string): void
  /** Drops the connection, or gives up the wait for one. Nothing comes any more but `onClose`. */
  abort(): void
  /** During a wait: tries at once, and begins the waits anew. For when the network has come back. */
  retry(): void
}

/** What counts and times are unless the user says otherwise; `npm run bench -- reconnect` shows why. */
const LIMITS = {
  baseDelay: 2000,
  maxDelay: 60000,
  maxRetryAfter: 86400000,
  stableTime: 10000,
  maxAttempts: Infinity,
}

/** What passes as it is. */
const FORWARDED = ['onText', 'onBinary', 'onFragment', 'onPing', 'onPong', 'onWritable'] as const

/** Close codes after which the next connection would end alike. */
const TERMINAL = [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003]

/** Of the statuses from 400 to 499, those that time mends: RFC 9110 section 15.5.9, RFC 8470, RFC 6585. */
const TRANSIENT = [408, 425, 429]

/** The id of what `prepare` has failed with. */
const PREPARE_FAILED = 'PREPARE_FAILED'

const ABNORMAL = 1006
const SERVICE_RESTART = 1012
const TRY_AGAIN_LATER = 1013
/** The IANA registry says for SERVICE_RESTART: after 5 to 30 seconds, at random. */
const RESTART_DELAY = 5000
const RESTART_JITTER = 25000
/** The longest delay that every platform's timers take. */
const LONGEST_DELAY = 2147483647

/**
 * Connects to `url` by `connect` of a target, and again when that has ended, until `close()`, `abort()`, or an end after
 * which there is none. `given` are the target's options, for every connection, and those of ReconnectOptions.
 * Throws what `connect` throws at the first try, unless that waits for a promise; later it goes to `onError`.
 */
export function reconnect<C extends Connect>(
  connect: C,
  url: UrlOf<C>,
  handlers: ReconnectHandlers,
  given?: OptionsOf<C> & ReconnectOptions<C>,
): Reconnection {
  const options: ClientOptions & ReconnectOptions<C> = ownProperties(given || ({} as never))
  const {
    jitter = Math.random,
    setTimer = setTimeout,
    clearTimer = clearTimeout as (timer: unknown) => void,
  } = options
  const limits = limitsOf(options)
  const rings = {
    receiveBuffer: memoryOf(options.receiveBuffer),
    sendBuffer: memoryOf(options.sendBuffer),
  }
  /** What each connection is given. */
  const own: Handlers = {}
  let failures = 0
  let error: RingletError | undefined
  /** Of the wait for the next try, or for the connection to be stable. */
  let timer: unknown
  /** No further connection will be tried. */
  let isOver = false

  const endOf = (
    code: number,
    reason: string,
    wasClean: boolean,
    socket: Socket | undefined,
  ): Ended => ({
    code,
    reason,
    wasClean,
    error,
    failures,
    bufferedAmount: socket ? socket.bufferedAmount : 0,
    unsent: socket && socket.unsent,
  })
  let ended = endOf(ABNORMAL, '', false, undefined)

  /** Sets the timer anew, or clears it. */
  const arm = (callback?: () => void, delay = 0) => {
    if (timer !== undefined) clearTimer(timer)
    timer =
      callback &&
      setTimer(() => {
        timer = undefined
        callback()
      }, delay)
  }

  const finish = () => {
    isOver = true
    if (handlers.onClose) handlers.onClose(ended.code, ended.reason, ended.wasClean, ended)
  }

  const onEnd = (code: number, reason: string, wasClean: boolean) => {
    const { socket } = self
    self.socket = undefined
    arm()
    failures++
    ended = endOf(code, reason, wasClean, socket)
    let isDue = isTransient(ended)
    try {
      if (failures >= limits.maxAttempts) isDue = false
      else if (options.shouldRetry && !isOver) isDue = options.shouldRetry(ended, isDue)
    } finally {
      if (isOver || !isDue) {
        // Unless `shouldRetry` has ended it: then the timer will.
        if (timer === undefined) finish()
      } else {
        const delay = delayOf(ended, limits, jitter())
        arm(retry, delay)
        if (handlers.onRetry) handlers.onRetry(delay, ended)
      }
    }
  }

  const open = (given: Prepared<C>) => {
    if (isOver) return
    const prepared = ownProperties(given)
    self.socket = connect(
      (prepared.url || url) as never,
      own as never,
      { ...options, ...prepared, ...rings } as never,
    )
  }

  const attempt = () => {
    error = undefined
    const prepared = options.prepare ? options.prepare(failures) : ({} as Prepared<C>)
    if (isPromise(prepared)) prepared.then(open).then(undefined, fail)
    else open(prepared)
  }

  const fail = (cause: unknown) => {
    if (isOver) return
    error = cause as RingletError
    if (!error || !error.id) {
      error = errorOf(Error, PREPARE_FAILED, String((error && error.message) || cause))
      error.code = ABNORMAL
      error.cause = cause
    }
    try {
      if (handlers.onError) handlers.onError(error)
    } finally {
      onEnd(ABNORMAL, error.id, false)
    }
  }

  const retry = () => {
    try {
      attempt()
    } catch (cause) {
      fail(cause)
    }
  }

  const stop = (act: (socket: Socket) => void) => {
    // It may throw, and then nothing has changed.
    if (self.socket) {
      act(self.socket)
    } else if (!isOver) {
      // Not within the call, as with a socket.
      arm(finish)
    }
    isOver = true
  }

  FORWARDED.forEach((name) => {
    const handler = handlers[name]
    if (handler) own[name] = handler.bind(handlers) as never
  })
  own.onOpen = (socket) => {
    // What no timer can wait for does not come.
    if (limits.stableTime <= LONGEST_DELAY) {
      arm(() => {
        failures = 0
      }, limits.stableTime)
    }
    if (handlers.onOpen) handlers.onOpen(socket)
  }
  own.onError = (cause) => {
    error = cause
    if (handlers.onError) handlers.onError(cause)
  }
  own.onClose = onEnd

  const self = {
    socket: undefined as Socket | undefined,
    close: (code?: number, reason?: string) => stop((socket) => socket.close(code, reason)),
    abort: () => stop((socket) => socket.abort()),
    retry() {
      if (self.socket || isOver || timer === undefined) return
      arm()
      failures = 0
      retry()
    },
  }
  attempt()
  return self
}

/** LIMITS, as `options` have them; checked. */
function limitsOf(options: Partial<typeof LIMITS>): typeof LIMITS {
  const limits = ownProperties(LIMITS)
  let name: keyof typeof LIMITS
  for (name in limits) {
    const { [name]: value = limits[name] } = options
    if (typeof value !== 'number' || !(value >= 0)) {
      throw errorOf(RangeError, 'BAD_OPTION', name + ' ' + value)
    }
    limits[name] = value
  }
  return limits
}

/** The memory of a ring; what is none is left for `connect` to refuse. */
function memoryOf(size: number | Uint8Array = 4096): number | Uint8Array {
  return typeof size === 'number' && size > 255 && size <= 1 << 30 ? new Uint8Array(size) : size
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return !!value && typeof (value as PromiseLike<T>).then === 'function'
}

function isTransient({ code, error }: Ended): boolean {
  const status = (error && error.status) || 0
  return status > 399 && status < 500
    ? TRANSIENT.indexOf(status) >= 0
    : // Misuse, such as a bad URL, has no close code.
      TERMINAL.indexOf(code) < 0 && !(error && !error.code)
}

/** The wait: what the server has asked for, and behind it a part, by `random` from 0 to 1, of what backoff allows. */
function delayOf(
  { code, error, failures }: Ended,
  { baseDelay, maxDelay, maxRetryAfter }: typeof LIMITS,
  random: number,
): number {
  const headers = (error && error.headers) || {}
  const text = headers['retry-after']
  let least = 0
  let most = Math.min(maxDelay, baseDelay * 2 ** (failures - 1))
  if (code === SERVICE_RESTART || code === TRY_AGAIN_LATER) {
    least = RESTART_DELAY
    most = Math.max(most, code === SERVICE_RESTART ? RESTART_JITTER : maxDelay)
  } else if (text) {
    // RFC 9110 section 10.2.3: seconds, or a date, which the server's own clock is asked about.
    const wait = consistsOf(text, '0:')
      ? +text * 1000
      : Date.parse(text) - (Date.parse(headers.date) || Date.now())
    if (wait > 0) least = Math.min(wait, maxRetryAfter)
  }
  // After some thousand failures powers of two are infinite, and 0 times that is no number.
  return Math.min(least + (random * most || 0), LONGEST_DELAY)
}
