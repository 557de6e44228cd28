// The one importer of fflate. `deflateSync` alone: fflate 0.8.3's streaming `Deflate` writes references that lie
// before the data, and its `flush(true)` ends blocks in the wrong place.

import { deflateSync } from 'fflate'
import type { Compress } from './codec'

/** 0.3 MB of tables a call, instead of 2.4 MB. */
const MEMORY = 0

export const compress: Compress = (bytes, level, dictionary) =>
  deflateSync(bytes, { level, mem: MEMORY, dictionary })
