// How the bundles are minified. Private members (`_name`) are mangled in all of them; in those of the targets, which export
// little, also what the modules name among themselves.

/**
 * Members that only our own modules speak of. Not listed is all that users see, what the bundles say to each other
 * through `Extension`, and what runtimes call or are called by: test/mangling.test.ts holds that.
 */
export const INTERNAL = `
  randomWord sha1 base64 utf8Length utf8Encode utf8Read setTimer clearTimer defer reportError
  platform receiveRing sendRing makeRoom onConnected onReceived onWritten onEnd onTransportError
  path userInfo request fields isOver
  closeCode closeReason closeSent closeReceived isDone isBlocked
  onMessage onFailure onClosing onQueued onControl onControlFrame flush refill awaitRoom announceRoom sendControl finish fail
  decodeRing controlFrames onDataFrame onPayload
  fin kind rsv1 remaining position reservedBits
  room pinned canTake take pump frame drop waiting
  copy over words shift findError state
`
  .trim()
  .split(/\s+/)

const TARGETS = ['node', 'workers', 'ecma419', 'moddable']

/** `websocket-client` has users who name members of theirs as we name ours: `path`, `onControl`. */
const XS_BUNDLES = ['ecma419', 'moddable', 'websocket-client']

/** Functions stay where they are: one that is moved to its only caller would be a closure, made anew at each call. */
const espruino = {
  ecma: 5,
  module: true,
  compress: { passes: 3, pure_getters: true, reduce_funcs: false, inline: 1, hoist_funs: true },
  // `builtins`: else the names of DOM members that are one letter long would be left out.
  mangle: { properties: { regex: /^_/, builtins: true } },
  format: { ascii_only: true },
}

/** The options of terser for the bundle `name`. */
export const minification = (name) =>
  /^espruino/.test(name)
    ? espruino
    : {
        ecma: 2020,
        module: true,
        compress: {
          passes: 3,
          pure_getters: true,
          unsafe_arrows: true,
          // A function that is moved to its only caller becomes a closure, which XS allocates at each call.
          ...(XS_BUNDLES.includes(name) ? { reduce_funcs: false, inline: 0 } : {}),
        },
        mangle: {
          properties: TARGETS.includes(name)
            ? // `builtins`: some of the names are also those of members of the DOM, which nothing here touches.
              { regex: RegExp('^(_[^_].*|' + INTERNAL.join('|') + ')$'), builtins: true }
            : { regex: /^_[^_]/ },
        },
      }
