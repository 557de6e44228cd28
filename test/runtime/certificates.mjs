// A private certificate authority and certificates of it, made when the peers start, so that no key is ever
// kept in a file. X.509 (RFC 5280) in DER, with the signatures of node:crypto; no other program is needed.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A DER element: tag, length, contents. */
function element(tag, ...contents) {
  const body = Buffer.concat(contents)
  const { length } = body
  const header =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(header), body])
}

const sequence = (...contents) => element(0x30, ...contents)
const boolean = Buffer.from('0101ff', 'hex')
const identifier = (hex) => element(0x06, Buffer.from(hex, 'hex'))
const integer = (hex) => element(0x02, Buffer.from(hex, 'hex'))
const octets = (contents) => element(0x04, contents)

// Object identifiers.
const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'))
const COMMON_NAME = identifier('550403')
const KEY_USAGE = identifier('551d0f')
const ALTERNATIVE_NAME = identifier('551d11')
const BASIC_CONSTRAINTS = identifier('551d13')
const EXTENDED_KEY_USAGE = identifier('551d25')
const SERVER_AUTHENTICATION = identifier('2b06010505070301')
const CLIENT_AUTHENTICATION = identifier('2b06010505070302')

function nameOf(text) {
  return sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from(text)))))
}

/** UTCTime: two digits of the year. */
function timeOf(date) {
  return element(
    0x17,
    Buffer.from(
      date
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2),
    ),
  )
}

function pem(label, der) {
  const lines = der.toString('base64').match(/.{1,64}/g)
  return ['-----BEGIN ' + label + '-----', ...lines, '-----END ' + label + '-----', ''].join('\n')
}

const DAY = 86400000

function certificate(subject, publicKey, issuer, issuerKey, extensions) {
  const now = Date.now()
  const body = sequence(
    element(0xa0, integer('02')),
    // Positive, as a serial number must be.
    integer('40' + randomBytes(8).toString('hex')),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(timeOf(new Date(now - DAY)), timeOf(new Date(now + 30 * DAY))),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, issuerKey)
  return pem(
    'CERTIFICATE',
    sequence(body, ECDSA_WITH_SHA256, element(0x03, Buffer.from([0]), signature)),
  )
}

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** Each address is a Buffer of 4 or 16 bytes. */
function alternativeNames(names, addresses) {
  return sequence(
    ALTERNATIVE_NAME,
    octets(
      sequence(
        ...names.map((name) => element(0x82, Buffer.from(name))),
        ...addresses.map((address) => element(0x87, address)),
      ),
    ),
  )
}

/** A new authority: its certificate `ca`, and `issue`, which makes certificates signed by it. */
export function certificateAuthority() {
  const issuer = 'Ringlet test authority'
  const authority = keyPair()
  const ca = certificate(issuer, authority.publicKey, issuer, authority.privateKey, [
    sequence(BASIC_CONSTRAINTS, boolean, octets(sequence(boolean))),
    // keyCertSign, cRLSign.
    sequence(KEY_USAGE, boolean, octets(Buffer.from('03020106', 'hex'))),
  ])
  return {
    ca,
    issue(subject, names, addresses = []) {
      const { publicKey, privateKey } = keyPair()
      const extensions = [
        sequence(
          EXTENDED_KEY_USAGE,
          octets(sequence(SERVER_AUTHENTICATION, CLIENT_AUTHENTICATION)),
        ),
      ]
      if (names.length + addresses.length) extensions.push(alternativeNames(names, addresses))
      return {
        cert: certificate(subject, publicKey, issuer, authority.privateKey, extensions),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      }
    },
  }
}

export const LOOPBACK_4 = Buffer.from([127, 0, 0, 1])
export const LOOPBACK_6 = Buffer.from([...new Array(15).fill(0), 1])
