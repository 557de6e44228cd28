// Counts work, exactly and without a clock: how often each block of the sources was entered, as V8 counts it for
// coverage, and how many bytes were moved by the calls that move many at once. Imported before any of the sources: V8
// counts the blocks of functions that are compiled later.

import inspector from 'node:inspector'
import v8 from 'node:v8'

// Where a function is replaced by optimized code while it runs, some of its blocks count twice.
v8.setFlagsFromString('--no-opt')
// Code that has not run for a while is thrown away, with its counts.
v8.setFlagsFromString('--no-flush-bytecode')

const session = new inspector.Session()
session.connect()

function post<Result>(method: string, parameters?: object): Result {
  let result: Result | undefined
  session.post(method, parameters, (error, value) => {
    if (error) throw error
    result = value as Result
  })
  return result!
}

post('Profiler.enable')
post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

/** Bytes that a call moves for about the price of one block. */
const BYTES_PER_BLOCK = 16

interface Coverage {
  result: { url: string; functions: { ranges: { count: number }[] }[] }[]
}

/** Runs `run`; returns the blocks entered in `src/`, and the bytes moved as blocks. */
export function workOf(run: () => void): number {
  const { copyWithin, set } = Uint8Array.prototype
  let moved = 0
  Uint8Array.prototype.copyWithin = function (target, start, end) {
    moved += (end ?? this.length) - start
    return copyWithin.call(this, target, start, end)
  }
  Uint8Array.prototype.set = function (source, at) {
    moved += source.length
    set.call(this, source, at)
  }
  // What was counted so far is let go.
  post('Profiler.takePreciseCoverage')
  try {
    run()
    const { result } = post<Coverage>('Profiler.takePreciseCoverage')
    let blocks = 0
    for (const { url, functions } of result) {
      if (!url.includes('/src/')) continue
      for (const { ranges } of functions) for (const { count } of ranges) blocks += count
    }
    return blocks + moved / BYTES_PER_BLOCK
  } finally {
    Uint8Array.prototype.copyWithin = copyWithin
    Uint8Array.prototype.set = set
  }
}
