// Jinja templates by minijinja: strict about what is undefined, bounded in work, nothing but text comes out.
import { createRequire } from 'node:module'
import type { Fault } from '../model/fault.ts'
import { codeFrame, offsetOf } from './source.ts'

/** As the drivers room wants it. */
export type Rendered = { ok: true; text: string } | { ok: false; message: string }
export type Renderer = (template: string, path: string, scope: Record<string, unknown>) => Rendered

/** Instructions of the template machine: a loop over 100,000 members passes, one that never ends does not. */
const FUEL = 5_000_000
const MAX_TEXT = 32 * 1024 * 1024

export function makeRenderer(): Renderer {
  const machine = makeMachine()
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
  addTemplate(name: string, template: string): void
  removeTemplate(name: string): void
  addFilter(name: string, filter: (...words: never[]) => unknown): void
}

const load = createRequire(import.meta.url)
const checker = makeMachine()

/**
 * One WebAssembly instance with its environment. A panic inside (a template that asks for more memory than there is)
 * leaves the instance broken for good, so after one it is thrown away with its memory and the next use makes another.
 */
function makeMachine(): Machine {
  let environment: Environment | undefined
  let filterError: string | undefined
  return {
    run(use) {
      environment ??= makeEnvironment((error) => (filterError = error))
      filterError = undefined
      try {
        const text = use(environment)
        return filterError === undefined ? { ok: true, text } : { ok: false, error: filterError }
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (!/ \(in <string>:\d+\)| \(in checked:\d+\)/.test(message)) {
          environment = undefined
          return { ok: false, error: 'the template asks for more than can be held' }
        }
        return { ok: false, error: message }
      }
    },
  }
}

function makeEnvironment(onFilterError: (error: string) => void): Environment {
  const path = load.resolve('minijinja-js')
  delete load.cache[path]
  const { Environment } = load('minijinja-js') as { Environment: new () => Environment }
  const environment = new Environment()
  // Messages then carry the column; what else they carry (all values) is cut off below.
  environment.debug = true
  environment.keepTrailingNewline = true
  environment.undefinedBehavior = 'strict'
  environment.fuel = FUEL
  for (const [name, filter] of Object.entries(FILTERS))
    environment.addFilter(name, guarded(name, filter, onFilterError))
  return environment
}

type Filter = (value: unknown) => unknown

const FILTERS: Record<string, Filter> = {
  b64encode: (value) => Buffer.from(text(value), 'utf8').toString('base64'),
  b64decode: (value) => Buffer.from(text(value), 'base64').toString('utf8'),
}

/** What a filter throws would break the whole instance: it is told afterwards instead. */
function guarded(
  name: string,
  filter: Filter,
  onError: (error: string) => void,
): (...words: never[]) => unknown {
  return (...words) => {
    try {
      return filter(words[0])
    } catch (error) {
      onError(`the filter ${name}: ${(error as Error).message}`)
      return ''
    }
  }
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error('wants a string')
  return value
}

/** minijinja's message begins with what is wrong and the line; a drawing follows, and in it the column. */
function faultOf(error: string, template: string, path: string): Fault & { frame: string } {
  const [head = '', ...drawing] = error.split('\n')
  const found = / \(in (?:<string>|checked):(\d+)\)$/.exec(head)
  const line = Number(found?.[1] ?? 1)
  const carets = drawing.find((row) => /^ {5}i\s+\^+/.test(row))
  const column = carets === undefined ? 1 : carets.indexOf('^') - 7 + 1
  const width = carets === undefined ? 1 : (/\^+/.exec(carets)?.[0].length ?? 1)
  const start = offsetOf(template, line, column)
  return {
    file: path,
    line,
    column,
    code: 'template',
    message: `template: ${head.replace(/ \(in (?:<string>|checked):\d+\)$/, '')}`,
    frame: codeFrame(template, { start, end: start + width }),
  }
}
