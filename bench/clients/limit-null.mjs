import { openLimit } from './limit.mjs'

export const open = (url, job, heard) => openLimit('limit-null', url, job, heard)
