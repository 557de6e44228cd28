// Whether the bundles for Espruino can run there: what its parser cannot read, what it does not hoist, what it does not
// have. Each check is shown to find what it looks for.

import { readdirSync, readFileSync } from 'node:fs'
import { parse, type Node } from 'acorn'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { METHODS } from '../runtime/espruino/methods.mjs'

const bundle = suite('bundles for Espruino')
const dist = new URL('../../dist/', import.meta.url)
const names = readdirSync(dist).filter((name) => /^espruino.*\.js$/.test(name))

// biome-ignore lint/suspicious/noExplicitAny: the shapes of a tree, by their names.
type Any = Node & Record<string, any>

const parsed = (code: string) => parse(code, { ecmaVersion: 5 }) as Any

/** Every node with its parents, outermost first. */
function each(node: Any, visit: (node: Any, parents: Any[]) => void, parents: Any[] = []): void {
  visit(node, parents)
  for (const key in node) {
    const value = node[key]
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child.type === 'string') each(child, visit, [...parents, node])
    }
  }
}

const isFunction = ({ type }: Any) => /^Function/.test(type)

/** Whether an identifier is used, rather than a name of a member or of what is declared. */
function isUse(node: Any, parents: Any[]): boolean {
  const parent = parents[parents.length - 1]
  return (
    node.type === 'Identifier' &&
    !(parent.type === 'MemberExpression' && parent.property === node && !parent.computed) &&
    !(parent.type === 'Property' && parent.key === node) &&
    !(parent.type === 'VariableDeclarator' && parent.id === node) &&
    !(isFunction(parent) && parent.body !== node) &&
    parent.type !== 'CatchClause'
  )
}

/**
 * Names used before their definition, in the order of the text: Espruino hoists nothing, so at that time there is no such
 * variable. What a function uses of an outer one is looked at when it is called, and is there by then.
 */
function usedTooEarly(code: string): string[] {
  const found: string[] = []
  const scopes = new Map<Any, Map<string, number>>()
  const scopeOf = (parents: Any[]) =>
    [...parents].reverse().find((one) => isFunction(one) || one.type === 'Program')!
  const program = parsed(code)
  const define = (parents: Any[], name: string, at: number) => {
    const scope = scopeOf(parents)
    if (!scopes.has(scope)) scopes.set(scope, new Map())
    const names = scopes.get(scope)!
    if (!names.has(name)) names.set(name, at)
  }
  each(program, (node, parents) => {
    if (node.type === 'VariableDeclarator') define(parents, node.id.name, node.id.start)
    if (node.type === 'FunctionDeclaration') define(parents, node.id.name, node.start)
    if (isFunction(node)) {
      for (const parameter of node.params) define([node], parameter.name, node.start)
    }
  })
  each(program, (node, parents) => {
    if (!isUse(node, parents)) return
    const at = scopes.get(scopeOf(parents))?.get(node.name)
    if (at !== undefined && at > node.start) found.push(node.name)
  })
  return found
}

const GLOBALS = (
  'E Float64Array Int32Array Uint8Array Object Math JSON String Error btoa clearTimeout setTimeout exports module parseInt process require ' +
  'undefined'
).split(' ')

/** Names that are neither defined nor Espruino's. */
function unknownGlobals(code: string): string[] {
  const defined = new Set(GLOBALS)
  const program = parsed(code)
  each(program, (node) => {
    if (node.type === 'VariableDeclarator') defined.add(node.id.name)
    if (node.type === 'FunctionDeclaration') defined.add(node.id.name)
    if (node.type === 'CatchClause') defined.add(node.param.name)
    if (isFunction(node)) for (const { name } of node.params) defined.add(name)
  })
  const found: string[] = []
  each(program, (node, parents) => {
    if (isUse(node, parents) && !defined.has(node.name)) found.push(node.name)
  })
  return found
}

/** What Espruino's own objects have, of what is called in the bundles. */
const NATIVE =
  'toUint8Array toString hwRand isUTF8 asUTF8 fromUTF8 SHA1 connect on emit write end set subarray exec test'.split(
    ' ',
  )

/** Of the socket, for the bundle beside it. */
const SOCKET = ['sendText', 'sendBinary', 'ping', 'close']

/** Methods that are called, and are neither Espruino's nor of the bundles. */
function unknownMethods(code: string): string[] {
  const known = new Set([...NATIVE, ...SOCKET, ...Object.values(METHODS).flat()])
  const program = parsed(code)
  each(program, (node) => {
    if (node.type === 'Property') known.add(node.key.name || node.key.value)
    if (node.type === 'AssignmentExpression' && node.left.type === 'MemberExpression') {
      known.add(node.left.property.name)
    }
  })
  const found: string[] = []
  each(program, ({ type, callee }) => {
    if (!/^(Call|New)Expression$/.test(type) || callee.type !== 'MemberExpression') return
    if (!callee.computed && !known.has(callee.property.name)) found.push(callee.property.name)
  })
  return found
}

/** Expressions that Espruino does not read as others do: groups that are repeated, nested or have alternatives, counts,
 * what is optional or lazy; a bracket, a slash or a dollar in a set. */
function unreadable(code: string): string[] {
  const found: string[] = []
  each(parsed(code), ({ regex }) => {
    if (!regex) return
    const sets = regex.pattern.match(/\[(?:\\.|[^\]\\])*\]/g) || []
    const rest = regex.pattern
      .replace(/\[(?:\\.|[^\]\\])*\]/g, 'x')
      .replace(/\((?!\?)[^()|]*\)(?![*+?{])/g, 'x')
    if (
      /[({]|[^\\]\?|\\[bBkpP1-9[\]]/.test(rest) ||
      sets.some((set: string) =>
        /[[\]\\$]/.test(set.slice(1, -1).replace(/\\[xnrt/][0-9a-f]*/g, '')),
      ) ||
      sets.some((set: string) => /(^|[^\\])\//.test(set))
    ) {
      found.push(regex.pattern)
    }
  })
  return found
}

for (const name of names) {
  const code = readFileSync(new URL(name, dist), 'utf8')

  bundle(name + ' is ES5, in ASCII', () => {
    parsed(code)
    assert.not.match(code, /[^\n\x20-\x7e]/)
  })

  bundle(name + ' uses nothing before its definition', () => {
    assert.equal(usedTooEarly(code), [])
  })

  bundle(name + ' uses what Espruino has', () => {
    assert.equal(unknownGlobals(code), [])
    assert.equal(unknownMethods(code), [])
  })

  bundle(name + ' has no expression that Espruino cannot read', () => {
    assert.equal(unreadable(code), [])
  })
}

bundle('there are bundles', () => {
  assert.ok(names.includes('espruino.js'))
})

bundle('what would not run is found', () => {
  assert.throws(() => parsed('let a = () => 1'))
  assert.equal(usedTooEarly('f(); function f() {}'), ['f'])
  assert.equal(usedTooEarly('function f() { a = 1; var a; return a }'), ['a'])
  assert.equal(usedTooEarly('function f() { return g() } function g() {} f()'), [])
  assert.equal(unknownGlobals('new Map(); queueMicrotask(f); function f(a) { return a }'), [
    'Map',
    'queueMicrotask',
  ])
  assert.equal(unknownMethods('a.codePointAt(0); b.substr(1); c.mine = 1; c.mine()'), [
    'codePointAt',
  ])
  assert.equal(
    unreadable(
      '[/(?:a)/, /a{2}/, /a+?/, /[/?]/, /[^[]/, /[\\]]/, /\\bx/, /[a$b]/, /ab?/, /(a|b)/, /(a)*/, /((a))/]',
    ).length,
    12,
  )
  assert.equal(
    unreadable('[/[\\x80-\\xff]/, /^[!#-*]+$/g, /a|b/, /[\\/?]/, /^([^@]*)@(.*)$/, /a\\?$/]'),
    [],
  )
})

bundle.run()
