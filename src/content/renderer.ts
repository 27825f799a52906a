// Jinja templates by minijinja: strict about what is undefined, bounded in work, nothing but text comes out.
import { isUtf8 } from 'node:buffer'
import { createRequire } from 'node:module'
import { createContext, Script } from 'node:vm'
import { dump } from 'js-yaml'
import type { Fault } from '../model/fault.ts'
import { codeFrame, offsetOf, position, type Range } from './source.ts'
import { withMemoryLimit } from './wasm-limit.ts'

/** As the drivers room wants it. */
export type Rendered = { ok: true; text: string } | { ok: false; message: string }
export type Renderer = (template: string, path: string, scope: Record<string, unknown>) => Rendered

/** Instructions of the template machine: a loop over 100,000 members passes, one that never ends does not. */
const FUEL = 5_000_000
const MAX_TEXT = 32 * 1024 * 1024
const MAX_MEMORY = 256 * 1024 * 1024

/** Fuel counts instructions, of which one may copy a text of many megabytes. */
const MOST_MS = 10_000

export function makeRenderer(mostMs = MOST_MS): Renderer {
  const machine = makeMachine(mostMs)
  return (template, path, scope) => {
    const result = machine.run((environment) => environment.renderStr(template, scope))
    if (result.ok && result.text.length > MAX_TEXT) {
      return { ok: false, message: `${path}: the text is longer than ${MAX_TEXT} characters` }
    }
    if (result.ok) return result
    const fault = faultOf(result.error, template, path)
    return { ok: false, message: `${path}:${fault.line}:${fault.column}: ${fault.message}\n${fault.frame}` }
  }
}

/** Syntax only; what a template reads is known when it renders. */
export function checkTemplate(template: string, path: string): Fault | undefined {
  const result = checker.run((environment) => {
    environment.addTemplate('checked', template)
    environment.removeTemplate('checked')
    return ''
  })
  return result.ok ? undefined : faultOf(result.error, template, path)
}

const filters = new Map<string, boolean>()

/** Asks the engine itself. The word comes out of a template: it is no more than letters, digits and underscores. */
export function isFilter(word: string): boolean {
  const known = filters.get(word)
  if (known !== undefined) return known
  const result = checker.run((environment) => environment.renderStr(`{{ 1 | ${word} }}`, {}))
  const is = result.ok || !result.error.startsWith('unknown filter')
  filters.set(word, is)
  return is
}

type Ran = { ok: true; text: string } | { ok: false; error: string }

interface Machine {
  run(use: (environment: Environment) => string): Ran
}

interface Environment {
  debug: boolean
  keepTrailingNewline: boolean
  undefinedBehavior: 'strict'
  fuel: number | undefined
  renderStr(template: string, scope: unknown): string
  enablePyCompat(): void
  addTemplate(name: string, template: string): void
  removeTemplate(name: string): void
  addFilter(name: string, filter: (...words: unknown[]) => unknown): void
}

const load = createRequire(import.meta.url)
const checker = makeMachine(MOST_MS)

/**
 * One WebAssembly instance with its environment. A panic inside (a template that asks for more memory than there is)
 * leaves the instance broken for good, and so does being ended in the midst: after either it is thrown away with its memory,
 * and the next use makes another.
 */
function makeMachine(mostMs: number): Machine {
  let environment: Environment | undefined
  let filterError: string | undefined
  return {
    run(use) {
      environment ??= makeEnvironment((error) => (filterError ??= error))
      filterError = undefined
      try {
        const text = quietly(use, environment, mostMs)
        return filterError === undefined ? { ok: true, text } : { ok: false, error: filterError }
      } catch (error) {
        const { code, name, message } = error as NodeJS.ErrnoException
        if (SAID.test(message)) return { ok: false, error: message }
        environment = undefined
        if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
          return { ok: false, error: `it was not done after ${mostMs / 1_000} s` }
        const broken = name === 'RuntimeError' || name === 'RangeError'
        return { ok: false, error: broken ? 'it asks for more memory than it may have' : message }
      }
    },
  }
}

/** Every error that minijinja means to give says where. */
const SAID = / \(in (?:<string>|checked):(\d+)\)$/m

/** A panic writes a stack of WebAssembly to the console, which nobody can use. */
function quietly(
  use: (environment: Environment) => string,
  environment: Environment,
  mostMs: number,
): string {
  const { error } = console
  console.error = () => undefined
  try {
    return inTime(mostMs, () => use(environment))
  } finally {
    console.error = error
  }
}

/** A script is what Node can end from outside while it runs, WebAssembly that it calls included. */
const CALL = new Script('call()')
const caller = createContext({})

function inTime(mostMs: number, call: () => string): string {
  Object.assign(caller, { call })
  return CALL.runInContext(caller, { timeout: mostMs }) as string
}

function makeEnvironment(onFilterError: (error: string) => void): Environment {
  const { Environment } = withMemoryLimit(MAX_MEMORY, loadAfresh)
  const environment = new Environment()
  // Messages then carry the column; what else they carry (all values) is cut off below.
  environment.debug = true
  environment.keepTrailingNewline = true
  environment.undefinedBehavior = 'strict'
  environment.fuel = FUEL
  // .items(), .startswith() and the like, as people know them from Jinja.
  environment.enablePyCompat()
  for (const [name, filter] of Object.entries(FILTERS)) {
    // What a filter throws would break the whole instance: it is told afterwards instead.
    environment.addFilter(name, (value) => {
      try {
        return filter(value)
      } catch (error) {
        onFilterError(`the filter ${name} ${(error as Error).message}`)
        return ''
      }
    })
  }
  return environment
}

function loadAfresh(): { Environment: new () => Environment } {
  delete load.cache[load.resolve('minijinja-js')]
  return load('minijinja-js') as { Environment: new () => Environment }
}

/** Beside those of minijinja. */
const FILTERS: Record<string, (value: unknown) => string> = {
  b64encode: (value) => Buffer.from(text(value), 'utf8').toString('base64'),
  b64decode: (value) => decoded(text(value)),
  to_yaml: (value) => dump(plain(value), { lineWidth: -1, noRefs: true }),
  quote: (value) => shellQuoted(text(value)),
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value)
  throw new Error('wants a text')
}

function decoded(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  if (!isUtf8(bytes)) throw new Error('finds bytes that are no text')
  return bytes.toString('utf8')
}

/** One word for a POSIX shell, whatever it holds. */
function shellQuoted(word: string): string {
  if (word.includes('\0')) throw new Error('cannot put a NUL into a word of a shell')
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** Mappings come as Maps from the other side. */
function plain(value: unknown): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]))
  return Array.isArray(value) ? value.map(plain) : value
}

/** minijinja's message begins with what is wrong and the line; a drawing follows, and in it the column. */
function faultOf(error: string, template: string, path: string): Fault & { frame: string } {
  const [head = '', ...drawing] = error.split('\n')
  const said = head.replace(SAID, '')
  const { start, end } = placeOf(head, drawing, said, template)
  const message = said === 'undefined value' ? `${template.slice(start, end)} is undefined` : said
  return {
    file: path,
    ...position(template, start),
    code: 'template',
    message: `template: ${message}`,
    frame: codeFrame(template, { start, end }),
  }
}

function placeOf(head: string, drawing: string[], said: string, template: string): Range {
  // Of a filter of ours only the name is known: its first use is shown.
  const filter = /^the filter (\w+)/.exec(said)?.[1]
  const use = filter === undefined ? null : new RegExp(`\\|\\s*${filter}\\b`).exec(template)
  if (use !== null) return { start: use.index, end: use.index + use[0].length }
  const carets = drawing.find((row) => /^ {5}i\s+\^+/.test(row))
  const column = carets === undefined ? 1 : carets.indexOf('^') - 7 + 1
  const start = offsetOf(template, Number(SAID.exec(head)?.[1] ?? 1), column)
  return { start, end: start + (/\^+/.exec(carets ?? '')?.[0].length ?? 1) }
}
