import { openLimit } from './limit.mjs'

export const open = (url, job, heard) => openLimit('limit-string', url, job, heard)
