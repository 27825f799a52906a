// Turns what ajv reports into few problems that name a place, what was expected and what was found.
import type { ErrorObject } from 'ajv/dist/2020.js'
import { nearest } from '../base/nearest.ts'
import { visible } from '../base/visible.ts'
import { makePattern } from './pattern.ts'
import { passedSeveral, titleOf, typeWords, withoutLosingBranches } from './problem-unions.ts'

export interface Problem {
  code: 'unknownKey' | 'missingKey' | 'badKey' | 'wrongType' | 'wrongValue'
  /** To the value, or to the mapping whose key is meant. */
  path: string[]
  /** The key that is unknown, bad or missing. */
  key?: string
  message: string
  advice?: string
  /** It would fit if it stood in quotes. */
  quotable?: true
  /** Neither the message nor anything beside it may show the value. */
  secret?: true
}

/** The errors of one validation with `allErrors` and `verbose`; no values in the words when they are secret. */
export function problemsOf(errors: readonly ErrorObject[], secret = false): Problem[] {
  const kept = withoutLosingBranches(errors)
  const problems = kept
    .flatMap((error) => problemOf(error, secret) ?? [])
    .map((problem): Problem => (secret ? { ...withoutQuotes(problem), secret } : problem))
  const seen = new Set<string>()
  return problems.filter((problem) => {
    const id = `${problem.path.join('\0')}\0\0${problem.key ?? ''}\0${problem.message}`
    return seen.has(id) ? false : seen.add(id)
  })
}

function withoutQuotes({ quotable: _quotable, ...problem }: Problem): Problem {
  return problem
}

/** What the keywords of ajv tell beside their place; each tells some of these. */
interface Params {
  missingProperty: string
  type: string | string[]
  words?: string[]
  allowedValue: unknown
  allowedValues: unknown[]
  pattern: string
  format: string
  comparison: string
  limit: number
  multipleOf: number
  i: number
  j: number
}

function problemOf(error: ErrorObject, secret: boolean): Problem | undefined {
  const path = pathOf(error.instancePath)
  const found = secret ? '' : `, found ${shown(error.data)}`
  const params = error.params as Params
  const wrong = (expected: string): Problem => ({
    code: 'wrongValue',
    path,
    message: `expected ${expected}${found}`,
  })
  if (error.propertyName !== undefined) return badKey(error, path)
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(error, path)
    case 'required':
    case 'dependentRequired':
      return {
        code: 'missingKey',
        path,
        key: params.missingProperty,
        message: `${params.missingProperty} is missing`,
      }
    case 'type':
    case 'union': {
      const words = params.words ?? typeWords(params.type)
      const message = `expected ${titleOf(error) ?? words.join(' or ')}${found}`
      return { code: 'wrongType', path, message, ...(isQuotable(error, words) ? { quotable: true } : {}) }
    }
    case 'enum': {
      const words = params.allowedValues.map((value) => plain(value))
      const near = typeof error.data === 'string' ? nearest(error.data, words) : undefined
      return {
        ...wrong(`one of ${words.slice(0, 20).join(', ')}`),
        ...(near === undefined ? {} : { advice: `did you mean ${near}?` }),
      }
    }
    case 'const':
      return wrong(plain(params.allowedValue))
    case 'pattern':
      return wrong(titleOf(error) ?? `text that matches ${params.pattern}`)
    case 'format':
      return wrong(titleOf(error) ?? `text in the format ${params.format}`)
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return wrong(`a number ${params.comparison} ${params.limit}`)
    case 'multipleOf':
      return wrong(`a multiple of ${params.multipleOf}`)
    case 'minLength':
      return wrong(`at least ${count(params.limit, 'character')}`)
    case 'maxLength':
      return wrong(`at most ${count(params.limit, 'character')}`)
    case 'minItems':
      return wrong(`at least ${count(params.limit, 'item')}`)
    case 'maxItems':
      return wrong(`at most ${count(params.limit, 'item')}`)
    case 'minProperties':
      return wrong(`at least ${count(params.limit, 'key')}`)
    case 'maxProperties':
      return wrong(`at most ${count(params.limit, 'key')}`)
    case 'uniqueItems':
      return {
        code: 'wrongValue',
        path,
        message: `items ${params.j} and ${params.i} are equal; each may stand once`,
      }
    case 'anyOf':
    case 'oneOf':
      return wrong(
        titleOf(error) ?? (passedSeveral(error) ? 'a value that fits exactly one form' : 'another form'),
      )
    // The errors of the branch taken stand beside these two.
    case 'if':
    case 'propertyNames':
      return undefined
    default:
      return wrong(titleOf(error) ?? `a value that the schema allows (${error.message ?? error.keyword})`)
  }
}

/** Whether the value would fit if it were text. */
function isQuotable(error: ErrorObject, wanted: string[]): boolean {
  if (!wanted.includes('string') || !['number', 'boolean'].includes(typeof error.data)) return false
  const pattern: unknown = error.parentSchema?.['pattern']
  return typeof pattern !== 'string' || makePattern(pattern).test(String(error.data))
}

function unknownKey(error: ErrorObject, path: string[]): Problem {
  const key = (error.params['additionalProperty'] ?? error.params['unevaluatedProperty']) as string
  const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {})
  const near = nearest(key, known)
  const advice =
    near !== undefined
      ? `did you mean ${near}?`
      : known.length > 0
        ? `known here: ${known.slice(0, 24).join(', ')}`
        : 'nothing may stand here'
  return { code: 'unknownKey', path, key, message: `unknown key ${cut(visible(key))}`, advice }
}

function badKey(error: ErrorObject, path: string[]): Problem {
  const key = error.propertyName as string
  return {
    code: 'badKey',
    path,
    key,
    message: `${cut(visible(JSON.stringify(key)))} cannot be a key here: expected ${titleOf(error) ?? 'another word'}`,
  }
}

function count(amount: number, word: string): string {
  return `${amount} ${word}${amount === 1 ? '' : 's'}`
}

const SHOWN = 60

/** A value as a reader of the file would say it, short. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping'
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, SHOWN + 1) : value)
  return visible(cut(text))
}

function plain(value: unknown): string {
  return visible(cut(typeof value === 'string' ? value : JSON.stringify(value)))
}

/** What is too long to be read in a message. */
export function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

function pathOf(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}
