import { openLimit } from './limit.mjs'

export const open = (url, job, heard) => openLimit('limit-parse', url, job, heard)
