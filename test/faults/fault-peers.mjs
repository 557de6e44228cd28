// Starts `peers.mjs`, and asks it for proxies.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export async function startFaultPeers() {
  const child = fork(fileURLToPath(new URL('peers.mjs', import.meta.url)))
  const ask = async (question) => {
    child.send(question)
    const [answer] = await once(child, 'message')
    return answer
  }
  const [{ ca, ports }] = await once(child, 'message')
  return {
    ca,
    /** Of the servers: plain, secure, refused. */
    ports,
    /** A port for each fault. */
    async open(faults) {
      return (await ask({ faults })).ports
    },
    /** Ends what they carry; resolves to the lengths of the chunks that have passed, by fault. */
    async finish() {
      return (await ask({ finish: true })).passed
    },
    stop: () => child.disconnect(),
  }
}
