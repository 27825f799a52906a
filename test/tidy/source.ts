// Reads TypeScript as far as house rules need it: where comments and strings are, what a file imports and what it exports.
import { textOf } from './tree.ts'

export type Kind = 'comment' | 'string' | 'regex'

/** What is not code: from one offset up to another. */
export interface Piece {
  kind: Kind
  from: number
  to: number
}

export interface Import {
  specifier: string
  /** Undefined: the whole module, as a namespace or at run time. */
  names: string[] | undefined
  line: number
}

/** The text with comments, and on wish strings and regular expressions, made blank; lines and offsets stay. */
export function codeOf(path: string, blanks: readonly Kind[] = ['comment', 'string', 'regex']): string {
  const text = textOf(path)
  let code = ''
  let at = 0
  for (const { kind, from, to } of piecesOf(path)) {
    if (!blanks.includes(kind)) continue
    code += text.slice(at, from) + text.slice(from, to).replace(/[^\n]/g, ' ')
    at = to
  }
  return code + text.slice(at)
}

/** `path:line` of every match in what is code. */
export function placesOf(path: string, pattern: RegExp, blanks?: readonly Kind[]): string[] {
  const code = codeOf(path, blanks)
  return [...code.matchAll(pattern)].map(
    (match) => `${path}:${lineAt(code, match.index)}  ${match[0].trim()}`,
  )
}

export function importsOf(path: string): Import[] {
  const text = textOf(path)
  const code = codeOf(path, ['comment'])
  const imports: Import[] = []
  for (const { kind, from, to } of piecesOf(path)) {
    if (kind !== 'string' || text[from] === '}' || text[from] === '`') continue
    const before = code.slice(0, from)
    const specifier = text.slice(from + 1, to - 1)
    if (LOADS.test(before)) imports.push({ specifier, names: undefined, line: lineAt(text, from) })
    else if (/\bfrom\s*$/.test(before) || /(^|\n)import\s*$/.test(before)) {
      imports.push({ specifier, names: namesIn(before), line: lineAt(text, from) })
    }
  }
  return imports
}

/** At run time: `import('x')`, or by what `createRequire` gave, which is called `require` or `load`. */
const LOADS = /\b(import|require|load|(require|load)\.resolve)\s*\(\s*$/

/** Files named relative to the module: `new URL('./far-end.sh', import.meta.url)`. */
export function urlsOf(path: string): string[] {
  const code = codeOf(path, ['comment'])
  return [...code.matchAll(/new URL\(\s*'(\.[^']*)'\s*,\s*import\.meta\.url/g)].map(
    (match) => match[1] as string,
  )
}

export function exportsOf(path: string): { name: string; isType: boolean }[] {
  const code = codeOf(path)
  const declared =
    /^export (default )?(?:declare )?(?:abstract )?(?:async )?(function\*?|const|let|class|interface|type) (\w+)/gm
  const found = [...code.matchAll(declared)].map(([, isDefault, keyword = '', name = '']) => ({
    name: isDefault ? 'default' : name,
    isType: keyword === 'interface' || keyword === 'type',
  }))
  if (/^export default (?!(async )?(function|class) \w)/m.test(code))
    found.push({ name: 'default', isType: false })
  for (const [, list = ''] of code.matchAll(/^export \{([^}]*)\}(?! from)/gm)) {
    for (const name of list.split(',')) {
      const exported = name
        .trim()
        .split(/\s+as\s+/)
        .at(-1)
      if (exported) found.push({ name: exported, isType: false })
    }
  }
  return found
}

function namesIn(before: string): string[] | undefined {
  const start = Math.max(before.lastIndexOf('\nimport'), before.lastIndexOf('\nexport'))
  const clause = before.slice(start < 0 ? 0 : start)
  if (/\*/.test(clause)) return undefined
  const names: string[] = []
  const list = /\{([^}]*)\}/.exec(clause)?.[1] ?? ''
  for (const name of list.split(',')) {
    const imported = name
      .trim()
      .replace(/^type\s+/, '')
      .split(/\s+as\s+/)[0]
    if (imported) names.push(imported)
  }
  if (/^\s*import\s+(type\s+)?(?!from\b|type\s*\{)\w+\s*(,|from)/.test(clause)) names.push('default')
  return names
}

export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

const known = new Map<string, Piece[]>()

function piecesOf(path: string): Piece[] {
  let pieces = known.get(path)
  if (!pieces) known.set(path, (pieces = scan(textOf(path))))
  return pieces
}

export function scan(text: string): Piece[] {
  const pieces: Piece[] = []
  /** For each open brace, whether it stands in a template. */
  const braces: boolean[] = []
  let at = text.startsWith('#!') ? text.indexOf('\n') : 0
  const take = (kind: Kind, to: number): void => {
    pieces.push({ kind, from: at, to })
    at = to
  }
  const takeTemplate = (): void => {
    const to = endOfTemplate(text, at + 1)
    if (text[to - 1] === '{') braces.push(true)
    take('string', to)
  }
  while (at < text.length) {
    const here = text[at]
    if (text.startsWith('//', at)) take('comment', endOr(text, text.indexOf('\n', at)))
    else if (text.startsWith('/*', at)) take('comment', endOr(text, text.indexOf('*/', at + 2)) + 2)
    else if (here === "'" || here === '"') take('string', endOfQuoted(text, at))
    else if (here === '`') takeTemplate()
    else if (here === '{') {
      braces.push(false)
      at++
    } else if (here === '}') {
      if (braces.pop()) takeTemplate()
      else at++
    } else if (here === '/' && !isClosingTag(text, at) && mayStartRegex(text.slice(Math.max(0, at - 40), at)))
      take('regex', endOfRegex(text, at))
    else at++
  }
  return pieces
}

function endOr(text: string, at: number): number {
  return at < 0 ? text.length : at
}

function endOfQuoted(text: string, from: number): number {
  const quote = text[from]
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote || text[at] === '\n') return at + 1
  }
  return text.length
}

/** After the closing backtick, or after the `{` of the next `${`. */
function endOfTemplate(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '`') return at + 1
    else if (text.startsWith('${', at)) return at + 2
  }
  return text.length
}

function endOfRegex(text: string, from: number): number {
  let inClass = false
  for (let at = from + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) return at + 1
  }
  return from + 1
}

/** Of JSX: `</div>`, `</>`. */
function isClosingTag(text: string, at: number): boolean {
  return text[at - 1] === '<' && /[A-Za-z>]/.test(text[at + 1] ?? '')
}

/** After an operator or a keyword a slash opens a regular expression; after a value it divides. */
function mayStartRegex(before: string): boolean {
  return /(^|[([{,;=:!&|?+\-*%~^<>]|\b(return|typeof|case|in|of|throw|await|yield))\s*$/.test(before)
}
