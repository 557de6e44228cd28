// The ECMA-419 target: the built bundle in real XS, which a Node process starts.

import { programOfXs } from '../../runtime/xs.mjs'
import { device } from './device-target.mjs'

await programOfXs()

export default device('xs')
