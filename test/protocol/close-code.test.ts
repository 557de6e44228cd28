import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isWireCloseCode } from '../../src/protocol/close-code'

const closeCodes = suite('close codes')

closeCodes('the codes that may be on the wire, and no others', () => {
  // RFC 6455 section 7.4 and the IANA registry.
  const ranges: string[] = []
  let first = -1
  for (let code = -1; code <= 65536; code++) {
    if (isWireCloseCode(code)) {
      if (first < 0) first = code
    } else if (first >= 0) {
      ranges.push(first + '–' + (code - 1))
      first = -1
    }
  }
  assert.equal(ranges, ['1000–1003', '1007–1014', '3000–4999'])
})

closeCodes('only whole numbers are codes', () => {
  const values = [1000.5, NaN, Infinity, -Infinity, -1000, 4999.999]
  assert.equal(
    values.map((value) => isWireCloseCode(value)),
    values.map(() => false),
  )
})

closeCodes.run()
