// Split: a JSON value too large for one text as many texts, and whole again.
import type { Json, JsonObject } from '../base/json.ts'
import { isObject } from '../base/json.ts'

/** Characters after which a text is closed; one member of a wide container may make it longer. */
const ENOUGH = 1_000_000
/** A container with more members than this, or with such a one inside, is taken apart. */
const WIDE = 1_000
/** How deep wide containers are looked for. */
const DEPTH = 4

/**
 * Each text is `[path,value]`: the first at a path puts the value there, the following ones add their members to it.
 * V8 ends a string at half a gigabyte, and a million node-roles come near that.
 */
export function* splitJson(value: Json): Generator<string> {
  yield* split([], value)
}

export function joinJson(texts: Iterable<string>): Json {
  const root: JsonObject = {}
  for (const text of texts) {
    const [path, value] = JSON.parse(text) as [(string | number)[], Json]
    put(root, ['root', ...path], value)
  }
  return root['root'] as Json
}

function* split(path: (string | number)[], value: Json): Generator<string> {
  if (!isContainer(value) || !isBig(value, path.length)) {
    yield `[${JSON.stringify(path)},${JSON.stringify(value)}]`
    return
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const text = (members: string[]): string => `[${JSON.stringify(path)},${open}${members.join(',')}${close}]`
  let members: string[] = []
  let length = 0
  yield text([])
  for (const [key, member] of entries(value)) {
    if (isContainer(member) && isBig(member, path.length + 1)) {
      if (members.length > 0) yield text(members)
      yield* split([...path, key], member)
      members = []
      length = 0
      continue
    }
    if (member === undefined) continue
    const json = JSON.stringify(member)
    members.push(typeof key === 'string' ? `${JSON.stringify(key)}:${json}` : json)
    length += json.length
    if (length < ENOUGH) continue
    yield text(members)
    members = []
    length = 0
  }
  if (members.length > 0) yield text(members)
}

function isBig(container: Json[] | JsonObject, depth: number): boolean {
  const members = Array.isArray(container) ? container : Object.values(container)
  if (members.length > WIDE) return true
  return depth < DEPTH && members.some((member) => isContainer(member) && isBig(member, depth + 1))
}

function isContainer(value: Json): value is Json[] | JsonObject {
  return Array.isArray(value) || isObject(value)
}

function entries(container: Json[] | JsonObject): Iterable<[string | number, Json]> {
  return Array.isArray(container) ? container.entries() : Object.entries(container)
}

function put(root: JsonObject, path: (string | number)[], value: Json): void {
  const last = path.at(-1) as string | number
  const parent = path.slice(0, -1).reduce<Json>((here, key) => own(here, key) as Json, root)
  const there = own(parent, last)
  if (there === undefined) define(parent, last, value)
  else for (const [key, member] of entries(value as Json[] | JsonObject)) add(there, key, member)
}

function add(container: Json, key: string | number, member: Json): void {
  if (Array.isArray(container)) container.push(member)
  else define(container, key, member)
}

function own(container: Json, key: string | number): Json | undefined {
  return Object.hasOwn(container as JsonObject, key) ? (container as JsonObject)[key] : undefined
}

/** `__proto__` is a key like any other here. */
function define(container: Json, key: string | number, value: Json): void {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
}
