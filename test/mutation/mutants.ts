// All mutants of a source in one: each expression that can be mutated becomes a choice, made when it runs, between the
// original and its mutants. So the tests are loaded once, and know which mutants they reach.

import ts from 'typescript'

export interface Mutant {
  id: number
  file: string
  line: number
  original: string
  replacement: string
}

/** What an operator is replaced by, one mutant each. */
const OPERATORS: Record<string, string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['>>'],
  '+=': ['-='],
  '-=': ['+='],
  '|=': ['&='],
  '&=': ['|='],
  '^=': ['&='],
  '<<=': ['>>='],
  '>>=': ['<<='],
  '>>>=': ['>>='],
}

/** What begins every file: the switch between mutants, see worker.ts. */
const PROLOGUE = 'const $m = (globalThis as any).$m;'

/** `text` with its mutants, numbered from `first`; without `mutates` only its loops are counted. */
export function withMutants(
  file: string,
  text: string,
  first: number,
  mutates: boolean,
): { code: string; mutants: Mutant[] } {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const mutants: Mutant[] = []

  const add = (node: ts.Node, replacement: string): number => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
    const id = first + mutants.length
    mutants.push({ id, file, line: line + 1, original: node.getText(source), replacement })
    return id
  }

  /** The node with what its children have become; `leading` white space and comments left out. */
  const inner = (node: ts.Node): string => {
    let result = ''
    let at = node.getStart(source)
    node.forEachChild((child) => {
      const start = child.getStart(source)
      result += text.slice(at, start) + emit(child)
      at = child.getEnd()
    })
    return result + text.slice(at, node.getEnd())
  }

  const body = (statement: ts.Statement, isLoop: boolean): string => {
    const step = isLoop ? '$m.step();' : ''
    return '{' + step + emit(statement) + '\n}'
  }

  const condition = (node: ts.Expression, isLoop: boolean): string => {
    if (!mutates) return emit(node)
    const isTrue = node.kind === ts.SyntaxKind.TrueKeyword
    const no = isTrue ? '' : `$m.a(${add(node, 'false')})?false:`
    const yes = isTrue || isLoop ? '' : `$m.a(${add(node, 'true')})?true:`
    return '(' + no + yes + emit(node) + ')'
  }

  const replacements = (node: ts.Node): string[] => {
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText(source)
      const left = node.left.getText(source)
      const right = node.right.getText(source)
      // Of text, + is no sum.
      if (/^\+=?$/.test(operator) && /['"`]/.test(left + right)) return []
      return (OPERATORS[operator] || []).map((other) => `(${left}) ${other} (${right})`)
    }
    if (ts.isPrefixUnaryExpression(node)) {
      const operand = node.operand.getText(source)
      if (node.operator === ts.SyntaxKind.PlusPlusToken) return ['--' + operand]
      if (node.operator === ts.SyntaxKind.MinusMinusToken) return ['++' + operand]
      return [operand]
    }
    if (ts.isPostfixUnaryExpression(node)) {
      const operand = node.operand.getText(source)
      return [operand + (node.operator === ts.SyntaxKind.PlusPlusToken ? '--' : '++')]
    }
    return literalReplacements(node)
  }

  const isName = (node: ts.Node): boolean => {
    const { parent } = node
    return (
      (ts.isPropertyAssignment(parent) && parent.name === node) ||
      ts.isImportDeclaration(parent) ||
      ts.isExportDeclaration(parent)
    )
  }

  const emit = (node: ts.Node): string => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
      return node.getText(source)
    }
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.getText(source)
    if (ts.isIfStatement(node)) {
      const otherwise = node.elseStatement ? ' else ' + body(node.elseStatement, false) : ''
      return (
        'if ' +
        parenthesized(condition(node.expression, false)) +
        body(node.thenStatement, false) +
        otherwise
      )
    }
    if (ts.isWhileStatement(node)) {
      return 'while ' + parenthesized(condition(node.expression, true)) + body(node.statement, true)
    }
    if (ts.isDoStatement(node)) {
      return (
        'do ' +
        body(node.statement, true) +
        ' while ' +
        parenthesized(condition(node.expression, true))
      )
    }
    if (ts.isForStatement(node)) {
      const head = [
        node.initializer ? emit(node.initializer) : '',
        node.condition ? condition(node.condition, true) : '',
        node.incrementor ? emit(node.incrementor) : '',
      ]
      return 'for (' + head.join(';') + ')' + body(node.statement, true)
    }
    if (ts.isForInStatement(node) || ts.isForOfStatement(node)) {
      const word = ts.isForInStatement(node) ? ' in ' : ' of '
      return (
        'for (' +
        emit(node.initializer) +
        word +
        emit(node.expression) +
        ')' +
        body(node.statement, true)
      )
    }
    if (ts.isExpressionStatement(node)) {
      const statement = inner(node)
      const isSuper = /^super\b/.test(statement)
      if (!mutates || isSuper) return ';' + statement
      return `;if (!$m.a(${add(node, '(removed)')})) {;${statement}\n}`
    }
    if (!mutates) return inner(node)
    if (isConstant(node)) return constant(node)
    if (ts.isConditionalExpression(node)) {
      return (
        condition(node.condition, false) + '?' + emit(node.whenTrue) + ':' + emit(node.whenFalse)
      )
    }
    const others = isName(node) ? [] : replacements(node)
    if (!others.length) return inner(node)
    // What is written to stays what it is.
    const kept =
      ts.isPrefixUnaryExpression(node) && node.operator !== ts.SyntaxKind.ExclamationToken
        ? node.getText(source)
        : ts.isPostfixUnaryExpression(node)
          ? node.getText(source)
          : inner(node)
    const choices = others.map((other) => `$m.a(${add(node, other)})?(${other}):`)
    return '(' + choices.join('') + kept + ')'
  }

  /** `const NAME = …` of a module, made of literals and operators: it was computed before any mutant was turned on. */
  const isConstant = (node: ts.Node): node is ts.VariableStatement =>
    ts.isVariableStatement(node) &&
    ts.isSourceFile(node.parent) &&
    node.declarationList.declarations.length === 1 &&
    (ts.isBinaryExpression(node.declarationList.declarations[0].initializer!) ||
      ts.isPrefixUnaryExpression(node.declarationList.declarations[0].initializer!) ||
      ts.isArrayLiteralExpression(node.declarationList.declarations[0].initializer!) ||
      literalReplacements(node.declarationList.declarations[0].initializer!).length === 1)

  /** It is made a variable, which is computed again when one of its mutants is turned on, and when it is turned off. */
  const constant = (node: ts.VariableStatement): string => {
    const { name, initializer } = node.declarationList.declarations[0]
    const before = mutants.length
    const value = emit(initializer!)
    const variable = name.getText(source)
    const compute = `() => { ${variable} = ${value} }`
    const ids = mutants.slice(before).map(({ id }) => id)
    return (
      text.slice(node.getStart(source), initializer!.getStart(source)).replace(/\bconst\b/, 'let') +
      initializer!.getText(source) +
      `;$m.s([${ids}], ${compute});`
    )
  }

  const code = PROLOGUE + text.slice(0, source.getStart(source)) + inner(source)
  return { code, mutants }
}

const parenthesized = (text: string) => '(' + text + ')'

function literalReplacements(node: ts.Node): string[] {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return ['false']
  if (node.kind === ts.SyntaxKind.FalseKeyword) return ['true']
  if (ts.isNumericLiteral(node)) return [String(Number(node.text) + 1)]
  if (ts.isStringLiteral(node)) {
    // What people read in an error may be worded in any way.
    if (
      /^[^:;=/]*[a-z] [a-z]/.test(node.text) ||
      /^[:,;]? ?[a-z ,]+ $|^[:;,.(–)] ?$/.test(node.text)
    )
      return []
    return [node.text ? "''" : "'x'"]
  }
  return []
}
