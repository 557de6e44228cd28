// Close codes, RFC 6455 section 7.4 and the IANA registry.

export const PROTOCOL_ERROR = 1002
/** Reported when a Close frame carried no code; never on the wire. */
export const NO_STATUS = 1005
/** Reported when no Close frame came; never on the wire. */
export const ABNORMAL = 1006
export const INVALID_PAYLOAD = 1007
export const POLICY_VIOLATION = 1008
export const MESSAGE_TOO_BIG = 1009

/**
 * Whether a Close frame may carry `code`, in either direction.
 * 1004 is undefined; 1005, 1006 and 1015 must not be sent (section 7.4.1); 1016–2999 are
 * reserved for the protocol (section 7.4.2).
 */
export function isWireCloseCode(code: number): boolean {
  return (
    code % 1 === 0 &&
    (code < 3000 ? code > 999 && code < 1015 && (code < 1004 || code > 1006) : code < 5000)
  )
}
