// The README and the pages of docs/ against what there is: every program in them runs and prints what it says, or is held
// to compile where it needs a device; the tables name the options and errors of the sources, no more and no less. The
// bundles were built by `npm test`.

import { execFile, spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocketServer } from 'ws'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const README = read('README.md')
const PAGES = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => 'docs/' + name),
]
const manifest = JSON.parse(read('package.json'))

interface Block {
  page: string
  language: string
  text: string
  /** Of the page, from 1. */
  line: number
  /** The HTML comment in the line above it, or ''. */
  mark: string
}

function blocksOf(page: string): Block[] {
  const markdown = read(page)
  return [...markdown.matchAll(/(?:<!-- ([\w-]+) -->\n)?```(\w*)\n([\s\S]*?)```/g)].map(
    (match) => ({
      page,
      language: match[2],
      text: match[3],
      mark: match[1] || '',
      line: markdown.slice(0, match.index).split('\n').length,
    }),
  )
}

/** The cells of the table under `<!-- mark -->`, which stands in one page, without its head. */
function tableOf(mark: string): string[][] {
  const afterMark = PAGES.flatMap((page) =>
    read(page)
      .split('<!-- ' + mark + ' -->\n')
      .slice(1),
  )
  assert.is(afterMark.length, 1, mark)
  return afterMark[0]
    .split('\n\n')[0]
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1')),
    )
}

const blocks = PAGES.flatMap(blocksOf)

// --- The programs.

const programs = suite('programs in the docs')
const workshop = mkdtempSync(join(tmpdir(), 'ringlet-docs-'))
const servers: Server[] = []
let port = 0

/** Echoes, except to a path that names files: there it sends 1 MiB. */
async function serve(where: { host: string; port: number } | { path: string }): Promise<Server> {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: true })
  sockets.on('connection', (peer, request) => {
    peer.on('message', (bytes, isBinary) => peer.send(bytes, { binary: isBinary }))
    if (request.url === '/files') peer.send(Buffer.alloc(1 << 20))
  })
  await new Promise<void>((resolve) => server.listen(where, resolve))
  servers.push(server)
  return server
}

programs.before(async () => {
  mkdirSync(join(workshop, 'node_modules'))
  symlinkSync(root, join(workshop, 'node_modules', 'ringlet'), 'junction')
  const server = await serve({ host: '127.0.0.1', port: 0 })
  port = (server.address() as AddressInfo).port
  await serve({ path: join(workshop, 'app.sock') })
})

programs.after(async () => {
  for (const server of servers) {
    await new Promise((resolve) => server.close(resolve))
  }
  rmSync(workshop, { recursive: true, force: true })
})

/** Runs it in a process of its own; what it prints, errors included. */
function run(program: string): Promise<string> {
  const file = join(workshop, 'program.mjs')
  writeFileSync(
    file,
    program
      .replaceAll('wss://echo.example/', `ws://127.0.0.1:${port}/`)
      .replaceAll('wss://files.example/', `ws://127.0.0.1:${port}/files`)
      .replaceAll('/run/app.sock', join(workshop, 'app.sock')),
  )
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { cwd: workshop, timeout: 20000 }, (error, out, err) =>
      resolve(out + err + (error ? 'exit code ' + error.code + '\n' : '')),
    )
  })
}

/** Runs a file of the project; what it prints. */
function start(...args: string[]): Promise<string> {
  return new Promise((resolve) =>
    execFile(process.execPath, args, { cwd: root }, (_error, out, err) => resolve(out + err)),
  )
}

blocks.forEach(({ page, language, text, line, mark }, i) => {
  if (language !== 'js' || mark === 'compiled') return
  programs('the program in line ' + line + ' of ' + page + ' prints what it says', async () => {
    const { language: next, text: expected } = blocks[i + 1]
    assert.is(next, 'text', 'what it prints stands behind it')
    assert.is(await run(text), expected)
  })
})

programs('what needs a device, or a server of its own, compiles', () => {
  const compiled = blocks.filter(({ mark }) => mark === 'compiled')
  const files = compiled.map(({ page, text, line }) => {
    const file = join(workshop, page.replaceAll('/', '-') + '-' + line + '.ts')
    writeFileSync(file, text)
    return file
  })
  // What a program of a device imports from its system, and what a program's `require` and `setWatch` are.
  writeFileSync(join(workshop, 'device.d.ts'), read('test/support/device.d.ts'))
  const program = ts.createProgram([...files, join(workshop, 'device.d.ts')], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    skipLibCheck: true,
    noImplicitAny: false,
    noEmit: true,
  })
  assert.equal(
    ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, start, messageText }) =>
          (file ? relative(workshop, file.fileName) : '') +
          ':' +
          (file && file.getLineAndCharacterOfPosition(start!).line + 1) +
          ' ' +
          ts.flattenDiagnosticMessageText(messageText, ' '),
      ),
    [],
  )
})

programs('the first program has ten lines', () => {
  const { text } = blocks.find(({ page, language }) => page === 'README.md' && language === 'js')!
  assert.is(
    text
      .trim()
      .split('\n')
      .filter((line) => line).length,
    10,
  )
})

programs('every block is a program, its output, or a command that exists', () => {
  const known = ['js', 'text', 'sh', 'json']
  assert.equal(
    blocks.filter(({ language }) => !known.includes(language)),
    [],
  )
  for (const { page, language, text } of blocks) {
    if (language !== 'sh') continue
    for (const command of text.trim().split(/\n| && | \| /)) {
      const [tool, verb, script] = command.split(' ')
      if (tool === 'npx' && verb === manifest.name) assert.ok(manifest.bin, command)
      else if (tool !== 'npm') assert.is.not(page, 'README.md', command)
      else if (verb !== 'ci' && verb !== 'install') {
        assert.ok(manifest.scripts[verb === 'run' ? script : verb], command)
      }
    }
  }
  for (const page of [...PAGES, 'CONTRIBUTING.md']) {
    for (const [, script] of read(page).matchAll(/npm run ([\w-]+)/g)) {
      assert.ok(manifest.scripts[script], page + ': ' + script)
    }
  }
})

programs('npm start prints what the README shows of it', async () => {
  const shown = blocks.find(({ mark }) => mark === 'start')!
  const child = spawn(process.execPath, ['scripts/start.mjs'], { cwd: root })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text))
  assert.is(await new Promise((resolve) => child.on('close', resolve)), 0)
  const printed = out.split('\n').map((line) => line.trimEnd())
  for (const part of shown.text.split('…\n')) {
    assert.ok(printed.join('\n').includes(part.trimEnd()), part)
  }
})

programs('the API reference is current', async () => {
  assert.is(await start('scripts/api.mjs', '--check'), '')
})

programs('the table of memory is what its command prints', async () => {
  const shown = blocks.find(({ mark }) => mark === 'memory')!
  assert.is(await start('--import', 'tsx', 'bench/memory.ts'), shown.text)
})

programs('every file that the docs link to exists', () => {
  const pages = [...PAGES, 'CONTRIBUTING.md', 'CHANGELOG.md']
  for (const page of pages) {
    for (const [, target, heading] of read(page).matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)) {
      const file = target ? join(dirname(page), target) : page
      const text = read(file)
      if (!heading) continue
      const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      )
      assert.ok(headings.includes(heading), page + ': ' + target + '#' + heading)
    }
  }
})

programs.run()

// --- The tables.

const tables = suite('tables in the docs')

function sourcesIn(directory: string): ts.SourceFile[] {
  return readdirSync(join(root, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = directory + '/' + entry.name
    if (entry.isDirectory()) return sourcesIn(path)
    if (!path.endsWith('.ts')) return []
    return [ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true)]
  })
}

const sources = [...sourcesIn('src'), ...sourcesIn('targets')]

function each(visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    visit(node)
    node.forEachChild(walk)
  }
  sources.forEach(walk)
}

/** Members of an interface, with their TSDoc on one line. */
function membersOf(name: string): [string, string][] {
  const members: [string, string][] = []
  each((node) => {
    if (!ts.isInterfaceDeclaration(node) || node.name.text !== name) return
    for (const member of node.members) {
      const text = member.getFullText().replace(/\n\s*\*?\s*/g, ' ')
      members.push([member.name!.getText(), text])
    }
  })
  return members
}

/** The numbers that the client falls back to. */
function defaults(): Record<string, number> {
  let found: Record<string, number> | undefined
  let ring = 0
  each((node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'DEFAULTS') {
      found = new Function('return ' + node.initializer!.getText())()
    }
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'DEFAULT_RING') {
      ring = Number(node.initializer!.getText())
    }
  })
  return { receiveBuffer: ring, sendBuffer: ring, ...found! }
}

tables('the options are those of the sources', () => {
  const declared = [...membersOf('ClientOptions'), ...membersOf('Options')].map(([name]) => name)
  assert.equal(
    tableOf('options').map(([name]) => name),
    declared,
  )
})

tables('the defaults are those of the sources, and of their documentation', () => {
  const inCode = defaults()
  const rows = tableOf('options')
  const numbers = rows.filter(([, , value]) => /^\d+$/.test(value))
  assert.equal(Object.fromEntries(numbers.map(([name, , value]) => [name, Number(value)])), inCode)
  for (const [name, text] of membersOf('ClientOptions')) {
    const documented = /Default (\d+)/.exec(text)
    if (documented) assert.is(Number(documented[1]), inCode[name], name)
  }
})

tables('the options and defaults of reconnecting are those of the sources', () => {
  const rows = tableOf('reconnect')
  const members = membersOf('ReconnectOptions')
  let inCode: Record<string, number> = {}
  each((node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === 'LIMITS') {
      inCode = new Function('return ' + node.initializer!.getText())()
    }
  })
  assert.equal(
    rows.map(([name]) => name),
    members.map(([name]) => name),
  )
  for (const [name, text] of members) {
    if (!(name in inCode)) continue
    assert.is(Number(/Default (\w+)/.exec(text)![1]), inCode[name], name)
    assert.is(Number(rows.find(([row]) => row === name)![2]), inCode[name], name)
  }
})

const ID = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/

tables('the errors are those of the sources', () => {
  const ids = new Set<string>()
  each((node) => {
    if (ts.isStringLiteral(node) && ID.test(node.text)) ids.add(node.text)
  })
  const listed = [...tableOf('thrown'), ...tableOf('reported')].map(([id]) => id)
  assert.equal(listed.slice().sort(), [...ids].sort())
  assert.is(new Set(listed).size, listed.length)
})

tables('what is thrown has the class that the README says', () => {
  const thrown: Record<string, string> = {}
  each((node) => {
    if (!ts.isCallExpression(node) || node.arguments.length < 2) return
    const [type, id] = node.arguments
    if (
      ts.isIdentifier(type) &&
      /Error$/.test(type.text) &&
      ts.isStringLiteral(id) &&
      ID.test(id.text)
    ) {
      thrown[id.text] = type.text
    }
  })
  assert.equal(Object.fromEntries(tableOf('thrown').map(([id, name]) => [id, name])), thrown)
})

tables('what breaks a rule of the protocol has the close code that the README says', () => {
  const codes: Record<string, number> = {}
  each((node) => {
    if (ts.isVariableDeclaration(node) && node.getSourceFile().fileName.endsWith('close-code.ts')) {
      codes[node.name.getText()] = Number(node.initializer!.getText())
    }
  })
  const listed = new Map(tableOf('reported').map(([id, code]) => [id, Number(code)]))
  let found = 0
  each((node) => {
    if (!ts.isCallExpression(node)) return
    const id = node.arguments.find(
      (argument) => ts.isStringLiteral(argument) && ID.test(argument.text),
    )
    const code = node.arguments.find((argument) => argument.getText() in codes)
    if (!id || !code) return
    found++
    assert.is(listed.get((id as ts.StringLiteral).text), codes[code.getText()], id.getText())
  })
  assert.ok(found > 0)
})

tables('the sizes are those of the budgets, and not stale', () => {
  const budgets = JSON.parse(read('size-limit.json')) as { name: string; limit: string }[]
  const rows = blocks
    .find(({ mark }) => mark === 'size')!
    .text.split('\n')
    .slice(1, -2)
  assert.equal(
    rows.map((row) => row.split(/ {2,}/)[0]),
    budgets.map(({ name }) => name),
  )
  // By the minified size of the file, which needs no measuring.
  const bytes = Number(/ringlet\/node, complete +([\d,]+)/.exec(README)![1].replace(',', ''))
  const now = readFileSync(join(root, 'dist/node.js')).length
  assert.ok(Math.abs(bytes - now) <= now / 20, `now ${now}: npm run size -- --readme`)
})

tables.run()
