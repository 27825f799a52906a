// Flags and arguments that several commands share.
import { parseCount } from '../parse.ts'
import * as propose from '../propose.ts'

export const site = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'DIR',
  brief: 'The directory that holds anneal.yaml (else the nearest one upwards)',
} as const

export const json = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'NDJSON for programs',
} as const

export const limit = {
  kind: 'parsed',
  parse: parseCount,
  default: '20',
  placeholder: 'N',
  brief: 'How many',
} as const

export const plain = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'One line per run, also on a terminal',
} as const

export const yes = { kind: 'boolean', default: false, withNegated: false, brief: 'Do not ask' } as const

export const all = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'Leave nothing out',
} as const

export const nodeRole = {
  parse: String,
  placeholder: 'NODE/ROLE',
  brief: 'A node-role: deployment/node/role, or node/role where that is one only',
  proposeCompletions: propose.nodeRoles,
} as const

export const target = {
  parse: String,
  placeholder: 'TARGET',
  brief: 'A node, node/role, deployment, deployment/role, or deployment/node/role',
  proposeCompletions: propose.targets,
} as const

export const node = {
  parse: String,
  placeholder: 'NODE',
  brief: 'A node of the site',
  proposeCompletions: propose.nodes,
} as const

export const revision = {
  parse: parseCount,
  placeholder: 'REVISION',
  brief: 'Number of a revision, as anneal timeline lists them',
} as const
