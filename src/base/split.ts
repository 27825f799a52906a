// Split: a JSON value too large for one text as many texts, and whole again; parts of it may be made while they are written.
import { isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'

/**
 * Characters after which a text is closed; one member of a wide container may make it longer. A text is made at a stretch, and
 * whoever is at work on the same thread waits that long.
 */
const ENOUGH = 200_000
/** A container with more members than this, or with such a one inside, is taken apart. */
const WIDE = 1_000
/** How deep wide containers are looked for; inside of one that is wide itself, one step more. */
const DEPTH = 4

/** JSON in which lists and objects may flow. */
export type Flowing = Json | Flow | Flowing[] | { [key: string]: Flowing }

/** A list, or an object by its keys, whose members are made when their turn has come to be written. */
export class Flow {
  readonly empty: '[]' | '{}'
  readonly members: () => Iterable<Flowing> | Iterable<readonly [key: string, Flowing]>

  private constructor(empty: '[]' | '{}', members: Flow['members']) {
    this.empty = empty
    this.members = members
  }

  static list(members: () => Iterable<Flowing>): Flow {
    return new Flow('[]', members)
  }

  static object(members: () => Iterable<readonly [key: string, Flowing]>): Flow {
    return new Flow('{}', members)
  }
}

/**
 * Each text is `[path,value]`: the first at a path puts the value there, the following ones add their members to it.
 * V8 ends a string at half a gigabyte, and a million node-roles come near that.
 */
export function* splitJson(value: Flowing, enough = ENOUGH): Generator<string> {
  if (isContainer(value) && isBig(value, 0)) yield* split([], value, enough)
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

type Container = Flowing[] | { [key: string]: Flowing } | Flow

function* split(path: (string | number)[], value: Container, enough: number): Generator<string> {
  const [open, close] = value instanceof Flow ? value.empty : Array.isArray(value) ? '[]' : '{}'
  const text = (members: string[]): string => `[${JSON.stringify(path)},${open}${members.join(',')}${close}]`
  let members: string[] = []
  let length = 0
  let isThere = false
  const depth = isWide(value) ? DEPTH : path.length + 1
  for (const [key, member] of membersOf(value)) {
    if (isContainer(member) && isBig(member, depth)) {
      if (members.length > 0 || !isThere) yield text(members)
      isThere = true
      yield* split([...path, key], member, enough)
      members = []
      length = 0
      continue
    }
    if (member === undefined) continue
    const json = JSON.stringify(member)
    members.push(open === '{' ? `${JSON.stringify(key)}:${json}` : json)
    length += json.length
    if (length < enough) continue
    yield text(members)
    isThere = true
    members = []
    length = 0
  }
  if (members.length > 0 || !isThere) yield text(members)
}

/** Counts and does not collect: it is asked of every member of a wide container. */
function isBig(container: Container, depth: number): boolean {
  if (container instanceof Flow) return true
  const hidden = (member: Flowing): boolean =>
    member instanceof Flow || (depth < DEPTH && isContainer(member) && isBig(member, depth + 1))
  if (Array.isArray(container)) return container.length > WIDE || container.some(hidden)
  let members = 0
  for (const key in container) {
    if (++members > WIDE || hidden(container[key] as Flowing)) return true
  }
  return false
}

/** What flows is taken for wide: members of it are not looked into as deep as others. */
function isWide(value: Container): boolean {
  return value instanceof Flow || (Array.isArray(value) ? value.length : Object.keys(value).length) > WIDE
}

function isContainer(value: Flowing): value is Container {
  return value instanceof Flow || Array.isArray(value) || isObject(value)
}

/** Without the pairs that `Object.entries` makes at once: a million of them hold everything else up. */
function* membersOf(container: Container): Generator<readonly [string | number, Flowing]> {
  if (container instanceof Flow) {
    let index = 0
    for (const member of container.members())
      yield container.empty === '{}' ? (member as readonly [string, Flowing]) : [index++, member as Flowing]
  } else if (Array.isArray(container)) {
    yield* container.entries()
  } else {
    for (const key of Object.keys(container)) yield [key, container[key] as Flowing]
  }
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
