// Handshake against the reference, with the response in any pieces, and the negotiation of permessage-deflate.

import { readAnswer } from '../../src/deflate/negotiation'
import { base64 } from '../../src/protocol/base64'
import { Handshake } from '../../src/protocol/handshake'
import { sha1 } from '../../src/protocol/sha1'
import { pick, type Random } from '../deflate/random'
import { testPlatform } from '../support/platform'
import { acceptOf, type Answer, answerOf, negotiatedOf, type Offered } from './handshake-reference'
import { answerStream, extensionHeader } from './handshake-stream'
import { arrivalOf, type Case, Disagreement } from './target'

const ASKED = [[], ['chat'], ['chat', 'superchat'], ['a', 'b', 'c']]

const octetsOf = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0))

export function fuzzHandshake(random: Random): Case {
  return random(3) ? fuzzAnswer(random) : fuzzExtensions(random)
}

function fuzzAnswer(random: Random): Case {
  const words = [0, 1, 2, 3].map(() => (random(65536) << 16) | random(65536))
  const key = new Uint8Array(Int32Array.from(words).buffer)
  const accept = acceptOf(key)
  const asked = pick(random, ASKED)
  const text = answerStream(random, accept, asked)
  const maxLength = random(6) ? 16384 : random(text.length + 20)
  const input = octetsOf(text)
  const expected = answerOf(text, accept, asked, maxLength)
  const arrival = arrivalOf(input.length, random)
  const platform = { ...testPlatform(words), ...(random(2) ? { sha1, base64 } : {}) }
  const fail = (what: string): never => {
    throw new Disagreement(
      what + ', expected ' + JSON.stringify(expected),
      input,
      arrival.name + ' of ' + maxLength,
    )
  }
  let said: Answer = { outcome: 'pending' }
  const say = (answer: Answer) => {
    if (said.outcome !== 'pending') fail('answered twice')
    said = answer
  }
  const handshake: Handshake = new Handshake(
    { host: 'h', path: '/', userInfo: '' },
    { protocols: asked },
    platform,
    maxLength,
    {
      onOpen: (protocol, extensions) =>
        say({ outcome: 'open', protocol, extensions, length: handshake.length }),
      drop: (id, _detail, at) => say({ outcome: 'refused', id, at, status: handshake.status }),
    },
  )
  let at = 0
  while (at < input.length && !handshake.isOver) {
    const end = Math.min(input.length, at + arrival.next())
    const next = handshake.read(input, at, end)
    if (next <= at || (next < end && !handshake.isOver)) fail('took ' + at + '–' + next)
    at = next
  }
  if (JSON.stringify(said) !== JSON.stringify(expected)) fail('said ' + JSON.stringify(said))
  return { octets: input.length, fed: at }
}

function fuzzExtensions(random: Random): Case {
  const header = extensionHeader(random)
  const offer: Offered = {
    serverNoContextTakeover: random(3) === 0,
    clientNoContextTakeover: random(3) === 0,
    serverMaxWindowBits: random(3) ? undefined : 8 + random(8),
    clientMaxWindowBits: random(3) ? random(3) > 0 : 8 + random(8),
  }
  const expected = negotiatedOf(header, offer)
  let said: unknown
  try {
    const { rest, agreement } = readAnswer(offer, header)
    said = rest ? 'refused' : agreement || 'declined'
  } catch {
    said = 'refused'
  }
  if (JSON.stringify(said) !== JSON.stringify(expected)) {
    const how = JSON.stringify(header) + ' to ' + JSON.stringify(offer)
    throw new Disagreement(
      'said ' + JSON.stringify(said) + ', expected ' + JSON.stringify(expected),
      octetsOf(header),
      how,
    )
  }
  return { octets: header.length, fed: header.length }
}
