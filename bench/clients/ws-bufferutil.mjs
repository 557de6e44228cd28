// ws with the native addon bufferutil.

import { open as openWs } from './ws.mjs'

export const open = (url, job, heard) => openWs(url, job, heard, true)
