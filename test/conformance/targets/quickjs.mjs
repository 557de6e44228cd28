// The ECMA-419 target in QuickJS, which a Node process starts.

import { install } from '../../runtime/packages.mjs'
import { device } from './device-target.mjs'

await install('quickjs')

export default device('quickjs')
