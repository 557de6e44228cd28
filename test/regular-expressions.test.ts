// No bundle that runs in Moddable's XS has a regular expression: in SDK 8.2.3 each use of one takes memory for good, and may
// damage the heap. The check is shown to find what it looks for.

import { readFileSync } from 'node:fs'
import { type Node, parse } from 'acorn'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const expressions = suite('regular expressions')
const dist = new URL('../dist/', import.meta.url)

// biome-ignore lint/suspicious/noExplicitAny: the shapes of a tree, by their names.
type Any = Node & Record<string, any>

/** Methods of strings that make one of what they are given. */
const MAKERS = ['match', 'matchAll', 'search']

/** What in `code` is a regular expression, or makes one. */
function found(code: string): string[] {
  const list: string[] = []
  const visit = (node: Any): void => {
    if (node.type === 'Literal' && node.regex) list.push(node.raw)
    if (node.type === 'Identifier' && node.name === 'RegExp') list.push(node.name)
    if (node.type === 'CallExpression') {
      const { property } = node.callee
      const name = property && (property.name || property.value)
      if (MAKERS.includes(name)) list.push(name)
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (child && typeof child.type === 'string') visit(child)
      }
    }
  }
  visit(parse(code, { ecmaVersion: 2022, sourceType: 'module' }) as Any)
  return list
}

const BUNDLES = [
  'moddable',
  'ecma419',
  'websocket-client',
  'reconnect',
  'websocket',
  'deflate',
  'core',
]

for (const name of BUNDLES) {
  expressions(name + ' has none', () => {
    assert.equal(found(readFileSync(new URL(name + '.js', dist), 'utf8')), [])
  })
}

expressions('the check finds every kind', () => {
  for (const [code, expected] of [
    ['text.replace(/a/g, b)', '/a/g'],
    ['class A { _m(a = [/b/]) {} }', '/b/'],
    ['new RegExp(text)', 'RegExp'],
    ['globalThis.RegExp(text)', 'RegExp'],
    ['text.match(what)', 'match'],
    ["text['search'](what)", 'search'],
  ]) {
    assert.equal(found(code), [expected], code)
  }
  assert.equal(found('const { search } = url; text.split("/").indexOf("a/b/c")'), [])
})

expressions.run()
