// The WebSocket that the runtime has of its own: Node 22 and later, Bun, Deno.

import { openWith } from './whatwg.mjs'

export const open = (url, _job, heard) => openWith(globalThis.WebSocket, url, heard)
