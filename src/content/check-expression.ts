// Holds an expression against what it may read where it stands: syntax, names with the nearest right one, types.
import type { Environment } from '@marcbachmann/cel-js'
import { isObject, type Json } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import type { Role } from '../model/role.ts'
import { functionNames, makeEnvironment, parseExpression } from './expression.ts'
import type { Read } from './expression-reads.ts'
import type { Complaint, Range } from './source.ts'

/** What may be read at a place: variables, and the keys of those that have fixed ones. */
export interface Scope {
  keys: Record<string, readonly string[] | 'any'>
  environment: () => Environment
}

const NODE = { name: 'string', labels: 'map<string, dyn>', facts: 'map<string, dyn>' }
const DEPLOYMENT = { name: 'string' }

/** For `nodes:` of deployments, groups and placements. */
export const SELECTION_SCOPE: Scope = {
  keys: { node: Object.keys(NODE) },
  environment: () => makeEnvironment({ node: { schema: NODE } }),
}

/** For `value` of inputs and outputs, and with `value` as a variable for `select`. */
export function roleScope(role: Pick<Role, 'inputs'>, withValue: boolean): Scope {
  const inputs = Object.fromEntries(
    Object.entries(role.inputs).map(([name, spec]) => [name, spec.optional ? 'dyn' : celType(spec.schema)]),
  )
  return {
    keys: {
      inputs: Object.keys(inputs),
      node: Object.keys(NODE),
      deployment: Object.keys(DEPLOYMENT),
      ...(withValue ? { value: 'any' } : {}),
    },
    environment: () =>
      makeEnvironment({
        inputs: Object.keys(inputs).length === 0 ? 'dyn' : { schema: inputs },
        node: { schema: NODE },
        deployment: { schema: DEPLOYMENT },
        ...(withValue ? { value: 'dyn' } : {}),
      }),
  }
}

/** For the gate of a rollout: what a member of the role is and has said. */
export function gateScope(role: Pick<Role, 'inputs' | 'outputs'>): Scope {
  const { keys, environment } = roleScope(role, false)
  const outputs = Object.keys(role.outputs)
  return {
    keys: { outputs, ...keys },
    environment: () => environment().clone().registerVariable('outputs', 'dyn'),
  }
}

/** `wanted`: the type that it has to give, where one is known. */
export function expressionFaults(source: string, scope: Scope, wanted = 'dyn'): (Complaint & Range)[] {
  // All nodes, as most deployments have it: nothing needs to be loaded for that.
  if (source === 'true' && (wanted === 'bool' || wanted === 'dyn')) return []
  const parsed = parseExpression(source)
  if (!parsed.ok) return [unparsed(parsed, scope)]
  const unknown = parsed.reads.flatMap((read) => unknownRead(read, scope) ?? [])
  if (unknown.length > 0) return unknown
  // A variable as a whole has no type that its functions know: nothing more can be said before it is evaluated.
  if (parsed.reads.some(({ path }) => path.length === 1)) return []
  const typed = parseExpression(source, scope.environment())
  if (!typed.ok) {
    return [
      {
        code: 'expressionType',
        message: typed.message,
        advice: typeAdvice(typed.message),
        start: typed.start,
        end: typed.end,
      },
    ]
  }
  if (wanted === 'dyn' || typed.type === 'dyn' || kindOf(typed.type) === kindOf(wanted)) return []
  if (wanted === 'double' && typed.type === 'int') return []
  return [
    {
      code: 'expressionType',
      message: `it gives ${typeWord(typed.type)}; ${typeWord(wanted)} is wanted here`,
      start: 0,
      end: source.length,
    },
  ]
}

/** The type that CEL gives to values of a schema; `dyn` where the schema leaves it open. */
export function celType(schema: Json): string {
  const type = isObject(schema) ? schema['type'] : undefined
  switch (type) {
    case 'string':
      return 'string'
    case 'integer':
      return 'int'
    case 'boolean':
      return 'bool'
    case 'array':
      return `list<${celType((schema as { items?: Json }).items ?? null)}>`
    case 'object':
      return 'map<string, dyn>'
    default:
      // A number may be whole at one time and broken at another.
      return 'dyn'
  }
}

function unparsed(
  { code, message, start, end }: { code: string; message: string } & Range,
  scope: Scope,
): Complaint & Range {
  const called = /^found no matching overload for '(?:.*\.)?(\w+)\(/.exec(message)?.[1]
  if (called !== undefined && !functionNames().includes(called))
    return { ...unknownFunction(called), start, end }
  if (code !== 'unknown_variable')
    return { code: 'expression', message, advice: typeAdvice(message), start, end }
  const word = message.slice(message.lastIndexOf(' ') + 1)
  return { ...unknownVariable(word, scope), start, end }
}

function typeAdvice(message: string): string | undefined {
  if (message === 'unexpected character: =') return 'equal is written =='
  return message.startsWith('ternary') ? 'dyn(value) stands for a value of any type' : undefined
}

function unknownFunction(word: string): Complaint {
  const near = nearest(word, functionNames())
  return { code: 'unknownFunction', message: `no function ${word}`, advice: near && `did you mean ${near}?` }
}

function unknownVariable(word: string, scope: Scope): Complaint {
  const known = Object.keys(scope.keys)
  const near = nearest(word, known)
  return {
    code: 'unknownVariable',
    message: `${word} means nothing here`,
    advice:
      near === undefined
        ? `known here: ${known.join(', ')}; a text stands in quotes`
        : `did you mean ${near}?`,
  }
}

function unknownRead({ path, start, end }: Read, scope: Scope): (Complaint & Range) | undefined {
  const [variable = '', key] = path
  const keys = scope.keys[variable]
  if (keys === undefined) return { ...unknownVariable(variable, scope), start, end }
  if (keys === 'any' || key === undefined || keys.includes(key)) return undefined
  const near = nearest(key, keys)
  const message = variable === 'inputs' ? `the role has no input ${key}` : `${variable} has no ${key}`
  const known = keys.length === 0 ? 'it has none' : `known: ${keys.join(', ')}`
  return {
    code: 'unknownRead',
    message,
    advice: near === undefined ? known : `did you mean ${near}?`,
    start,
    end,
  }
}

function kindOf(type: string): string {
  return type.replace(/<.*/, '')
}

const WORDS: Record<string, string> = {
  int: 'an integer',
  double: 'a number',
  bool: 'true or false',
  list: 'a list',
  map: 'a mapping',
}

function typeWord(type: string): string {
  return WORDS[kindOf(type)] ?? `a ${kindOf(type)}`
}
