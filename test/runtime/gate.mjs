// Connections of the peers that wait until a client lets them go on, by a key that both know.

const waiting = new Map()

/** Resolves when `release` is called with that key. */
export function released(key) {
  return new Promise((done) => waiting.set(key, done))
}

/** Lets the connection of that key go on, as soon as it waits. */
export function release(key) {
  const go = waiting.get(key)
  if (go) go()
  else setTimeout(release, 10, key)
}
