// Of the errors about a value that may have several forms, finds those of the form that was meant.
import type { ErrorObject } from 'ajv/dist/2020.js'

/**
 * Where a value may have one of several forms, ajv reports what is wrong with each of them. Kept are the errors of the
 * form that was meant: the one whose type fits, with the fewest errors; or one error that names all types.
 */
export function withoutLosingBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  const union = outermost(errors.filter(isUnion))
  if (union === undefined) return [...errors]
  const inside = errors.filter(
    (error) =>
      error !== union &&
      isBelow(error.schemaPath, union.schemaPath) &&
      isBelow(error.instancePath, union.instancePath),
  )
  const outside = errors.filter((error) => error !== union && !inside.includes(error))
  const branches = Map.groupBy(
    inside,
    (error) => error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0],
  )
  const fitting = [...branches.values()].filter(
    (branch) => !branch.some((error) => isOfAnotherType(error, union)),
  )
  fitting.sort((one, other) => one.length - other.length)
  const meant = fitting[0] === undefined || isNamed(union, fitting[0]) ? [typesOf(union, inside)] : fitting[0]
  return withoutLosingBranches([...outside, ...meant])
}

/** A union with a title of its own says better than one of its forms what is wrong with the value as a whole. */
function isNamed(union: ErrorObject, branch: ErrorObject[]): boolean {
  return titleOf(union) !== undefined && branch.every((error) => error.instancePath === union.instancePath)
}

function isUnion(error: ErrorObject): boolean {
  return error.keyword === 'anyOf' || (error.keyword === 'oneOf' && !passedSeveral(error))
}

function outermost(unions: ErrorObject[]): ErrorObject | undefined {
  const depth = (error: ErrorObject) => error.instancePath.length + error.schemaPath.length
  return unions.toSorted((one, other) => depth(one) - depth(other))[0]
}

function isBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`)
}

export function passedSeveral(error: ErrorObject): boolean {
  return error.params['passingSchemas'] !== null && error.params['passingSchemas'] !== undefined
}

function isOfAnotherType(error: ErrorObject, union: ErrorObject): boolean {
  return error.instancePath === union.instancePath && ['type', 'const'].includes(error.keyword)
}

/** One error in place of a union whose forms all have another type. */
function typesOf(union: ErrorObject, inside: ErrorObject[]): ErrorObject {
  const wanted = inside.filter((error) => isOfAnotherType(error, union))
  const words = wanted.flatMap((error) =>
    error.keyword === 'const'
      ? [JSON.stringify(error.params['allowedValue'])]
      : typeWords(error.params['type'] as string),
  )
  return { ...union, keyword: 'union', params: { words: [...new Set(words)] } }
}

/** A schema's title says in words what its pattern or union wants. */
export function titleOf(error: ErrorObject): string | undefined {
  const title: unknown = error.parentSchema?.['title']
  return typeof title === 'string' ? title : undefined
}

const TYPE_WORDS: Record<string, string> = { object: 'a mapping', array: 'a list', boolean: 'true or false' }

export function typeWords(type: string | string[]): string[] {
  return [type].flat().map((word) => TYPE_WORDS[word] ?? word)
}
