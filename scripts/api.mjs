// `npm run api`: writes docs/api.md, the reference of every export, from the declarations in dist/ and their TSDoc.
// With `--check` it writes nothing, and fails if the page is not current.

import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const page = join(root, 'docs/api.md')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Declaration file → what imports it: `ringlet/node`, and under which conditions if not all. */
function entriesOf() {
  const entries = new Map()
  const add = (name, target, conditions) => {
    if (typeof target === 'string') return
    if (!target.types) {
      for (const [condition, inner] of Object.entries(target)) {
        add(name, inner, [...conditions, condition])
      }
      return
    }
    const file = join(root, target.types)
    const specifier = manifest.name + name.slice(1)
    const entry = entries.get(file) || { names: new Map() }
    entries.set(file, entry)
    entry.names.set(specifier, [...(entry.names.get(specifier) || []), ...conditions])
  }
  for (const [name, target] of Object.entries(manifest.exports)) {
    if (name !== '.') add(name, target, [])
  }
  return entries
}

const entries = entriesOf()
const program = ts.createProgram([...entries.keys()], {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ['node'],
  skipLibCheck: true,
})
const checker = program.getTypeChecker()

/** Text of a declaration on one line, without comments, `export`, `declare`, and the braces of members. */
function lineOf(node) {
  return ts
    .createPrinter({ removeComments: true })
    .printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
    .replace(/^(export |declare |default )+/, '')
    .replace(/\s+/g, ' ')
    .replace(/;$/, '')
}

function docOf(node) {
  const symbol = node.name ? checker.getSymbolAtLocation(node.name) : node.symbol
  const parts = symbol ? symbol.getDocumentationComment(checker) : []
  return ts
    .displayPartsToString(parts)
    .replace(/\s*\n\s*/g, ' ')
    .trim()
}

const isPrivate = (member) =>
  member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) ||
  member.name?.getText().startsWith('_')

function membersOf(node) {
  return node.members
    .filter((member) => !isPrivate(member))
    .map((member) => {
      const doc = docOf(member)
      return '- `' + lineOf(member) + '`' + (doc ? ': ' + doc : '')
    })
}

/** The head of an interface or a class, without its members. */
function headOf(node) {
  const word = ts.isInterfaceDeclaration(node) ? 'interface ' : 'class '
  const parameters = node.typeParameters
    ? '<' + node.typeParameters.map((parameter) => parameter.getText()).join(', ') + '>'
    : ''
  const heritage = (node.heritageClauses || []).map((clause) => ' ' + clause.getText()).join('')
  return word + node.name.getText() + parameters + heritage
}

function describe(name, node) {
  if (ts.isVariableDeclaration(node)) {
    const type = node.type ? ': ' + node.type.getText().replace(/\s+/g, ' ') : ''
    return ['`const ' + name + type + '`', docOf(node)]
  }
  if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) {
    return ['`' + headOf(node) + '`', docOf(node), membersOf(node).join('\n')]
  }
  return ['`' + lineOf(node) + '`', docOf(node)]
}

/** Where the declaration was described first. */
const described = new Map()
const out = [
  '# API reference',
  'Made by `npm run api` from the declarations, and held to them by a test. `ringlet` itself is `ringlet/node`, ' +
    '`ringlet/workers` or `ringlet/core`, by the runtime. What several exports share is described at the first.',
]

for (const [file, { names }] of entries) {
  const title = [...names]
    .map(([name, conditions]) => name + (conditions.length ? ` (${conditions.join(', ')})` : ''))
    .join(', ')
  out.push('## ' + title)
  const module = checker.getSymbolAtLocation(program.getSourceFile(file))
  const repeated = []
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol =
      exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const { name } = exported
    const declarations = (symbol.declarations || []).filter(
      (declaration, i, all) => i === 0 || !ts.isFunctionDeclaration(all[i - 1]),
    )
    if (!declarations.length) throw new Error(title + ' exports nothing as ' + name)
    const key = name + '\0' + declarations[0].getText()
    if (described.has(key)) {
      repeated.push('`' + name + '`')
      continue
    }
    described.set(key, title)
    out.push('### ' + name)
    for (const declaration of declarations) {
      out.push(...describe(name, declaration).filter((text) => text))
    }
  }
  if (repeated.length) out.push('Also: ' + repeated.join(', ') + '.')
}

const text = out.join('\n\n') + '\n'
if (!process.argv.includes('--check')) {
  writeFileSync(page, text)
} else if (readFileSync(page, 'utf8') !== text) {
  console.error(relative(root, page) + ' is not current: npm run api')
  process.exitCode = 1
}
