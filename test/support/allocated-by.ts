// What memory an action takes: every byte array that it makes by its size is counted, whoever makes it.

/** Sizes of the byte arrays that `action` makes. */
export function allocatedBy(action: () => void): number[] {
  const sizes: number[] = []
  const original = globalThis.Uint8Array
  globalThis.Uint8Array = new Proxy(original, {
    construct(target, values) {
      if (typeof values[0] === 'number') sizes.push(values[0])
      return Reflect.construct(target, values)
    },
  })
  try {
    action()
  } finally {
    globalThis.Uint8Array = original
  }
  return sizes
}
