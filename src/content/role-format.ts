// The format of a role's file, as the JSON Schema that both the loader and editors use.
import type { JsonObject } from '../base/json.ts'
import {
  described,
  DRIFT,
  DURATION,
  EXPRESSION,
  type Format,
  mapOf,
  NAME,
  record,
  VALUE_NAME,
} from './format.ts'

/** The keywords of JSON Schema that may stand in an input or output; they are checked as a schema afterwards. */
export const SCHEMA_KEYWORDS = [
  '$comment',
  '$defs',
  '$ref',
  'additionalProperties',
  'allOf',
  'anyOf',
  'const',
  'contains',
  'dependentRequired',
  'dependentSchemas',
  'deprecated',
  'description',
  'else',
  'enum',
  'examples',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'if',
  'items',
  'maxContains',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minContains',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf',
  'not',
  'oneOf',
  'pattern',
  'patternProperties',
  'prefixItems',
  'properties',
  'propertyNames',
  'required',
  'then',
  'title',
  'type',
  'unevaluatedItems',
  'unevaluatedProperties',
  'uniqueItems',
] as const

const keywords: JsonObject = Object.fromEntries(SCHEMA_KEYWORDS.map((word) => [word, {}]))
const TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array', 'null']
const typed: JsonObject = {
  ...keywords,
  type: {
    anyOf: [{ enum: TYPES }, { type: 'array', items: { enum: TYPES } }],
    description: 'JSON Schema: what kind of value it is.',
  },
  enum: { type: 'array', minItems: 1, description: 'JSON Schema: the values that are allowed.' },
  description: { type: 'string', description: 'What it is for, in a sentence.' },
}

const INPUT: Format = record(
  {
    ...typed,
    default: {
      description: 'The value when nothing else gives one; for a bound input, when its source has none.',
    },
    sensitive: { type: 'boolean', default: false, description: 'Kept out of logs, events and messages.' },
    optional: {
      type: 'boolean',
      default: false,
      description: 'Null when nothing gives a value; without it such an input is unbound.',
    },
    fact: {
      type: 'string',
      pattern: '^[^.\\s]+(\\.[^.\\s]+)*$',
      title: 'a path into the facts, e.g. network.primary.address',
      description: 'Bound to a fact of the node, by its path.',
    },
    from: {
      type: 'string',
      pattern: '^[a-z0-9-]+\\.[a-z][a-z0-9_]*$',
      title: 'role.output',
      description: 'Bound to an output of a role, as `role.output`.',
    },
    take: {
      enum: ['one', 'all', 'map'],
      default: 'one',
      description: 'With `from`: the value itself, a list of all members’, or a mapping by node name.',
    },
    wait: {
      anyOf: [{ enum: ['all', 'known'] }, { type: 'integer', minimum: 0 }],
      title: 'all, known, or a number of members',
      default: 'all',
      description: 'With `from`: how many of the sources must be known first.',
    },
    select: described(
      EXPRESSION,
      'With `from`: a CEL expression over `value` (what came), `node`, `deployment` and `inputs`.',
    ),
    value: described(EXPRESSION, 'Bound to a CEL expression over `inputs`, `node` and `deployment`.'),
  },
  [],
  { description: 'JSON Schema keywords, and where the value comes from.' },
)

const OUTPUT: Format = record(
  {
    ...typed,
    sensitive: { type: 'boolean', default: false, description: 'Kept out of logs, events and messages.' },
    value: described(
      EXPRESSION,
      'A CEL expression over `inputs`, `node` and `deployment`: makes the output early, known before any run.',
    ),
    measured: {
      type: 'boolean',
      default: false,
      description: 'A measurement: may differ from run to run; for gates and people, read by no input.',
    },
  },
  [],
  {
    description:
      'JSON Schema keywords. With `value` it is known before the run, without it the run tells it.',
  },
)

const CONTENT_PATH: Format = { type: 'string', minLength: 1, maxLength: 500 }

const ACTION: Format = {
  anyOf: [
    { ...CONTENT_PATH, description: 'A script of the package.' },
    record({ run: { type: 'string', minLength: 1, description: 'The script itself.' } }, ['run']),
  ],
}

const FILE: Format = record(
  {
    template: described(
      CONTENT_PATH,
      'A Jinja template of the package, over `inputs`, `node` and `deployment`.',
    ),
    file: described(CONTENT_PATH, 'A file of the package, as it is.'),
    content: { type: 'string', description: 'The text itself, as it is.' },
    mode: {
      type: 'string',
      pattern: '^0?[0-7]{3,4}$',
      title: 'octal digits in quotes, e.g. "0640"',
      default: '0644',
      description: 'Octal, in quotes.',
    },
    owner: {
      type: 'string',
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?$',
      title: 'the name or number of a user',
      default: 'root',
      description: 'Its owner.',
    },
    group: {
      type: 'string',
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*\\$?$',
      title: 'the name or number of a group',
      default: 'root',
      description: 'Its group.',
    },
  },
  [],
  { description: 'A file on the node, written before `apply` runs: from `template`, `file` or `content`.' },
)

export const ROLE_FORMAT: Format = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'An Anneal role (roles/NAME.yaml of a package)',
  ...record(
    {
      role: described(NAME, 'Its name; the file bears it too.'),
      summary: { type: 'string', description: 'One sentence.' },
      per: {
        enum: ['node', 'deployment'],
        default: 'node',
        description: '`deployment`: bound once in its deployment, and run where a runner is.',
      },
      driver: {
        enum: ['script', 'simulated'],
        default: 'script',
        description: 'How its actions are carried out.',
      },
      requires: {
        type: 'array',
        items: {
          anyOf: [
            NAME,
            record(
              {
                role: described(NAME, 'The role that must be active first.'),
                of: {
                  enum: ['node', 'deployment'],
                  default: 'node',
                  description: 'On the same node, or in the nearest enclosing deployment that has it.',
                },
              },
              ['role'],
            ),
          ],
        },
        description:
          'Roles that must be active first: on the same node (brought in when missing), or `{ role, of: deployment }` in the nearest enclosing deployment that has it.',
      },
      after: { type: 'array', items: NAME, description: 'Roles that go first where both are there.' },
      provides: { type: 'array', items: NAME, description: 'Other names that this role answers to.' },
      conflicts: { type: 'array', items: NAME, description: 'Roles that may not be on the same node.' },
      once: {
        type: 'boolean',
        default: false,
        description: 'Destructive: never runs twice without an operator’s approval.',
      },
      parallel: { type: 'boolean', default: false, description: 'May run beside other runs of its node.' },
      become: {
        type: 'boolean',
        default: true,
        description: 'Whether its scripts run as root, by sudo where the login is not root.',
      },
      inputs: mapOf(VALUE_NAME, INPUT, 'Name -> input.'),
      outputs: mapOf(VALUE_NAME, OUTPUT, 'Name -> output.'),
      files: {
        type: 'object',
        propertyNames: {
          pattern: '^/([^/\\\\\\u0000-\\u001f\\u007f]+/)*[^/\\\\\\u0000-\\u001f\\u007f]+$',
          title: 'the absolute path of a file on the node, without control characters or backslashes',
        },
        additionalProperties: FILE,
        description: 'Path on the node -> what is written there before `apply` runs.',
      },
      apply: {
        ...ACTION,
        description:
          'Brings about what the role asks for, after its files. Without it and without files the role is a milestone.',
      },
      check: { ...ACTION, description: 'Exit 0: all is as asked. Changes nothing.' },
      remove: { ...ACTION, description: 'Takes away what `apply` brought.' },
      drift: DRIFT,
      locks: {
        type: 'array',
        items: record(
          {
            of: { enum: ['node', 'deployment', 'site'], default: 'node', description: 'Whose lock it is.' },
            name: described(NAME, 'Its name; roles that name the same lock share it.'),
            capacity: {
              type: 'integer',
              minimum: 1,
              default: 1,
              description: 'How many may hold it at once.',
            },
          },
          ['name'],
        ),
        description: 'Locks held while a run is in flight, besides its node’s own.',
      },
      retry: record(
        {
          attempts: {
            type: 'integer',
            minimum: 1,
            maximum: 100,
            default: 3,
            description: 'In all, the first one included.',
          },
          backoff: {
            ...DURATION,
            default: '2s',
            description: 'Before the second attempt; doubles from there.',
          },
        },
        [],
        { description: 'How often a failed run is tried again.' },
      ),
      deadline: { ...DURATION, default: '5m', description: 'A run that takes longer is ended.' },
    },
    ['role'],
  ),
}
