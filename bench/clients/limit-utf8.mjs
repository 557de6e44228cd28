import { openLimit } from './limit.mjs'

export const open = (url, job, heard) => openLimit('limit-utf8', url, job, heard)
