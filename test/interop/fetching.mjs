// Fetching from a registry or a mirror, which may be busy for a moment.

/** Between one try and the next, in milliseconds. */
const WAITS = [1000, 5000, 20000]

/** Runs what fetches `what`, and again if it fails; throws at last, with how each try ended. */
export async function fetching(what, run, waits = WAITS, log = console.log) {
  const ends = []
  for (;;) {
    try {
      return await run()
    } catch (error) {
      ends.push(error.message)
    }
    const wait = waits[ends.length - 1]
    if (wait === undefined) break
    log(`${what}: not fetched, again in ${wait / 1000} s`)
    await new Promise((done) => setTimeout(done, wait))
  }
  // Mostly each has ended as the one before.
  const different = ends.filter((end, i) => end !== ends[i - 1])
  throw new Error(`${what}: not fetched in ${ends.length} tries.\n${different.join('\n')}`)
}
