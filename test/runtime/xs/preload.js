// What Moddable's linker does with modules that are preloaded: all that is there when they have run lies in ROM, and is frozen
// for ever, the engine's own objects too. What a module may do then is to make objects anew, and to set its variables, each
// of which takes RAM from its first setting on.

const { globalThis: realm, host, Timer, TCP, TLSSocket, Resolver } = globalThis

/** Of the host: they are no modules, and stay as they are. */
const HOST = [realm, host, Timer, TCP, TLSSocket, Resolver]

/** Used by their names, and frozen as well. */
const BUILT_IN = [
  Object,
  Function,
  Array,
  String,
  Number,
  Symbol,
  Promise,
  RegExp,
  Map,
  Set,
  Reflect,
]
BUILT_IN.push(
  Error,
  TypeError,
  RangeError,
  ArrayBuffer,
  Uint8Array,
  Int32Array,
  DataView,
  JSON,
  Math,
)

/**
 * Freezes all that can be reached from `exported`: properties, prototypes, the bytes of buffers, and what the variables hold
 * that functions use. Returns a function that says what kinds of values variables have been set to since.
 */
export function preload(exported) {
  const found = new Set([...HOST, ...BUILT_IN, exported])
  const variables = []
  const add = (value) => Object(value) === value && found.add(value)
  for (const object of found) {
    if (HOST.includes(object)) continue
    host.petrify(object)
    add(Object.getPrototypeOf(object))
    if (ArrayBuffer.isView(object)) {
      add(object.buffer)
      continue
    }
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set } = Object.getOwnPropertyDescriptor(object, key)
      for (const held of [value, get, set]) add(held)
    }
    if (typeof object !== 'function') continue
    for (let index = 0; ; index++) {
      const held = host.variable(object, index)
      if (held === host) break
      variables.push({ function: object, index, held })
      add(held)
    }
  }
  return () => {
    const values = new Set()
    for (const { function: user, index, held } of variables) {
      const value = host.variable(user, index)
      if (value !== held) values.add(value)
    }
    return [...values].map((value) => (Array.isArray(value) ? 'array' : typeof value)).sort()
  }
}
