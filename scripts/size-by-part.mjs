// `npm run size -- --parts [bundle]`: what each function of a bundle costs: how much smaller the compressed file would be if
// its body were empty; the same summed by module; and what all strings, all ids of errors and all `this.` cost. The default
// bundle is `node`. The sum is less than the whole: what parts share stays when one of them goes.

import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { basename, resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { rollup } from 'rollup'
import ts from 'typescript'
import config from '../rollup.config.mjs'

const compressed = (code) => brotliCompressSync(code).length

/** The bodies in `source`: where they begin and end, and where their names stand. */
function bodiesOf(source) {
  const bodies = []
  const visit = (node, owner) => {
    let name = owner
    if (ts.isClassDeclaration(node)) name = node
    const isPart =
      ts.isMethodDeclaration(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isConstructorDeclaration(node) ||
      ts.isGetAccessor(node)
    if (isPart && node.body) {
      const at = (node.name || owner.name).getStart(source)
      const owned =
        owner && !ts.isFunctionDeclaration(node) ? owner.name.getStart(source) : undefined
      const [start, end] = [node.body.getStart(source) + 1, node.body.getEnd() - 1]
      bodies.push({ at, owned, start, end, isConstructor: ts.isConstructorDeclaration(node) })
    } else if (ts.isArrowFunction(node)) {
      // Of a constant or a property; or one that the minifier has put where it is called, which has only a line.
      const named = node.parent.name || node.parent.left?.name
      const isBlock = ts.isBlock(node.body)
      const [start, end] = [node.body.getStart(source), node.body.getEnd()]
      bodies.push({
        at: named ? named.getStart(source) : start + (isBlock ? 1 : 0),
        isInlined: !named,
        start: isBlock ? start + 1 : start,
        end: isBlock ? end - 1 : end,
        rest: isBlock ? '' : '0',
      })
    }
    ts.forEachChild(node, (child) => visit(child, name))
  }
  visit(source)
  return bodies
}

export async function printSizesByPart(bundleName = 'node') {
  const entry = config.find(({ output }) => output.file === `dist/${bundleName}.js`)
  if (!entry) throw new Error(`no bundle ${bundleName}`)
  const { output, plugins, ...input } = entry
  const bundle = await rollup({ ...input, plugins })
  const { output: chunks } = await bundle.generate({ ...output, sourcemap: true })
  await bundle.close()
  const code = chunks[0].code.replace(/\n\/\/# sourceMappingURL=.*/, '')
  const map = new SourceMap(chunks[0].map)
  const nameAt = (offset) => {
    const lines = code.slice(0, offset).split('\n')
    const { originalSource, originalLine, originalColumn } = map.findEntry(
      lines.length - 1,
      lines.at(-1).length,
    )
    if (!originalSource) return { name: '?', file: '' }
    const original = readFileSync(resolve('dist', originalSource), 'utf8').split('\n')
    const text = original[originalLine].slice(originalColumn)
    const [name] = /[\w$]+/.exec(text.replace(/^(private|get) /, '')) || ['?']
    const heads = original.slice(0, originalLine + 1).map((line) => /function ([\w$]+)/.exec(line))
    const [, around = '?'] = heads.findLast(Boolean) || []
    return { name, file: basename(originalSource), place: `${around}, line ${originalLine + 1}` }
  }
  const whole = compressed(code)
  const source = ts.createSourceFile('bundle.js', code, ts.ScriptTarget.Latest, true)
  /** Sums by module; what is within another part counts there. */
  const sums = new Map()
  let outerEnd = 0
  const rows = bodiesOf(source).map((body) => {
    const { at, owned, start, end, isConstructor, isInlined, rest = '' } = body
    const { name, file, place } = nameAt(at)
    const ownName = isInlined ? place : name
    const title =
      owned === undefined
        ? ownName
        : `${nameAt(owned).name}.${isConstructor ? 'constructor' : ownName}`
    const cost = whole - compressed(code.slice(0, start) + rest + code.slice(end))
    if (start >= outerEnd) {
      outerEnd = end
      const [length, sum] = sums.get(file) || [0, 0]
      sums.set(file, [length + end - start, sum + cost])
    }
    return { title, file, cost, length: end - start }
  })
  rows.sort((a, b) => b.cost - a.cost)
  console.log(`\ndist/${bundleName}.js: ${code.length} bytes, ${whole} with brotli\n`)
  const print = (title, length, cost) =>
    console.log(`${title.padEnd(52)}${String(length).padStart(7)}${String(cost).padStart(7)}`)
  for (const { title, file, length, cost } of rows) {
    if (cost > 0) print(`${file}  ${title}`, length, cost)
  }
  console.log()
  for (const [file, [length, cost]] of [...sums].sort(([, [, a]], [, [, b]]) => b - a))
    print(`${file}, all of it`, length, cost)
  console.log()
  for (const [title, pattern, put] of [
    ['all strings', /"[^"]*"|'[^']*'/g, '""'],
    ['of them ids of errors', /"[A-Z]+(_[A-Z0-9]+)+"/g, '""'],
    ['every `this.`', /\bthis\./g, ''],
  ]) {
    const without = code.replace(pattern, put)
    print(title, code.length - without.length, whole - compressed(without))
  }
}
