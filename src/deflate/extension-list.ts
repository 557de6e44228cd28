// The value of Sec-WebSocket-Extensions, RFC 6455 section 9.1: extensions with parameters, whose values may be
// quoted. Each element keeps its text, so that what is another's can be handed on.

import { isToken, trim } from '../protocol/characters'

export interface ExtensionElement {
  name: string
  /** Names and values, a value being undefined where there is none. */
  parameters: [name: string, value: string | undefined][]
  text: string
}

/** Parses `list`; throws an error that says where it is wrong. */
export function parseExtensions(list: string): ExtensionElement[] {
  const elements: ExtensionElement[] = []
  // A quoted value must be a token, RFC 6455 section 9.1: what separates within quotes is wrong, cut there or not.
  for (const element of list.split(',')) {
    const text = trim(element)
    // RFC 9110 section 5.6.1.2: empty elements of a list MUST be ignored.
    if (!text) continue
    const [name, ...rest] = text.split(';').map(trim)
    requireToken(name, text)
    const parameters = rest.map((parameter): [string, string | undefined] => {
      const equals = parameter.indexOf('=')
      if (equals < 0) return [requireToken(parameter, text), undefined]
      let value = trim(parameter.slice(equals + 1))
      if (value.charAt(0) === '"') {
        if (value.charAt(value.length - 1) !== '"') requireToken(value, text)
        const quoted = value
        value = ''
        for (let i = 1; i < quoted.length - 1; i++) {
          // What stands behind a backslash stands for itself.
          if (quoted.charAt(i) === '\\') i++
          value += quoted.charAt(i)
        }
      }
      return [requireToken(trim(parameter.slice(0, equals)), text), requireToken(value, text)]
    })
    elements.push({ name, parameters, text })
  }
  return elements
}

function requireToken(token: string, text: string): string {
  if (!isToken(token)) throw new Error('"' + text + '" is malformed')
  return token
}
