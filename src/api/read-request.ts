// Reads a request by the schemas of its route: what fits, or every place where it does not, with the nearest right word.
import { z } from '@hono/zod-openapi'
import type { core } from 'zod'
import { isTooDeep, type Json } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import { type Answer, answer, type Refusal, type RequestFault, refuse } from '../model/refusal.ts'

type Part = RequestFault['in']

/** `shape` of a path or a query: each name once, or as often as one likes where its schema is a list. */
export function readWords(
  part: Part,
  shape: Readonly<Record<string, z.ZodType>>,
  given: Iterable<readonly [string, string]>,
): Answer<Record<string, unknown>> {
  const lists = new Map<string, string[]>()
  const raw = new Map<string, string>()
  const faults: RequestFault[] = []
  for (const [name, value] of given) {
    const schema = Object.hasOwn(shape, name) ? shape[name] : undefined
    if (!schema) {
      faults.push(unknownName(part, name, Object.keys(shape)))
      continue
    }
    if (isList(schema)) lists.set(name, [...(lists.get(name) ?? []), ...value.split(',')])
    else if (!raw.has(name)) raw.set(name, value)
    else faults.push({ in: part, place: name, message: 'given more than once' })
  }
  const parsed = z.object(shape).safeParse(Object.fromEntries([...raw, ...lists]), { reportInput: true })
  if (!parsed.success) faults.push(...faultsOf(part, z.object(shape), parsed.error))
  return faults.length > 0 || !parsed.success ? refuse(invalid(faults)) : answer(parsed.data)
}

export function readBody(schema: z.ZodType, text: string): Answer<unknown> {
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch (error) {
    const message = text === '' ? 'a body is expected' : `not JSON: ${(error as Error).message}`
    return refuse(invalid([{ in: 'body', place: '', message: message.slice(0, 200) }]))
  }
  if (isTooDeep(json)) return refuse(invalid([{ in: 'body', place: '', message: 'nested too deeply' }]))
  const parsed = schema.safeParse(json, { reportInput: true })
  return parsed.success ? answer(parsed.data) : refuse(invalid(faultsOf('body', schema, parsed.error)))
}

/** The first few places: of a body that is something else altogether, nobody wants all. */
const FAULTS_TOLD = 20

export function invalid(places: readonly RequestFault[]): Refusal {
  const told = places.slice(0, FAULTS_TOLD)
  const [first] = told
  const more = places.length > 1 ? `, and ${places.length - 1} more` : ''
  const where = first ? `${first.in}${first.place === '' ? '' : ` ${first.place}`}: ${first.message}` : ''
  return { code: 'invalidRequest', message: `${where}${more}`, places: told }
}

function unknownName(part: Part, name: string, known: readonly string[]): RequestFault {
  const meant = nearest(name, known)
  const place = name.slice(0, 100)
  const message = known.length === 0 ? 'nothing is taken here' : `unknown; there is ${known.join(', ')}`
  return { in: part, place, message, ...(meant === undefined ? {} : { nearest: meant }) }
}

function isList(schema: z.ZodType): boolean {
  let here: unknown = schema
  while (here instanceof z.ZodOptional || here instanceof z.ZodDefault || here instanceof z.ZodExactOptional)
    here = here.unwrap()
  return here instanceof z.ZodArray
}

function faultsOf(part: Part, schema: z.ZodType, error: z.ZodError): RequestFault[] {
  return error.issues.flatMap((issue) => faultsOfIssue(part, schema, issue, []))
}

function faultsOfIssue(
  part: Part,
  schema: z.ZodType,
  issue: core.$ZodIssue,
  above: readonly PropertyKey[],
): RequestFault[] {
  const path = [...above, ...issue.path]
  const place = path.map(String).join('.')
  switch (issue.code) {
    case 'invalid_type': {
      const found = issue.input === undefined ? 'nothing is there' : `found ${kindOf(issue.input)}`
      const lacks = issue.message.endsWith('received undefined') || issue.input === undefined
      return [
        {
          in: part,
          place,
          message: `expected ${issue.expected}${lacks ? ', nothing is there' : `, ${found}`}`,
        },
      ]
    }
    case 'invalid_value': {
      const words = issue.values.map(String)
      const meant = typeof issue.input === 'string' ? nearest(issue.input, words) : undefined
      const message = `expected ${words.length === 1 ? '' : 'one of '}${words.slice(0, 60).join(', ')}`
      return [{ in: part, place, message, ...(meant === undefined ? {} : { nearest: meant }) }]
    }
    case 'unrecognized_keys': {
      const known = knownKeys(schemaAt(schema, path))
      return issue.keys.slice(0, FAULTS_TOLD).map((key) => {
        const fault = unknownName(part, key, known)
        return { ...fault, place: place === '' ? fault.place : `${place}.${fault.place}` }
      })
    }
    case 'invalid_union': {
      const [first] = issue.errors
      if (first && issue.errors.length === 1)
        return first.flatMap((inner) => faultsOfIssue(part, schema, inner, path))
      return [{ in: part, place, ...unionFault(schemaAt(schema, path.slice(0, -1)), issue, path) }]
    }
    default:
      return [{ in: part, place, message: firstSmall(issue.message) }]
  }
}

/** Of a union told apart by a word: which words there are, and which one was probably meant. */
function unionFault(
  schema: z.ZodType | undefined,
  issue: Extract<core.$ZodIssue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
): { message: string; nearest?: string } {
  const tag = path.at(-1)
  const union = unwrapped(schema)
  if (!(union instanceof z.ZodDiscriminatedUnion) || typeof tag !== 'string')
    return { message: 'fits none of the forms that are taken here' }
  const words = union.options.flatMap((option) => {
    const inner = option instanceof z.ZodObject ? (option.shape[tag] as unknown) : undefined
    return inner instanceof z.ZodLiteral ? [...inner.values].map(String) : []
  })
  const given = (issue.input as Record<string, unknown> | undefined)?.[tag]
  const meant = typeof given === 'string' ? nearest(given, words) : undefined
  return {
    message: `expected one of ${words.join(', ')}`,
    ...(meant === undefined ? {} : { nearest: meant }),
  }
}

function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let here: z.ZodType | undefined = schema
  for (const key of path) {
    const inner = unwrapped(here)
    if (inner instanceof z.ZodObject) here = inner.shape[String(key)] as z.ZodType | undefined
    else if (inner instanceof z.ZodArray) here = inner.element as unknown as z.ZodType
    else if (inner instanceof z.ZodRecord) here = inner.valueType as unknown as z.ZodType
    else return undefined
  }
  return here
}

function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  let here: unknown = schema
  while (here instanceof z.ZodOptional || here instanceof z.ZodDefault || here instanceof z.ZodExactOptional)
    here = here.unwrap()
  return here as z.ZodType | undefined
}

function knownKeys(schema: z.ZodType | undefined): string[] {
  const inner = unwrapped(schema)
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape)
  if (!(inner instanceof z.ZodDiscriminatedUnion || inner instanceof z.ZodUnion)) return []
  return [...new Set(inner.options.flatMap((one) => knownKeys(one as unknown as z.ZodType)))]
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
}

/** Messages of schemas begin with a capital, ours do not. */
function firstSmall(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}
