// Leads the fuzzer by coverage. A case is made from a row of choices; the rows that took the program somewhere new are
// kept, and most cases are made from one of them, changed: so what is kept stays well-formed where that matters, and goes
// further each time. New is a branch that was not taken before, or one taken many more times than before.

import type { Random } from '../deflate/random'

/** A choice is a 32-bit number, of which `random(below)` takes its share. */
type Choices = number[]

const RANGE = 4294967296
/** Choices that are kept of a case; what it asks for beyond them is new each time. */
const MOST_CHOICES = 4096
/** What numbers at the edges of a range come from. */
const EDGES = [0, 1, RANGE / 2, RANGE - 1]

export class Guide {
  /** Of each target, what has led somewhere. */
  private readonly _kept = new Map<string, Choices[]>()
  /** Of each branch, how often it was taken in a case, as a set of classes. */
  private readonly _seen: Uint8Array
  private _choices: Choices = []

  constructor(
    /** Counted since `next`: the branches taken. */
    private readonly _counters: Uint32Array,
    private readonly _random: Random,
  ) {
    this._seen = new Uint8Array(_counters.length)
  }

  /** How many rows are kept, and branches taken. */
  get progress(): { kept: number; branches: number } {
    let kept = 0
    for (const rows of this._kept.values()) kept += rows.length
    return { kept, branches: this._seen.filter((classes) => classes).length }
  }

  /** What the next case of `name` is made from. */
  next(name: string): Random {
    const rows = this._kept.get(name)
    const choices =
      rows && this._random(8) ? this._changed(rows[this._newest(rows.length)], rows) : []
    this._counters.fill(0)
    return this.replay(choices)
  }

  /** Makes a case from `choices`, and then from new ones, which are added. */
  replay(choices: Choices): Random {
    this._choices = choices
    let at = 0
    return (below) => {
      if (at === choices.length) choices.push(this._random(RANGE))
      return Math.floor((choices[at++] / RANGE) * below)
    }
  }

  /** The choices that the last case was made from. */
  get choices(): Choices {
    return this._choices
  }

  /** The case has been run: keeps it if it led somewhere. */
  learn(name: string): void {
    const { _counters: counters, _seen: seen } = this
    let isNew = false
    for (let i = 0; i < counters.length; i++) {
      const count = counters[i]
      if (!count) continue
      // 1, 2, 3, 4–7, 8–15, 16–31, 32–127, 128 and more.
      const size = count < 4 ? count - 1 : Math.min(32 - Math.clz32(count), 8)
      const bit = 1 << (size < 3 ? size : size === 8 ? 7 : Math.min(size, 6))
      if (seen[i] & bit) continue
      seen[i] |= bit
      isNew = true
    }
    if (isNew && this._choices.length <= MOST_CHOICES) {
      const rows = this._kept.get(name)
      if (rows) rows.push(this._choices)
      else this._kept.set(name, [this._choices])
    }
  }

  /** The later half as often as all the rest: what is new there is new. */
  private _newest(count: number): number {
    return this._random(2) ? this._random(count) : (count >> 1) + this._random(count - (count >> 1))
  }

  private _changed(row: Choices, rows: Choices[]): Choices {
    const random = this._random
    let choices = row.slice()
    for (let times = 1 + random(4); times > 0; times--) {
      const at = random(choices.length + 1)
      const count = 1 + random(random(4) ? 4 : 64)
      switch (random(6)) {
        case 0:
          choices[at] = random(RANGE)
          break
        case 1:
          choices[at] = EDGES[random(EDGES.length)]
          break
        case 2:
          choices.splice(at, count)
          break
        case 3:
          choices.splice(at, 0, ...choices.slice(at, at + count))
          break
        case 4: {
          // The beginning of one, and the end of another.
          const other = rows[random(rows.length)]
          choices = choices.slice(0, at).concat(other.slice(random(other.length + 1)))
          break
        }
        default:
          // All that follows is new.
          choices.length = at
      }
    }
    return choices
  }
}
