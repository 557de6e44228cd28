// FrameDecoder against the reference: the same headers, the same payload and control frames in the same order, and the
// same octet refused with the same code, however the stream arrives.

import { SinkFrameDecoder } from '../support/sink-decoders'
import type { Random } from '../deflate/random'
import { framesOf, type FramesSeen } from './frame-reference'
import { frameStream } from './frame-stream'
import { type Arrival, arrivalOf, type Case, Disagreement } from './target'

export function fuzzFrames(random: Random): Case {
  const input = frameStream(random)
  const mayHaveRsv1 = random(4) === 0
  const seen = framesOf(input, mayHaveRsv1)
  let fed = 0
  for (let times = 2; times > 0; times--) {
    const arrival = arrivalOf(input.length, random)
    run(input, seen, arrival, mayHaveRsv1, random(3) ? undefined : random)
    fed += input.length
  }
  return { octets: input.length, fed }
}

/** With `random`, the sink stops now and then, leaves payload untaken and refuses control frames. */
function run(
  input: Uint8Array,
  { frames, violation }: FramesSeen,
  arrival: Arrival,
  mayHaveRsv1: boolean,
  random: Random | undefined,
): void {
  const how = arrival.name + (random ? ', stopping' : '') + (mayHaveRsv1 ? ', with RSV1' : '')
  const fail = (what: string): never => {
    throw new Disagreement(what, input, how)
  }
  /** Which frame is next, and how far its payload has come. */
  let next = 0
  let at = -1
  let isViolated = false
  // What is given to the decoder lies in memory of its own, at an offset that is not the stream's.
  const shift = random ? random(9) : 0
  const memory = shift ? new Uint8Array(input.length + shift) : input
  if (shift) memory.set(input, shift)
  const offset = (index: number) => index - shift
  const stop = () => {
    if (random && random(4) === 0) decoder.stopped = true
  }
  const decoder = new SinkFrameDecoder({
    onDataFrame(index) {
      const frame = frames[next]
      if (at >= 0 || !frame || frame.opcode > 7) return fail('a data frame, not expected')
      const { headerEnd, fin, length, rsv1, opcode, start } = frame
      if (decoder.position + index !== headerEnd)
        return fail('a header ends at ' + (decoder.position + index))
      if (decoder.fin !== fin || decoder.remaining !== length) fail('fin or length at ' + headerEnd)
      if (opcode && (decoder.kind !== opcode || decoder.rsv1 !== rsv1)) fail('kind at ' + headerEnd)
      at = start
      stop()
    },
    onPayload(bytes, start, end) {
      const frame = frames[next]
      if (bytes !== memory || at < 0 || offset(start) !== at || offset(end) > frame.end) {
        return fail('payload ' + offset(start) + '–' + offset(end))
      }
      if (decoder.remaining !== frame.length - (offset(end) - frame.start)) fail('what remains')
      if (start === end && frame.length) fail('an empty span')
      const untaken = random && random(4) === 0 ? random(end - start + 1) : 0
      if (untaken) {
        decoder.untaken = untaken
        decoder.stopped = true
      }
      at = offset(end) - untaken
      if (frame.isComplete && at === frame.end) {
        next++
        at = -1
      }
      stop()
    },
    onControl(opcode, bytes, start, end) {
      const frame = frames[next]
      if (!frame || bytes !== memory || at >= 0) return fail('a control frame, not expected')
      if (opcode !== frame.opcode || offset(start) !== frame.start || offset(end) !== frame.end)
        fail('control frame')
      if (random && random(4) === 0) {
        decoder.stopped = true
        return false
      }
      next++
      stop()
      return true
    },
    onViolation(id, code, index) {
      if (isViolated) fail('a second violation')
      isViolated = true
      const where = decoder.position + index
      if (
        !violation ||
        violation.at !== where ||
        violation.id !== id ||
        violation.code !== code ||
        next < frames.length
      ) {
        fail(id + ' ' + code + ' at ' + where + ', expected ' + JSON.stringify(violation))
      }
    },
  })
  if (mayHaveRsv1) decoder.reservedBits = 0x30
  let taken = shift
  let steps = 0
  for (let end = shift; end < memory.length && !isViolated; ) {
    end = Math.min(memory.length, end + arrival.next())
    do {
      decoder.stopped = false
      const before = taken
      taken = decoder.decode(memory, taken, end)
      if (taken < before || taken > end) fail('took ' + before + '–' + taken)
      if (++steps > 20 * input.length + 1000) fail('does not end')
    } while (decoder.stopped && !isViolated)
  }
  const last = frames[frames.length - 1]
  const isWhole = !last || last.isComplete
  // What is there of the last frame has been told, unless it is a control frame that is not whole.
  if (violation ? !isViolated : false) fail('no violation, expected ' + JSON.stringify(violation))
  if (!isViolated && next !== frames.length - (isWhole ? 0 : 1))
    fail('frame ' + next + ' has not come')
  if (!isWhole && last.opcode < 8 && at !== last.end)
    fail('payload up to ' + at + ' of ' + last.end)
}
