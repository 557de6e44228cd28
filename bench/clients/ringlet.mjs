// Ringlet, whole messages: `onBinary`, and `onText` with strings.

import { connectTo } from './ringlet-fragments.mjs'

export const open = (url, job, heard) =>
  connectTo(url, job, {
    onText: (text) => heard(text.length),
    onBinary: (_bytes, start, end) => heard(end - start),
  })
