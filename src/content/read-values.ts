// Reads the inputs and outputs of a role: their schemas, defaults, and where bound ones come from.
import type { Json, JsonObject } from '../base/json.ts'
import type { InputSource, InputSpec, OutputSpec, Take, Wait } from '../model/role.ts'
import { wrongBySchema, wrongKey } from './findings.ts'
import { SCHEMA_KEYWORDS } from './role-format.ts'
import type { RoleReader } from './role-reader.ts'
import { schemaFaults } from './user-schema.ts'
import { surelyFits } from './surely-fits.ts'

export function readInput(reader: RoleReader, path: string[], raw: JsonObject): InputSpec {
  const schema = schemaOf(raw)
  const source = readSource(reader, path, raw)
  const usable = schemaFaults(schema, reader.schemas, reader.findings.known)
  wrongBySchema(reader.findings, reader.document, path, usable)
  if (raw['default'] !== undefined && usable.length === 0) {
    wrongBySchema(
      reader.findings,
      reader.document,
      [...path, 'default'],
      surelyFits(schema, raw['default'] as Json) ? [] : reader.schemas.compile(schema)(raw['default']),
    )
  }
  return {
    schema,
    sensitive: raw['sensitive'] === true,
    optional: raw['optional'] === true,
    ...(raw['default'] === undefined ? {} : { default: raw['default'] }),
    ...(source === undefined ? {} : { source }),
  }
}

const SOURCES = ['fact', 'from', 'value'] as const

function readSource(reader: RoleReader, path: string[], raw: JsonObject): InputSource | undefined {
  const given = SOURCES.filter((word) => raw[word] !== undefined)
  if (given.length > 1) {
    wrongKey(reader.findings, reader.document, [...path, given[1] as string], {
      code: 'twoSources',
      message: `an input has one source, this one has ${given.join(' and ')}`,
    })
  }
  const stray = ['take', 'wait', 'select'].find((word) => raw[word] !== undefined)
  if (stray !== undefined && raw['from'] === undefined) {
    wrongKey(reader.findings, reader.document, [...path, stray], {
      code: 'strayKey',
      message: `${stray} means something beside from only`,
      advice: 'name the output with from: role.output',
    })
  }
  switch (given[0]) {
    case 'fact':
      return { kind: 'fact', path: (raw['fact'] as string).split('.') }
    case 'value':
      return { kind: 'value', expression: raw['value'] as string }
    case 'from': {
      const [role = '', output = ''] = (raw['from'] as string).split('.')
      return {
        kind: 'output',
        role,
        output,
        take: (raw['take'] as Take | undefined) ?? 'one',
        wait: (raw['wait'] as Wait | undefined) ?? 'all',
        ...(raw['select'] === undefined ? {} : { select: raw['select'] as string }),
      }
    }
    default:
      return undefined
  }
}

export function readOutput(reader: RoleReader, path: string[], raw: JsonObject): OutputSpec {
  const schema = schemaOf(raw)
  wrongBySchema(
    reader.findings,
    reader.document,
    path,
    schemaFaults(schema, reader.schemas, reader.findings.known),
  )
  return {
    schema,
    sensitive: raw['sensitive'] === true,
    ...(raw['value'] === undefined ? {} : { value: raw['value'] as string }),
    ...(raw['measured'] === true ? { measured: true } : {}),
  }
}

/** The JSON Schema keywords that stand among our own. A secret says so in its schema too, for messages. */
function schemaOf(raw: JsonObject): JsonObject {
  const words = SCHEMA_KEYWORDS.filter((word) => raw[word] !== undefined)
  const schema = Object.fromEntries(words.map((word) => [word, raw[word] as Json]))
  return raw['sensitive'] === true ? { ...schema, writeOnly: true } : schema
}
