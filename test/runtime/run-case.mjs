// Runs one case. Plain JavaScript: it runs in every runtime under test.

/** Whether these peers have all that a case needs. */
export function hasNeeds({ places }, needs) {
  return needs.every((need) => !(need in places) || places[need])
}

/** Runs a case within a time limit. */
export async function runCase(entry, env, limit = 20000) {
  let timer
  const expired = new Promise((_, fail) => {
    timer = env.setTimeout(() => fail(new Error('not over after ' + limit + ' ms')), limit)
  })
  try {
    await Promise.race([entry.run(env), expired])
  } finally {
    clearTimeout(timer)
  }
}

/** The part of `env` that says where the peers are. */
export function urlsOf(places) {
  const at = (place) => (path) => places[place] + path
  return {
    url: at('plain'),
    secureUrl: at('secure'),
    strangerUrl: at('stranger'),
    refusedUrl: at('refused'),
    ipv6Url: at('ipv6'),
    ipv6SecureUrl: at('ipv6Secure'),
  }
}
