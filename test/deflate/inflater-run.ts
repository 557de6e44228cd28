// Runs octets through an Inflater, and logs what came: the output, merged, and how it ended.

import * as assert from 'uvu/assert'
import { Inflater } from '../../src/deflate/inflater'
import { join } from '../support/frames'
import { show } from '../support/wire'

/**
 * `whole`: the input ends with a block and an octet; `final`: with a block that has BFINAL; `more`: within a block;
 * `invalid`: it is not DEFLATE.
 */
export type Ending = 'whole' | 'final' | 'more' | 'invalid'

export interface InflaterRun {
  output: Uint8Array
  ending: Ending
}

export class Run {
  readonly inflater: Inflater
  private readonly _parts: Uint8Array[] = []
  private _mayTell = true

  constructor(
    windowBits: number,
    private readonly _isHalting = false,
  ) {
    this.inflater = new Inflater(new Uint8Array(1 << windowBits), {
      onOutput: (window, start, end) => {
        assert.ok(this._mayTell, 'output after a stop')
        assert.ok(start <= end && end <= window.length)
        this._parts.push(window.slice(start, end))
        this._mayTell = !this._isHalting
        return this._mayTell
      },
    })
  }

  /** Writes `input` in pieces of `sizes`, the last of which repeats; false where it is not DEFLATE. */
  write(input: Uint8Array, sizes: number[], begin = 0): boolean {
    const { inflater } = this
    for (let at = begin, piece = 0; at < input.length || piece === 0; piece++) {
      const end = Math.min(input.length, at + sizes[Math.min(piece, sizes.length - 1)])
      let next = at
      for (;;) {
        this._mayTell = true
        const taken = inflater.write(input, next, end)
        if (taken < 0) return false
        assert.ok(taken >= next && taken <= end, 'took ' + taken + ' of ' + next + '–' + end)
        next = taken
        if (taken === end) break
        assert.ok(this._isHalting, 'stopped by itself')
      }
      at = end
    }
    return true
  }

  /** What has been decoded since the last call. */
  take(): Uint8Array {
    this._mayTell = true
    if (this.inflater.hasOutput()) this.inflater.tell()
    return join(this._parts.splice(0))
  }
}

export function inflate(
  input: Uint8Array,
  windowBits: number,
  sizes: number[] = [Infinity],
  isHalting = false,
): InflaterRun {
  const run = new Run(windowBits, isHalting)
  const isValid = run.write(input, sizes)
  const output = run.take()
  const hasEnded = isValid && run.inflater.hasEnded()
  const isWhole = isValid && run.inflater.endPiece()
  return {
    output,
    ending: !isValid ? 'invalid' : hasEnded ? 'final' : isWhole ? 'whole' : 'more',
  }
}

/** Where the input is refused, how much of the output came before depends on the pieces: it is left out. */
export function lines({ output, ending }: InflaterRun): string[] {
  return output.length && ending !== 'invalid' ? [show(output), ending] : [ending]
}
