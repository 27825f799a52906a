// Words that our three file formats share, as JSON Schema: names, durations, selections of nodes, values.
import { DURATION_PATTERN } from '../base/duration.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { NAME_PATTERN, NODE_NAME_PATTERN, VALUE_NAME_PATTERN } from '../model/names.ts'

/** A schema of ours. `title` says in messages what a pattern or a union wants; `description` is an editor's hover. */
export type Format = JsonObject

export const NAME: Format = {
  type: 'string',
  pattern: NAME_PATTERN,
  title: 'a name of small letters, digits and dashes (at most 63)',
}

export const NODE_NAME: Format = {
  type: 'string',
  pattern: NODE_NAME_PATTERN,
  title: 'a node name of small letters, digits, dashes and dots',
}

export const VALUE_NAME: Format = {
  type: 'string',
  pattern: VALUE_NAME_PATTERN,
  title: 'a name of small letters, digits and underscores that begins with a letter (at most 63)',
}

export const DURATION: Format = {
  type: 'string',
  pattern: DURATION_PATTERN,
  title: 'a duration such as 500ms, 30s, 5m or 1h30m',
}

export const EXPRESSION: Format = { type: 'string', minLength: 1, maxLength: 4_000 }

/** A mapping with free keys of one form and values of one form. */
export function mapOf(keys: Format, values: Format, description: string): Format {
  const { type: _type, ...key } = keys
  return { type: 'object', propertyNames: key, additionalProperties: values, description }
}

/** A mapping with these keys and no others. */
export function record(properties: JsonObject, required: string[] = [], more: JsonObject = {}): Format {
  return { type: 'object', properties, required, additionalProperties: false, ...more }
}

export function described(format: Format, description: string): Format {
  return { ...format, description }
}

export function oneOrMany(format: Format, description: string): Format {
  return { anyOf: [format, { type: 'array', items: format }], description }
}

export const DRIFT: Format = {
  anyOf: [
    { enum: ['repair', 'report', 'off'], description: 'What is done about drift.' },
    record(
      {
        policy: {
          enum: ['repair', 'report', 'off'],
          default: 'repair',
          description: 'Run `apply` again, only say so, or do not look.',
        },
        every: described(
          { ...DURATION, default: '30m' },
          'At most so long after the last look comes the next one, while `anneal up --stay` runs.',
        ),
        allow: {
          type: 'array',
          items: { type: 'string', pattern: '^[/*]', title: 'a glob over absolute paths, e.g. /etc/foo/*' },
          description:
            'Globs of file paths whose difference is no drift: `*` within one part, `**` across parts.',
        },
      },
      [],
    ),
  ],
  description:
    'What is done when a machine is not as the last success left it. The nearest word counts: placement, deployment, parent, role.',
}

const ANY: Json = {}

/** input -> value. */
export const INPUT_VALUES: Format = mapOf(VALUE_NAME, ANY as Format, 'Input -> value.')

/** role -> input -> value. */
export const ROLE_VALUES: Format = mapOf(NAME, INPUT_VALUES, 'Role -> input -> value.')

export const SELECTION: Format = {
  anyOf: [
    { ...EXPRESSION, description: 'A CEL expression over `node`: its `name`, `labels` and `facts`.' },
    { type: 'boolean', description: '`true`: all nodes.' },
    { type: 'array', items: NODE_NAME, uniqueItems: true, description: 'Names of nodes.' },
  ],
  description:
    'A CEL expression over `node` (`name`, `labels`, `facts`), a list of names, or `true` for all.',
}
