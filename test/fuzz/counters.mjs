// A loader of modules that counts in src/ which way the program goes: `$counters[n]` grows where branch n is taken. It runs
// behind tsx, so what it sees is JavaScript.

import { parse } from 'acorn'

/** How many branches there may be. */
export const MOST = 8192

let next = 0

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context)
  if (!/\/src\/[^?]*\.ts(\?|$)/.test(url) || loaded.format !== 'module') return loaded
  const { code, count } = withCounters(String(loaded.source), next)
  next += count
  if (next > MOST) throw new Error(`${next} branches, expected ${MOST} at most`)
  return { ...loaded, source: code }
}

/** `text` with a counter at the beginning of each function, block, branch and right operand, numbered from `first`. */
export function withCounters(text, first) {
  const inserts = []
  let count = 0
  /** `order`: of one place, from the inside out where something ends, and from the outside in where it begins. */
  const begin = (at, before) => inserts.push({ at, before, order: inserts.length })
  const end = (at, before) => inserts.push({ at, before, order: -inserts.length })
  const counter = () => `$counters[${first + count++}]++`
  const expression = (node) => {
    begin(node.start, `(${counter()},`)
    end(node.end, ')')
  }
  const statement = (node) => {
    if (node.type === 'BlockStatement') begin(node.start + 1, counter() + ';')
    else {
      begin(node.start, `{${counter()};`)
      end(node.end, '}')
    }
  }
  const visit = (node) => {
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
        statement(node.body)
        break
      case 'ArrowFunctionExpression':
        if (node.expression) expression(node.body)
        else statement(node.body)
        break
      case 'IfStatement':
        statement(node.consequent)
        if (node.alternate) statement(node.alternate)
        break
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        statement(node.body)
        break
      case 'SwitchCase':
        if (node.consequent.length) begin(node.consequent[0].start, counter() + ';')
        break
      case 'ConditionalExpression':
        expression(node.consequent)
        expression(node.alternate)
        break
      case 'LogicalExpression':
        expression(node.right)
        break
    }
    for (const key in node) {
      const child = node[key]
      for (const one of Array.isArray(child) ? child : [child]) {
        if (one && typeof one.type === 'string') visit(one)
      }
    }
  }
  visit(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }))
  let code = ''
  let at = 0
  inserts.sort((a, b) => a.at - b.at || a.order - b.order)
  for (const insert of inserts) {
    code += text.slice(at, insert.at) + insert.before
    at = insert.at
  }
  return {
    code:
      `const $counters = (globalThis.$counters ||= new Uint32Array(${MOST}));` +
      code +
      text.slice(at),
    count,
  }
}
