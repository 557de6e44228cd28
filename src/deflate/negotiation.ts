// The parameters of permessage-deflate, RFC 7692 section 7.1: what is offered, and the server's answer checked.

import { parseExtensions } from './extension-list'

const NAME = 'permessage-deflate'

export interface Offer {
  serverNoContextTakeover: boolean
  clientNoContextTakeover: boolean
  /** 8–15, or undefined: not offered. */
  serverMaxWindowBits: number | undefined
  /** 8–15; true: offered without a value; false: not offered. */
  clientMaxWindowBits: number | boolean
}

/** What has been agreed on. */
export interface Agreement {
  serverNoContextTakeover: boolean
  clientNoContextTakeover: boolean
  serverMaxWindowBits: number
  clientMaxWindowBits: number
}

/** The offer as an element of Sec-WebSocket-Extensions. */
export function formatOffer(offer: Offer): string {
  const { serverMaxWindowBits, clientMaxWindowBits } = offer
  return (
    NAME +
    (offer.serverNoContextTakeover ? '; server_no_context_takeover' : '') +
    (offer.clientNoContextTakeover ? '; client_no_context_takeover' : '') +
    (serverMaxWindowBits ? '; server_max_window_bits=' + serverMaxWindowBits : '') +
    (clientMaxWindowBits
      ? '; client_max_window_bits' + (clientMaxWindowBits === true ? '' : '=' + clientMaxWindowBits)
      : '')
  )
}

/**
 * Checks the answer, and returns what has been agreed on, undefined if the server has declined, and what of the
 * answer is another extension's.
 */
export function readAnswer(
  offer: Offer,
  response: string,
): { rest: string; agreement?: Agreement } {
  const others: string[] = []
  let agreement: Agreement | undefined
  for (const element of response ? parseExtensions(response) : []) {
    if (element.name !== NAME) {
      others.push(element.text)
      continue
    }
    if (agreement) throw new Error(NAME + ' is accepted twice')
    agreement = agree(offer, element.parameters)
  }
  return { rest: others.join(', '), agreement }
}

function agree(offer: Offer, parameters: [name: string, value: string | undefined][]): Agreement {
  const { serverMaxWindowBits, clientMaxWindowBits } = offer
  const values: Record<string, string | undefined> = Object.create(null)
  for (const [name, value] of parameters) {
    const isWindow = name === 'server_max_window_bits' || name === 'client_max_window_bits'
    const isTakeover =
      name === 'server_no_context_takeover' || name === 'client_no_context_takeover'
    const most =
      name[0] === 's' ? serverMaxWindowBits : +clientMaxWindowBits > 1 ? +clientMaxWindowBits : 15
    if (
      name in values ||
      !(isWindow ? isWindowBits(value, most || 15) : isTakeover && value === undefined) ||
      (name === 'client_max_window_bits' && !clientMaxWindowBits)
    ) {
      throw new Error(
        NAME +
          ': ' +
          name +
          (value === undefined ? '' : '=' + value) +
          ' does not answer the offer',
      )
    }
    values[name] = value
  }
  // Section 7.1.1.1 and 7.1.2.1: the server accepts these by giving them back.
  if (
    (offer.serverNoContextTakeover && !('server_no_context_takeover' in values)) ||
    (serverMaxWindowBits && !values.server_max_window_bits)
  ) {
    throw new Error(NAME + ': a parameter of the offer is missing')
  }
  return {
    serverNoContextTakeover: 'server_no_context_takeover' in values,
    clientNoContextTakeover:
      offer.clientNoContextTakeover || 'client_no_context_takeover' in values,
    serverMaxWindowBits: +(values.server_max_window_bits || 15),
    clientMaxWindowBits: Math.min(
      +(values.client_max_window_bits || 15),
      +clientMaxWindowBits > 1 ? +clientMaxWindowBits : 15,
    ),
  }
}

/** Section 7.1.2: a decimal integer from 8 to 15, without leading zeros. */
function isWindowBits(value: string | undefined, most: number): boolean {
  return (
    value !== undefined &&
    +value >= 8 &&
    +value <= most &&
    String(+value) === value &&
    +value % 1 === 0
  )
}
