// The exit codes, as docs/cli.md and `--help` list them.

export const IO_FAILED = 1
export const USAGE_ERROR = 2
const NOT_CONNECTED = 3
const REFUSED = 4
const VIOLATION = 5
export const OTHER_CLOSE_CODE = 6
const LOST = 7
/** And the number of the signal. */
export const SIGNALLED = 128

const NORMAL = 1000
const NO_STATUS = 1005
const ABNORMAL = 1006

/**
 * The exit code for the end of a connection: what `onClose` said, the error before it, whether it was ever open, and the
 * close code that was sent from here, if any.
 */
export function exitCodeOf({ code, wasClean, error, wasOpen, sentCode }) {
  if (error && !wasOpen) {
    return /^(CONNECT_FAILED|HANDSHAKE_TIMEOUT|CONNECTION_ENDED)$/.test(error.id)
      ? NOT_CONNECTED
      : REFUSED
  }
  if (error && error.code !== ABNORMAL) return VIOLATION
  if (error || !wasClean) return LOST
  return [NORMAL, NO_STATUS, sentCode].includes(code) ? 0 : OTHER_CLOSE_CODE
}
