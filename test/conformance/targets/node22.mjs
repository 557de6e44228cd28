import { nodeLike } from './node-like.mjs'

export default await nodeLike('node22')
