// Split: a JSON value too large for one text as many texts, and whole again.
import { isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'

/** Characters after which a text is closed; one member of a wide container may make it longer. */
const ENOUGH = 1_000_000
/** A container with more members than this, or with such a one inside, is taken apart. */
const WIDE = 1_000
/** How deep wide containers are looked for; inside of one that is wide itself, one step more. */
const DEPTH = 4

/**
 * Each text is `[path,value]`: the first at a path puts the value there, the following ones add their members to it.
 * V8 ends a string at half a gigabyte, and a million node-roles come near that.
 */
export function* splitJson(value: Json): Generator<string> {
  if (isContainer(value) && isBig(value, 0)) yield* split([], value)
  else yield `[[],${JSON.stringify(value)}]`
}

export function joinJson(texts: Iterable<string>): Json {
  const root: JsonObject = {}
  for (const text of texts) {
    const [path, value] = JSON.parse(text) as [(string | number)[], Json]
    put(root, ['root', ...path], value)
  }
  return root['root'] as Json
}

function* split(path: (string | number)[], value: Json[] | JsonObject): Generator<string> {
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const text = (members: string[]): string => `[${JSON.stringify(path)},${open}${members.join(',')}${close}]`
  let members: string[] = []
  let length = 0
  const keys = keysOf(value)
  const depth = keys.length > WIDE ? DEPTH : path.length + 1
  yield text([])
  for (const key of keys) {
    const member = (value as JsonObject)[key] as Json
    if (isContainer(member) && isBig(member, depth)) {
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

/** Counts and does not collect: it is asked of every member of a wide container. */
function isBig(container: Json[] | JsonObject, depth: number): boolean {
  const hidden = (member: Json): boolean => depth < DEPTH && isContainer(member) && isBig(member, depth + 1)
  if (Array.isArray(container)) return container.length > WIDE || container.some(hidden)
  let members = 0
  for (const key in container) {
    if (++members > WIDE || hidden(container[key] as Json)) return true
  }
  return false
}

function isContainer(value: Json): value is Json[] | JsonObject {
  return Array.isArray(value) || isObject(value)
}

/** Without the pairs that `Object.entries` makes: a million of them hold everything else up. */
function keysOf(container: Json[] | JsonObject): (string | number)[] {
  return Array.isArray(container) ? [...container.keys()] : Object.keys(container)
}

function put(root: JsonObject, path: (string | number)[], value: Json): void {
  const last = path.at(-1) as string | number
  const parent = path.slice(0, -1).reduce<Json>((here, key) => own(here, key) as Json, root)
  const there = own(parent, last)
  if (there === undefined) {
    setOwn(parent as JsonObject, String(last), value)
  } else if (Array.isArray(there)) {
    for (const member of value as Json[]) there.push(member)
  } else {
    for (const key of Object.keys(value as JsonObject)) {
      setOwn(there as JsonObject, key, (value as JsonObject)[key] as Json)
    }
  }
}

function own(container: Json, key: string | number): Json | undefined {
  return Object.hasOwn(container as JsonObject, key) ? (container as JsonObject)[key] : undefined
}
