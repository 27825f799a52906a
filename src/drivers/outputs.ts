// Reads what a script appended to $ANNEAL_OUTPUTS: untrusted text in, outputs that fit the role's schemas out.
import { DEEPEST, type Json, type JsonObject, isObject, isTooDeep, objectFrom } from '../base/json.ts'
import { nearest } from '../base/nearest.ts'
import { VALUE_NAME_PATTERN } from '../model/names.ts'
import type { OutputSpec } from '../model/role.ts'

export type Outputs = { ok: true; outputs: JsonObject; changed?: boolean } | { ok: false; message: string }

export interface OutputRules {
  specs: Record<string, OutputSpec>
  /** Undefined when the value fits. */
  schema(schema: Json): (value: Json) => string | undefined
  /** After a successful `apply` every output that is not early must be there. */
  complete: boolean
}

export const MOST_OUTPUT_BYTES = 1024 * 1024

/** The forms are those of `docs/guide/scripts.md`. */
export function outputsFrom(bytes: Uint8Array, rules: OutputRules): Outputs {
  if (bytes.length > MOST_OUTPUT_BYTES)
    return no(`the outputs are longer than ${MOST_OUTPUT_BYTES / 1024 / 1024} MiB`)
  if (bytes.includes(0)) return no('the outputs hold a NUL character; text was expected')
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return no('the outputs are not UTF-8')
  }
  const told = statements(text)
  if (!told.ok) return told
  const outputs = new Map<string, Json>()
  let changed: boolean | undefined
  for (const { name, value, line } of told.statements) {
    if (name === 'changed') {
      const word = value.kind === 'text' ? value.text.trim() : value.json
      if (word !== 'true' && word !== 'false' && typeof word !== 'boolean') {
        return no(`line ${line} of the outputs: changed is true or false, not ${shown(word)}`)
      }
      changed = word === true || word === 'true'
      continue
    }
    const spec = Object.hasOwn(rules.specs, name) ? rules.specs[name] : undefined
    if (spec === undefined) return no(`line ${line} of the outputs: ${unknownName(name, rules.specs)}`)
    if (spec.value !== undefined) {
      return no(
        `line ${line} of the outputs: ${name} is known before the run (it has a \`value\`), a script cannot tell it`,
      )
    }
    const fitted = fit(value, spec.schema, rules)
    if (!fitted.ok) return no(`line ${line} of the outputs: ${name} ${fitted.message}`)
    outputs.set(name, fitted.value)
  }
  const missing = Object.entries(rules.specs).filter(
    ([name, spec]) => spec.value === undefined && !outputs.has(name),
  )
  if (rules.complete && missing.length > 0) {
    const names = missing.map(([name]) => name).join(', ')
    return no(
      `it succeeded without telling ${names}: each declared output must be appended to $ANNEAL_OUTPUTS`,
    )
  }
  return { ok: true, outputs: objectFrom(outputs), ...(changed === undefined ? {} : { changed }) }
}

type Told = { kind: 'text'; text: string } | { kind: 'json'; json: Json }
interface Statement {
  name: string
  value: Told
  line: number
}

function statements(text: string): { ok: true; statements: Statement[] } | { ok: false; message: string } {
  const found: Statement[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const raw = (lines[at] as string).replace(/\r$/, '')
    const line = at + 1
    if (raw.trim() === '') continue
    if (raw.trimStart().startsWith('{')) {
      const json = parsed(raw)
      if (!isObject(json)) return no(`line ${line} of the outputs begins like a JSON object but is none`)
      for (const [name, value] of Object.entries(json))
        found.push({ name, value: { kind: 'json', json: value }, line })
      continue
    }
    const equals = raw.indexOf('=')
    const block = raw.indexOf('<<')
    if (block > 0 && (equals < 0 || block < equals)) {
      const word = raw.slice(block + 2)
      if (word === '' || /\s/.test(word))
        return no(`line ${line} of the outputs: after << one word is expected`)
      const end = lineOf(word, at + 1)
      if (end < 0)
        return no(`line ${line} of the outputs: no line ${shown(word)} ends the value that begins there`)
      found.push({
        name: raw.slice(0, block),
        value: { kind: 'text', text: lines.slice(at + 1, end).join('\n') },
        line,
      })
      at = end
    } else if (equals > 0) {
      found.push({ name: raw.slice(0, equals), value: { kind: 'text', text: raw.slice(equals + 1) }, line })
    } else {
      return no(
        `line ${line} of the outputs is neither name=value, name<<WORD nor a JSON object: ${shown(raw)}`,
      )
    }
  }
  return { ok: true, statements: found }

  function lineOf(word: string, from: number): number {
    for (let here = from; here < lines.length; here++) {
      if ((lines[here] as string).replace(/\r$/, '') === word) return here
    }
    return -1
  }
}

/** Text stays text where the schema lets it; where it allows no string, it is read as JSON. */
function fit(
  told: Told,
  schema: Json,
  rules: OutputRules,
): { ok: true; value: Json } | { ok: false; message: string } {
  const problem = rules.schema(schema)
  const types = typesOf(schema)
  if (told.kind === 'json') return judged(told.json)
  const asText = problem(told.text)
  if (types?.includes('string') === true || asText === undefined) return judged(told.text)
  const json = parsed(told.text)
  if (json === undefined)
    return {
      ok: false,
      message:
        types === undefined ? asText : `is ${shown(told.text)}; expected ${types.join(' or ')} as JSON`,
    }
  return judged(json)

  function judged(value: Json): { ok: true; value: Json } | { ok: false; message: string } {
    if (isTooDeep(value)) return { ok: false, message: `is nested more than ${DEEPEST} levels deep` }
    const message = problem(value)
    return message === undefined ? { ok: true, value } : { ok: false, message }
  }
}

function typesOf(schema: Json): string[] | undefined {
  if (!isObject(schema) || !Object.hasOwn(schema, 'type')) return undefined
  return [schema['type']].flat().filter((type) => typeof type === 'string')
}

function unknownName(name: string, specs: Record<string, OutputSpec>): string {
  if (!new RegExp(VALUE_NAME_PATTERN).test(name)) return `${shown(name)} cannot be the name of an output`
  const near = nearest(name, [...Object.keys(specs), 'changed'])
  if (near !== undefined) return `the role has no output ${name}; did you mean ${near}?`
  const names = Object.keys(specs)
  return `the role has no output ${name}; ${names.length === 0 ? 'it declares none' : `it declares ${names.join(', ')}`}`
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function shown(value: Json): string {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function no(message: string): { ok: false; message: string } {
  return { ok: false, message }
}
