// What the bundles of the targets mangle is named by our own modules alone: never by users, by other bundles, or by a
// runtime. A name that is not ours would break in the bundle, and nowhere else.

import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { INTERNAL, minification } from '../scripts/minification.mjs'

const mangling = suite('mangling')
const root = fileURLToPath(new URL('..', import.meta.url))
const internal = new Set(INTERNAL)

/** What users see, and what is said from bundle to bundle. */
const PUBLIC = [
  ...['Handlers', 'ClientOptions', 'Socket', 'Options', 'ConnectOptions', 'RingletError'],
  ...['Extension', 'Transform', 'TransformSink', 'UrlParts'],
]
/** Of the ring that an extension brings, `MessageDecoder` uses these. */
const RING = ['bytes', 'heldStart', 'heldEnd', 'hold', 'release']

function programOf(tsconfig: string): ts.Program {
  const file = join(root, tsconfig)
  const { config } = ts.readConfigFile(file, ts.sys.readFile)
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  return ts.createProgram(fileNames, { ...options, noEmit: true })
}

const programs = ['tsconfig.build.json', 'tsconfig.workers.json'].map(programOf)

const isOurs = ({ fileName }: ts.SourceFile) =>
  /^(src|targets)\//.test(relative(root, fileName).split('\\').join('/')) &&
  !/\.d\.ts$/.test(fileName)

/** Every use of an internal name for a member that somebody else declares. */
function foreign(program: ts.Program): string[] {
  const checker = program.getTypeChecker()
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && internal.has(node.text)) {
      const { parent } = node
      let symbol: ts.Symbol | undefined
      if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
        symbol = checker.getSymbolAtLocation(node)
      } else if (
        ts.isObjectLiteralElementLike(parent) &&
        ts.isObjectLiteralExpression(parent.parent) &&
        parent.name === node
      ) {
        symbol = checker.getContextualType(parent.parent)?.getProperty(node.text)
      } else if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent)) {
        if ((parent.propertyName || parent.name) === node) {
          symbol = checker.getTypeAtLocation(parent.parent).getProperty(node.text)
        }
      }
      for (const declaration of symbol?.declarations || []) {
        const source = declaration.getSourceFile()
        if (!isOurs(source)) {
          const at = node.getSourceFile()
          const { line } = at.getLineAndCharacterOfPosition(node.getStart())
          found.push(relative(root, at.fileName) + ':' + (line + 1) + ' ' + node.text)
        }
      }
    }
    ts.forEachChild(node, visit)
  }
  program.getSourceFiles().filter(isOurs).forEach(visit)
  return found
}

mangling('no internal name is that of a member of a runtime', () => {
  assert.equal(programs.flatMap(foreign), [])
})

mangling('no internal name is public', () => {
  const names = new Set(RING)
  const seen = new Set<string>()
  for (const program of programs) {
    const checker = program.getTypeChecker()
    for (const source of program.getSourceFiles().filter(isOurs)) {
      for (const statement of source.statements) {
        if (!ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement)) continue
        if (!PUBLIC.includes(statement.name.text)) continue
        seen.add(statement.name.text)
        for (const { name, declarations } of checker
          .getTypeAtLocation(statement.name)
          .getProperties()) {
          if (declarations?.some((one) => isOurs(one.getSourceFile()))) names.add(name)
        }
      }
    }
  }
  assert.equal([...seen].sort(), [...PUBLIC].sort())
  assert.equal(
    [...names].filter((name) => internal.has(name)),
    [],
  )
})

mangling('every internal name is in use', () => {
  const used = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) used.add(node.text)
    ts.forEachChild(node, visit)
  }
  programs.flatMap((program) => program.getSourceFiles().filter(isOurs)).forEach(visit)
  assert.equal(
    INTERNAL.filter((name) => !used.has(name)),
    [],
  )
})

mangling('a name of the language keeps its meaning', () => {
  for (const name of ['core', 'node', 'workers', 'ecma419', 'moddable', 'websocket-client']) {
    assert.not.match('__proto__', minification(name).mangle.properties.regex)
  }
})

mangling.run()
