// undici's WebSocket.

import { install, requireFrom } from '../../test/runtime/packages.mjs'
import { openWith } from './whatwg.mjs'

export async function open(url, _job, heard) {
  return openWith(requireFrom(await install('peers'), 'undici').WebSocket, url, heard)
}
