// The architecture: who may import whom, and what the sources may use on engines without Node.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const architecture = suite('architecture')
const root = fileURLToPath(new URL('..', import.meta.url))

function find(directory: string): string[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory + '/' + entry.name
    return entry.isDirectory() ? find(path) : /\.ts$/.test(path) ? [path] : []
  })
}

interface Import {
  from: string
  /** A file of the project, without its extension, or the name of a package. */
  to: string
  isTypeOnly: boolean
}

function importsOf(path: string): Import[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(join(root, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  )
  const imports: Import[] = []
  const add = (specifier: string, isTypeOnly: boolean) => {
    const to = specifier.startsWith('.')
      ? relative(root, resolve(root, dirname(path), specifier))
          .split('\\')
          .join('/')
      : specifier
    imports.push({ from: path.replace(/\.ts$/, ''), to: to.replace(/\.ts$/, ''), isTypeOnly })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause
      const bindings = clause?.namedBindings
      const isTypeOnly =
        !!clause &&
        (clause.isTypeOnly ||
          (!clause.name &&
            !!bindings &&
            ts.isNamedImports(bindings) &&
            bindings.elements.every((element) => element.isTypeOnly)))
      add((node.moduleSpecifier as ts.StringLiteral).text, isTypeOnly)
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add((node.moduleSpecifier as ts.StringLiteral).text, node.isTypeOnly)
    } else if (ts.isImportTypeNode(node)) {
      add((node.argument as ts.LiteralTypeNode & { literal: ts.StringLiteral }).literal.text, true)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0].getText(source).slice(1, -1), false)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return imports
}

/** A layer: its files, and what they may import; `types:` before what they may import as types only. */
interface Layer {
  files: RegExp
  may: string[]
}

const LAYERS: Layer[] = [
  { files: /^src\/(transport|platform)$/, may: [] },
  { files: /^src\/protocol\//, may: ['src/protocol/', 'types:src/platform'] },
  {
    files: /^src\/(endpoint|random-words)$/,
    may: ['src/protocol/characters', 'src/protocol/protocol-error'],
  },
  { files: /^src\/fallback\//, may: ['src/fallback/', 'types:src/platform'] },
  {
    files: /^src\/deflate\//,
    may: ['src/deflate/', 'src/protocol/protocol-error', 'src/protocol/extension', 'fflate'],
  },
  {
    files: /^src\/client$/,
    may: [
      'src/protocol/',
      'src/random-words',
      'types:src/endpoint',
      'types:src/platform',
      'types:src/transport',
    ],
  },
  {
    files: /^src\/(reconnect|websocket|websocket-session)$/,
    may: [
      'types:src/client',
      'src/protocol/characters',
      'src/protocol/protocol-error',
      'src/protocol/own-properties',
      'types:src/platform',
      'src/websocket-session',
    ],
  },
  // What engines may lack of the DOM.
  { files: /^src\/dom\//, may: ['src/dom/'] },
  // Nothing but exports.
  { files: /^src\/index$/, may: ['src/'] },
  {
    files: /^targets\//,
    may: [
      'targets/',
      'src/client',
      'src/endpoint',
      'src/random-words',
      'src/fallback/',
      'src/websocket',
      'src/dom/',
      'src/transport',
      'src/platform',
      'src/protocol/characters',
      'src/protocol/protocol-error',
      'src/protocol/own-properties',
      // The primitives in JavaScript, where a runtime has no native ones.
      'src/protocol/sha1',
      'src/protocol/base64',
      'src/protocol/utf8',
      'types:src/protocol/',
      'node:',
      'cloudflare:',
      // Of the Moddable SDK.
      'timer',
      'crypt',
      'logical',
    ],
  },
]

/** What goes beyond the directions of the design, one by one. */
const EXCEPTIONS = [
  // Leaves of the protocol, which import nothing of it themselves but each other.
  'src/deflate/extension-list imports src/protocol/characters',
  'src/deflate/receiver imports src/protocol/close-code',
  'src/deflate/receiver imports src/protocol/ring-buffer',
  'src/deflate/permessage-deflate imports src/protocol/own-properties',
  // Speaks of opcodes and of the payload of Close frames, as the class does that it stands in for.
  'targets/xor-mask imports src/protocol/mask',
  'targets/xs-encoder imports src/protocol/utf8-validator',
  'targets/websocket-client imports src/protocol/encode-text',
  'targets/websocket-client imports src/protocol/opcode',
  // A core of its own, which shares what costs nothing: the codes and the rule about them.
  'targets/espruino/decode imports src/protocol/close-code',
  'targets/espruino/ending imports src/protocol/close-code',
  'targets/espruino/listeners imports src/protocol/close-code',
  'targets/espruino/prototype imports src/protocol/close-code',
  'targets/espruino/response imports src/protocol/close-code',
  // Binds the native compressor to the extension.
  'targets/deflate-zlib imports types of src/deflate/codec',
  'targets/deflate-zlib imports src/deflate/permessage-deflate',
  'targets/deflate-zlib imports types of src/deflate/permessage-deflate',
]

function isAllowed({ to, isTypeOnly }: Import, layer: Layer): boolean {
  return layer.may.some((entry) => {
    const target = entry.replace(/^types:/, '')
    if (entry !== target && !isTypeOnly) return false
    return /[/:]$/.test(target) ? to.startsWith(target) : to === target
  })
}

/** The rules that the imports of `path` break. */
function broken(imports: Import[]): string[] {
  return imports.flatMap((one) => {
    const layer = LAYERS.find(({ files }) => files.test(one.from))
    if (!layer) return [one.from + ' belongs to no layer']
    if (isAllowed(one, layer)) return []
    return [one.from + ' imports ' + (one.isTypeOnly ? 'types of ' : '') + one.to]
  })
}

architecture('imports go in the directions of the design', () => {
  const files = [...find('src'), ...find('targets')]
  assert.ok(files.length > 20)
  assert.equal(
    broken(files.flatMap(importsOf)).filter((rule) => !EXCEPTIONS.includes(rule)),
    [],
  )
})

architecture(
  'the command line imports Node, its own files and what users import, and is imported by none',
  () => {
    const own = readdirSync(join(root, 'cli')).map((name) => 'cli/' + name)
    assert.ok(own.includes('cli/ringlet.mjs'))
    const users = ['ringlet/node', 'ringlet/deflate-zlib']
    assert.equal(
      own
        .flatMap(importsOf)
        .map(({ to }) => to)
        .filter((to) => !to.startsWith('node:') && !own.includes(to) && !users.includes(to)),
      [],
    )
    const importers = [...find('src'), ...find('targets')].flatMap(importsOf)
    assert.equal(
      importers.filter(({ to }) => to.startsWith('cli/')),
      [],
    )
  },
)

architecture('every file belongs to a layer', () => {
  const files = [...find('src'), ...find('targets')].map((path) => path.replace(/\.ts$/, ''))
  assert.equal(
    files.filter((path) => !LAYERS.some((layer) => layer.files.test(path))),
    [],
  )
})

architecture('an import in a wrong direction is found', () => {
  const from = 'src/protocol/mask'
  assert.equal(
    broken([
      { from, to: 'src/client', isTypeOnly: false },
      { from, to: 'src/client', isTypeOnly: true },
      { from, to: 'src/platform', isTypeOnly: false },
      { from, to: 'src/platform', isTypeOnly: true },
      { from, to: 'src/protocol/words', isTypeOnly: false },
      { from, to: 'node:buffer', isTypeOnly: false },
      { from, to: 'targets/node', isTypeOnly: true },
      { from: 'src/client', to: 'targets/node', isTypeOnly: true },
      { from: 'targets/node', to: 'src/protocol/connection', isTypeOnly: false },
    ]),
    [
      from + ' imports src/client',
      from + ' imports types of src/client',
      from + ' imports src/platform',
      from + ' imports node:buffer',
      from + ' imports types of targets/node',
      'src/client imports types of targets/node',
      'targets/node imports src/protocol/connection',
    ],
  )
})

architecture('index.ts has exports and nothing else, and there is no other barrel', () => {
  const barrels = find('src').filter((path) => {
    const source = ts.createSourceFile(
      path,
      readFileSync(join(root, path), 'utf8'),
      ts.ScriptTarget.Latest,
    )
    return (
      source.statements.length > 0 &&
      source.statements.every((node) => ts.isExportDeclaration(node))
    )
  })
  assert.equal(barrels, ['src/index.ts'])
})

/** A program of all sources, with the settings of tsconfig.json: no types but those of ES2020. */
const config = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
)
/** What the searches below must find. */
const FIXTURE = join(root, 'test/support/fixtures/not-portable.ts')
const program = ts.createProgram([...config.fileNames, FIXTURE], config.options)
const sources = program
  .getSourceFiles()
  .filter(
    (source) =>
      !source.isDeclarationFile &&
      !program.isSourceFileFromExternalLibrary(source) &&
      resolve(source.fileName) !== FIXTURE,
  )
const checker = program.getTypeChecker()

architecture('the sources compile with no types of Node or of a browser in scope', () => {
  assert.equal([config.options.types, config.options.lib], [[], ['lib.es2020.d.ts']])
  assert.equal(
    ts
      .getPreEmitDiagnostics(program)
      .filter((one) => !one.file || resolve(one.file.fileName) !== FIXTURE)
      .map(
        (one) =>
          (one.file ? relative(root, one.file.fileName) + ': ' : '') +
          ts.flattenDiagnosticMessageText(one.messageText, ' '),
      ),
    [],
  )
  assert.equal(sources.map((source) => relative(root, source.fileName)).sort(), find('src').sort())
})

/** `file:line what` for every node of the sources that `what` names. */
function search(what: (node: ts.Node) => string | undefined): string[] {
  return sources.flatMap((source) => searchIn(source, what))
}

function searchIn(source: ts.SourceFile, what: (node: ts.Node) => string | undefined): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const name = what(node)
    if (name) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
      found.push(relative(root, source.fileName) + ':' + (line + 1) + ' ' + name)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const PLATFORM = new Set([
  ...['process', 'Buffer', 'require', 'global', 'globalThis', 'window', 'self', 'console'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance', 'crypto'],
  ...['TextDecoder', 'TextEncoder', 'URL', 'btoa', 'atob', 'fetch', 'WebSocket', 'navigator'],
])

/** A global of some platform: a name that no source declares, or declares as there already. */
function platformGlobal(node: ts.Node): string | undefined {
  if (!ts.isIdentifier(node) || !PLATFORM.has(node.text)) return undefined
  const symbol = checker.getSymbolAtLocation(node)
  const isOurs = (symbol?.declarations || []).some(
    (declaration) => !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Ambient),
  )
  return isOurs ? undefined : node.text
}

/** What small engines lack or lower badly. */
function heavyConstruct(node: ts.Node): string | undefined {
  if (ts.isPrivateIdentifier(node)) return node.text
  if (ts.isHeritageClause(node) && /Error$/.test(node.types[0].expression.getText())) {
    if (node.token === ts.SyntaxKind.ExtendsKeyword && ts.isClassDeclaration(node.parent))
      return node.getText()
  }
  if (ts.isFunctionLike(node) && 'asteriskToken' in node && node.asteriskToken) return 'generator'
  if (ts.isBigIntLiteral(node)) return 'BigInt'
  if (ts.isIdentifier(node) && /^(Map|Set|BigInt|BigUint64Array|BigInt64Array)$/.test(node.text)) {
    return ts.isTypeReferenceNode(node.parent) ? undefined : node.text
  }
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random') return 'Math.random'
  return undefined
}

/** Memory that is shared by all that import the module: read-only once preloaded, on Moddable. */
function moduleMemory(node: ts.Node): string | undefined {
  if (!ts.isVariableDeclaration(node) || !ts.isSourceFile(node.parent.parent.parent))
    return undefined
  const type = checker.getTypeAtLocation(node).symbol
  return type && /^(.+[1-9]\w*Array|(Shared)?ArrayBuffer|DataView)$/.test(type.name)
    ? node.name.getText() + ': ' + type.name
    : undefined
}

/** What a host may have, and its user may replace: timers, and the jitter, which is no secret. */
const REPLACEABLE = /^src\/reconnect\.ts:\d+ (setTimeout|clearTimeout|Math\.random)$/

architecture('no global of any platform', () => {
  assert.equal(
    search(platformGlobal).filter((line) => !REPLACEABLE.test(line)),
    [],
  )
})

architecture(
  'no #private, no subclass of Error, no generator, Map, Set or BigInt, no Math.random',
  () => {
    assert.equal(
      search(heavyConstruct).filter((line) => !REPLACEABLE.test(line)),
      [],
    )
  },
)

architecture('no typed array at module level', () => {
  assert.equal(search(moduleMemory), [])
})

architecture('no variable that can change at module level', () => {
  assert.equal(
    search((node) =>
      ts.isVariableDeclarationList(node) &&
      ts.isSourceFile(node.parent.parent) &&
      !(node.flags & ts.NodeFlags.Const)
        ? node.getText()
        : undefined,
    ),
    [],
  )
})

architecture('these searches find what they look for', () => {
  const fixture = program.getSourceFile(FIXTURE)!
  const found = (what: (node: ts.Node) => string | undefined) =>
    searchIn(fixture, what).map((line) => line.replace(/^\S+ /, ''))
  assert.equal(found(heavyConstruct), [
    'extends TypeError',
    '#x',
    '#x',
    'generator',
    'Map',
    'Math.random',
  ])
  // `process` twice: declared as there already, and used.
  assert.equal(found(platformGlobal), ['process', 'process', 'Buffer'])
  assert.equal(found(moduleMemory), ['table: Uint8Array', 'memory: ArrayBuffer'])
})

architecture.run()
