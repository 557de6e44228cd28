import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { wire } from '../support/wire'
import { bits, type Item, lengthsOf } from './bits'
import { inflate, lines, Run } from './inflater-run'
import { inflaterVectors } from './inflater-vectors'
import { inspect, Refusal } from './reference'

const inflater = suite('Inflater')

/** Whole, byte by byte, in small pieces, and at every split; each also stopped after every span. */
function ways(length: number): number[][] {
  const all: number[][] = [[Infinity], [1], [2], [3], [7], [255]]
  for (let at = 1; at < length; at += length < 2000 ? 1 : 997) all.push([at, Infinity])
  return length < 20000 ? all : [[Infinity], [1], [1009], [20000, Infinity]]
}

/** What a plain decoder says. */
function reference(input: Uint8Array) {
  try {
    const { output, distance, blocks } = inspect(input)
    const hasFinal = blocks.length > 0 && blocks[blocks.length - 1].endsWith('final')
    return { verdict: 'WHOLE', output, distance, hasFinal }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { verdict, output, distance } = error
    return { verdict, output, distance, hasFinal: false }
  }
}

for (const { name, in: input, log, windowBits = 8 } of inflaterVectors) {
  inflater(name, () => {
    for (const sizes of ways(input.length)) {
      for (const isHalting of [false, true]) {
        const how = sizes.join(', ') + (isHalting ? ', halting' : '')
        assert.equal([how, ...lines(inflate(input, windowBits, sizes, isHalting))], [how, ...log])
      }
    }
  })

  inflater(name + ': cut off anywhere', () => {
    const isValid = log[log.length - 1] !== 'invalid'
    const { output: whole } = reference(input)
    for (let length = 0; length < input.length; length += input.length < 3000 ? 1 : 499) {
      for (const sizes of [[Infinity], [1]]) {
        const { output, ending } = inflate(input.subarray(0, length), windowBits, sizes)
        assert.equal(output, whole.slice(0, output.length), 'a wrong octet before ' + length)
        if (ending === 'invalid') assert.not(isValid, 'invalid at ' + length)
        if (ending === 'whole' || ending === 'final') {
          // Only where a plain decoder says so, too.
          const { verdict, hasFinal } = reference(input.subarray(0, length))
          assert.equal([verdict, hasFinal], ['WHOLE', ending === 'final'], 'cut at ' + length)
        }
      }
    }
  })
}

inflater('agrees with a plain decoder on every vector', () => {
  for (const { name, in: input, log, windowBits = 8 } of inflaterVectors) {
    const { verdict, output, distance } = reference(input)
    const { output: ours, ending } = inflate(input, windowBits)
    const expected = ending === 'final' ? 'WHOLE' : ending.toUpperCase()
    if (distance > 1 << windowBits) assert.is(expected, 'INVALID', name)
    else assert.equal([name, expected], [name, verdict])
    if (verdict === 'WHOLE' && expected === 'WHOLE') assert.equal([name, ours], [name, output])
    assert.is(log[log.length - 1], ending)
  }
})

inflater('tells spans that the window cuts, and nothing else by itself', () => {
  const spans: string[] = []
  const run = new Run(8)
  const { inflater: one } = run
  const input = bits().stored(new Uint8Array(600)).fixed(['abc']).stored('').bytes()
  Object.assign(one, {
    _sink: {
      onOutput(_window: Uint8Array, start: number, end: number) {
        spans.push(start + '–' + end)
        return true
      },
    },
  })
  one.write(input, 0, input.length)
  assert.equal([spans, one.hasOutput()], [['0–256', '0–256'], true])
  one.tell()
  assert.equal([spans, one.hasOutput()], [['0–256', '0–256', '0–91'], false])
})

inflater('once it has refused, it refuses whatever comes', () => {
  const run = new Run(8)
  assert.not(run.write(wire('07 00'), [Infinity]))
  assert.not(run.write(bits().stored('Hello').bytes(), [Infinity]))
  assert.not(run.inflater.endPiece())
  assert.is(run.take().length, 0)
})

inflater('keeps the history from piece to piece, and forgets it when told', () => {
  const match = bits()
    .fixed([[5, 5]])
    .stored('')
    .bytes()
  for (const isReset of [false, true]) {
    const run = new Run(8)
    assert.ok(run.write(wire('f2 48 cd c9 c9 07 00 00 00 ff ff'), [Infinity]))
    run.take()
    assert.ok(run.inflater.endPiece())
    if (isReset) run.inflater.reset()
    assert.is(run.write(match, [Infinity]), !isReset)
  }
})

inflater('refers to nothing from before a reset, wherever it came', () => {
  const literal = new Uint8Array(300).map((_, i) => i)
  // Behind a whole piece, in the middle of each kind of block, after a final one, and after what is no DEFLATE.
  const pieces = [
    bits().stored(literal).bytes(),
    bits().stored(literal).fixed(['abc'], true).bytes(),
    bits().stored(literal).stored('abcdef').bytes().subarray(0, -3),
    bits().stored(literal).header(2).bytes(),
    bits().stored(literal).final.fixed(['abc']).bytes(),
    bits().stored(literal).header(3).bytes(),
  ]
  const after: [Item[], boolean][] = [
    [[[3, 1]], false],
    [['a', [3, 1]], true],
    [['a', [3, 2]], false],
    [['ab', [3, 200]], false],
  ]
  for (const piece of pieces) {
    for (const [items, isRight] of after) {
      const run = new Run(8)
      run.write(piece, [Infinity])
      run.take()
      run.inflater.reset()
      assert.is(run.write(bits().fixed(items).stored('').bytes(), [Infinity]), isRight)
      if (!isRight) continue
      assert.equal(Array.from(run.take()), [97, 97, 97, 97])
      assert.ok(run.inflater.endPiece())
    }
  }
})

inflater('begins the next piece with an octet, whatever was left of a final block', () => {
  const run = new Run(8)
  for (const filler of [0, 1, 0]) {
    assert.ok(run.write(bits().final.fixed(['ab']).align(filler).bytes(), [Infinity]))
    assert.equal([run.inflater.hasEnded(), run.inflater.endPiece()], [true, true])
    assert.equal(Array.from(run.take()), [97, 98])
  }
  assert.ok(
    run.write(
      bits()
        .fixed([[6, 6]])
        .stored('')
        .bytes(),
      [1],
    ),
  )
  assert.equal(run.take(), Uint8Array.of(97, 98, 97, 98, 97, 98))
})

inflater('says where the last block begins, and where the input stands', () => {
  const tables = { literals: lengthsOf(257, { 97: 1, 256: 1 }), distances: [0] }
  const run = new Run(8)
  const input = bits().fixed(['ab']).stored('c').final.dynamic(tables, ['a']).bytes()
  assert.ok(run.write(input, [1]))
  // 3 + 2 × 8 + 7 bits, then 3 for the header, to the octet's end, 4 octets of lengths, and one.
  assert.is(run.inflater.blockStart, 32 + 40)
  const { blocks } = inspect(input)
  assert.equal(blocks, ['fixed', 'stored', 'dynamic final'])
  assert.is((run.inflater.position + 7) >> 3, input.length)
})

inflater.run()
