import ts from 'typescript'

/** A breach of a rule that imports do not show. */
export interface SourceFault {
  readonly rule: 'environment' | 'impure-domain' | 'too-long' | 'export-all' | 'enum'
  readonly line: number
  readonly what: string
}

const LINES_MAX = 400
const IMPURE_MEMBERS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'performance.timeOrigin',
  'process.hrtime',
  'process.uptime',
  'crypto.randomUUID',
  'crypto.randomBytes',
  'crypto.randomInt',
  'crypto.getRandomValues',
])
const IMPURE_NAMES = new Set(['randomUUID', 'randomBytes', 'randomInt', 'getRandomValues'])
const IMPURE_CALLS = new Set(['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'queueMicrotask'])

/**
 * Reads one source file and tells what breaks a rule. The path (with slashes, from the root) decides which rules hold: `process.env`
 * is for main.ts and tests, clocks and chance are for everything but a domain folder. Specifications may use both.
 */
export function faultsOf(path: string, text: string): SourceFault[] {
  const faults: SourceFault[] = []
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const isTest = /\.(spec|test)\.ts$/.test(path) || path.startsWith('test/')
  const mayReadEnvironment = isTest || path.endsWith('/main.ts') || path.startsWith('deploy/engines/') // A tool around other programs' environments.
  const mustBePure = path.includes('/src/domain/') && !isTest
  const lineAt = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
  const add = (rule: SourceFault['rule'], node: ts.Node): void => {
    faults.push({ rule, line: lineAt(node), what: node.getText(source).split('\n', 1)[0] ?? '' })
  }
  const visit = (node: ts.Node): void => {
    if (!mayReadEnvironment && isEnvironment(node)) add('environment', node)
    if (mustBePure && isImpure(node)) add('impure-domain', node)
    if (ts.isExportDeclaration(node) && (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause)))
      add('export-all', node)
    if (ts.isEnumDeclaration(node)) add('enum', node)
    ts.forEachChild(node, visit)
  }
  visit(source)
  const lines = text.endsWith('\n') ? text.split('\n').length - 1 : text.split('\n').length
  if (lines > LINES_MAX) faults.push({ rule: 'too-long', line: LINES_MAX + 1, what: `${lines} lines` })
  return faults
}

/** `process.env` in each of its spellings: a member, a literal key, taken apart, or imported by name. */
function isEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'env' && isProcess(node.expression)
  if (ts.isElementAccessExpression(node))
    return isProcess(node.expression) && ts.isStringLiteralLike(node.argumentExpression) && node.argumentExpression.text === 'env'
  if (
    ts.isVariableDeclaration(node) &&
    ts.isObjectBindingPattern(node.name) &&
    node.initializer !== undefined &&
    isProcess(node.initializer)
  ) {
    return node.name.elements.some((element) => (element.propertyName ?? element.name).getText() === 'env')
  }
  if (ts.isImportSpecifier(node)) {
    const from = node.parent.parent.parent.moduleSpecifier
    return ts.isStringLiteral(from) && /^(node:)?process$/.test(from.text) && (node.propertyName ?? node.name).text === 'env'
  }
  return false
}

function isProcess(node: ts.Expression): boolean {
  return /^(globalThis\.)?process$/.test(node.getText())
}

function isImpure(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return IMPURE_MEMBERS.has(node.getText().replace(/^globalThis\./, ''))
  if (ts.isNewExpression(node)) return node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0
  if (ts.isCallExpression(node)) return node.expression.getText() === 'Date' || IMPURE_CALLS.has(node.expression.getText())
  if (ts.isImportSpecifier(node)) return IMPURE_NAMES.has((node.propertyName ?? node.name).text)
  if (ts.isAwaitExpression(node)) return true
  return false
}
