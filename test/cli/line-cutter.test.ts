// Lines from chunks: at every split, of any length, with both line ends.

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const { LineCutter } = await import(new URL('../../cli/line-cutter.mjs', import.meta.url).href)
const cutting = suite('cutting lines')

/** The lines of what is pushed chunk by chunk; where one came in pieces, they are joined by a bar. */
function linesOf(chunks: Buffer[]): string[] {
  const cutter = new LineCutter()
  const lines: string[] = []
  let line: string[] = []
  const take = (pieces: Iterable<[Buffer, boolean]>) => {
    for (const [bytes, isLast] of pieces) {
      line.push(bytes.toString('latin1'))
      if (!isLast) continue
      lines.push(line.join('|'))
      line = []
    }
  }
  for (const chunk of chunks) take(cutter.push(chunk))
  take(cutter.end())
  assert.equal(line, [], 'a line was not ended')
  return lines
}

cutting('the same at every split, and byte by byte', () => {
  for (const [text, lines] of [
    ['', []],
    ['\n', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r\nb\n\n\r\nc', ['a', 'b', '', '', 'c']],
    ['a\rb\r\r\nc\r', ['a\rb\r', 'c\r']],
    ['a\u2028b\vc\n', ['a( b\vc']],
  ] as [string, string[]][]) {
    const bytes = Buffer.from(text.replace('\u2028', '( '), 'latin1')
    for (let i = 0; i <= bytes.length; i++) {
      for (let j = i; j <= bytes.length; j++) {
        const chunks = [bytes.subarray(0, i), bytes.subarray(i, j), bytes.subarray(j)]
        assert.equal(linesOf(chunks), lines, JSON.stringify(text) + ' at ' + i + ' and ' + j)
      }
    }
    assert.equal(linesOf([...bytes].map((byte) => Buffer.of(byte))), lines)
  }
})

cutting('a long line comes in pieces, and no more of it than one piece is kept', () => {
  const chunk = Buffer.alloc(40000, 'x')
  const [line, next] = linesOf([chunk, chunk, chunk, chunk, Buffer.from('y\nz')])
  assert.is(line.replaceAll('|', ''), 'x'.repeat(160000) + 'y')
  assert.equal(
    line.split('|').map(({ length }) => length),
    [80000, 80000, 1],
  )
  assert.is(next, 'z')
})

cutting('a line end in two halves behind a piece is no part of the line', () => {
  const long = Buffer.from('x'.repeat(70000) + '\r')
  assert.equal(linesOf([long, Buffer.from('\nnext')]), ['x'.repeat(70000) + '|', 'next'])
  assert.equal(linesOf([long, Buffer.from('x\n')]), ['x'.repeat(70000) + '|\rx'])
  assert.equal(linesOf([long]), ['x'.repeat(70000) + '|\r'])
})

cutting('a long line without an end is ended', () => {
  assert.equal(linesOf([Buffer.alloc(70000, 'x')]), ['x'.repeat(70000) + '|'])
})

cutting.run()
