// The faults of `npm run faults` that are told as data, so that every runtime can have them: for each octet of a
// conversation, what the network does there, and what the client must hear, told by nothing but how far it has come.
//
// A case is `{ group, name, fault, script, options, expected }`: `expected` is a list of what may be heard.

import { bulkLog, DOWN, STEPS, UP } from './conversation.mjs'

/** Deadlines that no test reaches. */
const PATIENT = { handshakeTimeout: 0, closeTimeout: 0 }
/** Long enough for a busy machine, which they would have to wait for if they never came. */
const SOON = { handshakeTimeout: 2000, closeTimeout: 2000, idleTimeout: 2000 }

/** What is heard when a connection fails with one of `ids` after `count` steps. */
const failed = (count, ...ids) =>
  ids.map((id) =>
    [...STEPS.slice(0, count), `error ${id} 1006`, `close 1006 "${id}" unclean`].join(' | '),
  )
const COMPLETE = STEPS.join(' | ')

/** How many octets have passed by the end of each unit. */
function endsOf(first, units) {
  const ends = [first]
  for (const unit of units) ends.push(ends[ends.length - 1] + unit)
  return ends
}

/**
 * The cases for a conversation whose request has `request` octets and whose response head has `head`. `step` takes each
 * nth octet only. `tellsResets` is whether the runtime tells a reset from an end.
 */
export function plainCases({ request, head, step = 1, tellsResets = true }) {
  const upEnds = endsOf(request, UP)
  const downEnds = endsOf(head, DOWN)
  const cases = []
  const add = (group, name, fault, expected, more) =>
    cases.push({
      group,
      name,
      fault: { to: 'plain', ...fault },
      script: 'lockstep',
      options: PATIENT,
      expected,
      ...more,
    })
  const end = (isOpen, isReset) => {
    const reset = isOpen ? 'CONNECTION_LOST' : 'CONNECT_FAILED'
    if (!tellsResets) return [reset, 'CONNECTION_ENDED']
    return [isReset ? reset : 'CONNECTION_ENDED']
  }

  for (let at = 0; at <= downEnds[4]; at += step) {
    // Complete steps of what has come.
    const count = downEnds.filter((one) => one <= at).length
    const fault = { direction: 'down', at }
    const isOver = count === STEPS.length
    add(
      'RST, of what comes',
      `RST behind octet ${at} of what comes`,
      { ...fault, action: 'reset' },
      // libuv tells a reset that comes with data as an end.
      isOver ? [COMPLETE] : failed(count, ...end(count > 0, true), 'CONNECTION_ENDED'),
    )
    add(
      'FIN, of what comes',
      `FIN behind octet ${at} of what comes`,
      { ...fault, action: 'fin' },
      isOver ? [COMPLETE] : failed(count, ...end(count > 0, false)),
    )
    add(
      'stall, of what comes',
      `a stall behind octet ${at} of what comes`,
      { ...fault, action: 'stall', wait: 30 },
      [COMPLETE],
    )
    add(
      'half-open, of what comes',
      `half-open behind octet ${at} of what comes`,
      { ...fault, action: 'hold' },
      isOver ? [COMPLETE] : failed(count, deadlineOf(count)),
      { options: SOON },
    )
  }
  for (let at = 1; at <= upEnds[4]; at += step) {
    // What is heard before the unit that is cut was sent.
    const count = upEnds.filter((one) => one < at).length
    const fault = { direction: 'up', at }
    const isWhole = upEnds.includes(at)
    add(
      'RST, of what is sent',
      `RST behind octet ${at} of what is sent`,
      { ...fault, action: 'reset' },
      failed(count, ...end(count > 0, true)),
    )
    // The server sees the end; it may have answered what came whole before it.
    const heard = failed(count, ...end(count > 0, false))
    // To a request that ends too early, Node's server says 400.
    if (count === 0) heard.push(...failed(0, 'BAD_STATUS'))
    if (isWhole && count === 4) heard.push(COMPLETE)
    else if (isWhole) heard.push(...failed(count + 1, ...end(true, false), ...end(true, true)))
    add(
      'FIN, of what is sent',
      `FIN behind octet ${at} of what is sent`,
      { ...fault, action: 'fin' },
      heard,
    )
    add(
      'stall, of what is sent',
      `a stall behind octet ${at} of what is sent`,
      { ...fault, action: 'stall', wait: 30 },
      [COMPLETE],
    )
    add(
      'half-open, of what is sent',
      `half-open behind octet ${at} of what is sent`,
      { ...fault, action: 'hold' },
      failed(count, deadlineOf(count)),
      { options: SOON },
    )
  }

  const keepalive = { ...PATIENT, pingInterval: 100, pongTimeout: 1500 }
  for (const [i, at] of downEnds.slice(0, 3).entries()) {
    add(
      'keepalive',
      `half-open behind step ${i + 1}: no pong`,
      { direction: 'down', at, action: 'hold' },
      failed(i + 1, 'PONG_TIMEOUT'),
      { options: keepalive },
    )
  }
  for (const sendBuffer of [256, 4096, 65536]) {
    const fault = { direction: 'up', at: request, action: 'deaf' }
    const more = { script: 'fill', options: { ...keepalive, sendBuffer } }
    add(
      'a peer that stops reading',
      `it stops reading, ${sendBuffer} B to send from: no pong`,
      fault,
      failed(1, 'PONG_TIMEOUT'),
      more,
    )
    add(
      'a peer that stops reading',
      `it stops reading, ${sendBuffer} B to send from, and is closed`,
      fault,
      failed(1, 'CLOSE_TIMEOUT'),
      { script: 'fill', isClosed: true, options: { ...SOON, sendBuffer } },
    )
  }
  for (const receiveBuffer of [256, 4096]) {
    for (const sendBuffer of [256, 4096]) {
      if (step > 1 && receiveBuffer !== sendBuffer) continue
      const rings = { ...PATIENT, receiveBuffer, sendBuffer }
      const named = `${receiveBuffer} and ${sendBuffer} B`
      add('a slow network', `one octet in a segment, ${named}`, { segment: 1 }, [COMPLETE], {
        options: rings,
      })
      add('a slow network', `three octets in a segment, ${named}`, { segment: 3 }, [COMPLETE], {
        options: rings,
      })
      add('a slow network', `20 ms each way, ${named}`, { delay: 20 }, [COMPLETE], {
        options: rings,
      })
      add(
        'a slow network',
        `64 octets per ms, 64 KiB there and back, ${named}`,
        { rate: 64 },
        [bulkLog(65536)],
        { script: 'bulk', size: 65536, options: rings },
      )
      add(
        'a slow network',
        `segments of 1,000 octets, 1 MiB there and back, ${named}`,
        { segment: 1000 },
        [bulkLog(1 << 20)],
        { script: 'bulk', size: 1 << 20, options: rings },
      )
    }
  }
  return cases
}

function deadlineOf(count) {
  return count === 0 ? 'HANDSHAKE_TIMEOUT' : count === 4 ? 'CLOSE_TIMEOUT' : 'IDLE_TIMEOUT'
}

/** What may be heard of a connection over TLS that breaks anywhere: some of the steps, and then one error. */
const BROKEN = []
for (let count = 0; count < STEPS.length; count++) {
  BROKEN.push(
    ...failed(
      count,
      ...(count ? ['CONNECTION_LOST', 'CONNECTION_ENDED'] : ['CONNECT_FAILED', 'CONNECTION_ENDED']),
    ),
  )
}
const WAITING_STEP = 5
const BROKEN_OR_LATE = [
  ...BROKEN,
  ...STEPS.flatMap((_, count) => (count < STEPS.length ? failed(count, deadlineOf(count)) : [])),
]

/**
 * TLS that is cut or damaged anywhere; `up` and `down` are the octets of a conversation that is not. Its records have no
 * length that is the same each time: a signature is an octet longer or shorter. So what is held to is that what comes is a
 * beginning of the conversation, followed by one error; and that none ends well which lacks more than its last octets.
 */
export function secureCases({ up, down, step = 1 }) {
  const cases = []
  // Behind the Close frame comes TLS's own end. Without it an end is not clean, but WebSocket's is by then.
  const mayBeComplete = (direction, at) => (direction === 'down' ? at > down - 100 : at > up - 100)
  for (const [direction, length] of [
    ['down', down],
    ['up', up],
  ]) {
    for (let at = direction === 'up' ? 1 : 0; at <= length; at += step) {
      const add = (group, action, expected, options) =>
        cases.push({
          group: `TLS: ${group}`,
          name: `TLS: ${action} behind octet ${at} of what ${direction === 'down' ? 'comes' : 'is sent'}`,
          fault: { to: 'secure', direction, at, action },
          script: 'lockstep',
          options,
          expected,
        })
      const complete = mayBeComplete(direction, at) ? [COMPLETE] : []
      add('RST', 'reset', [...BROKEN, ...complete], PATIENT)
      add('FIN without close_notify', 'fin', [...BROKEN, ...complete], PATIENT)
      // These wait for a deadline: not for each octet.
      if (at % WAITING_STEP) continue
      add('half-open', 'hold', [...BROKEN_OR_LATE, ...complete], SOON)
      // What TLS does not look at may be turned without harm.
      add('a bit turned', 'flip', [...BROKEN_OR_LATE, COMPLETE], SOON)
    }
  }
  return cases
}
