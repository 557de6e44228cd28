// What `run.mjs` has of Node, for the runtimes that have no modules of Node's: assertions, and who collects exceptions.

export function equal(got, expected, message = 'not equal') {
  const [left, right] = [show(got), show(expected)]
  if (left !== right) throw new Error(message + '\n  got      ' + left + '\n  expected ' + right)
}

/** JSON, but for what that does not tell apart. */
function show(value) {
  return JSON.stringify(value, (_, part) =>
    part === undefined || typeof part === 'bigint' || Number.isNaN(part) ? '<' + part + '>' : part,
  )
}

export function ok(value, message = 'not so') {
  if (!value) throw new Error(message)
}

/** The messages of what reaches the platform's handler of uncaught exceptions, while somebody collects them. */
let uncaught

/** For that handler; whether it was collected. */
export function collect(error) {
  if (uncaught) uncaught.push(error.message)
  return !!uncaught
}

export function catchUncaught() {
  const messages = (uncaught = [])
  return {
    stop() {
      uncaught = undefined
      return messages
    },
  }
}
