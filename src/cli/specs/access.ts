// Commands about who may do what and who did: names, flags, arguments and help.
import { buildRouteMap } from '@stricli/core'
import { command } from '../command.ts'
import { parseAccessRole, parseExpiry, parseSpan } from '../parse.ts'
import * as propose from '../propose.ts'
import { json, limit, site } from './shared.ts'

const token = {
  parse: String,
  placeholder: 'NAME',
  brief: 'Its name, of small letters, digits and dashes',
} as const

const why = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'TEXT',
  brief: 'Why, for whoever reads it later',
} as const

const createCommand = command({
  load: async () => (await import('../commands/token-create.ts')).default,
  parameters: {
    flags: {
      site,
      role: {
        kind: 'parsed',
        parse: parseAccessRole,
        placeholder: 'ROLE',
        brief: 'viewer, operator, author or admin',
        proposeCompletions: propose.accessRoles,
      },
      deployment: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: ',',
        placeholder: 'NAME,...',
        brief: 'Only there (else in the whole site)',
      },
      expires: {
        kind: 'parsed',
        parse: parseExpiry,
        default: '90d',
        placeholder: 'SPAN',
        brief: 'From when on it is good for nothing: a span such as 30d, or never',
      },
      why,
      json,
    },
    aliases: { C: 'site' },
    positional: { kind: 'tuple', parameters: [token] },
  },
  docs: {
    brief: 'Issues a token for a program',
    more: `Its secret goes to stdout, once. A viewer sees; an operator also runs, holds and approves; an author also proposes and
commits; an admin may everything.

  anneal token create ci --role operator --deployment store --expires 30d
  anneal token create prometheus --role viewer --why 'scrapes /metrics'`,
  },
})

const listCommand = command({
  load: async () => (await import('../commands/token-list.ts')).default,
  parameters: {
    flags: {
      site,
      all: { kind: 'boolean', default: false, withNegated: false, brief: 'Expired and revoked ones, too' },
      json,
    },
    aliases: { C: 'site' },
  },
  docs: {
    brief: 'Tokens of programs: what each may, until when, when it was used last',
    more: '  anneal token list',
  },
})

const revokeCommand = command({
  load: async () => (await import('../commands/token-revoke.ts')).default,
  parameters: {
    flags: { site, why, json },
    aliases: { C: 'site' },
    positional: { kind: 'tuple', parameters: [{ ...token, proposeCompletions: propose.tokens }] },
  },
  docs: {
    brief: 'Makes a token good for nothing from now on',
    more: `  anneal token revoke ci --why 'it leaked'`,
  },
})

export const tokenCommand = buildRouteMap({
  routes: { create: createCommand, list: listCommand, revoke: revokeCommand },
  docs: { brief: 'Tokens, by which programs come in' },
})

const auditList = command({
  load: async () => (await import('../commands/audit-list.ts')).default,
  parameters: {
    flags: {
      site,
      since: {
        kind: 'parsed',
        parse: parseSpan,
        optional: true,
        placeholder: 'SPAN',
        brief: 'Of the last 30m, 24h, 7d',
      },
      by: { kind: 'parsed', parse: String, optional: true, placeholder: 'NAME', brief: 'Of this one alone' },
      limit: { ...limit, default: '50' },
      json,
    },
    aliases: { C: 'site', n: 'limit' },
  },
  docs: {
    brief: 'Who did what, why, how they came in, and what came of it',
    more: `  anneal audit
  anneal audit --since 7d --by ada@desk
  anneal audit list -n 1000 --json | jq 'select(.outcome == "notAllowed")'`,
  },
})

const auditVerify = command({
  load: async () => (await import('../commands/audit-verify.ts')).default,
  parameters: {
    flags: {
      site,
      anchor: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'SEQ:DIGEST',
        brief: 'What an earlier verify printed: up to there it must be the same history',
      },
      json,
    },
    aliases: { C: 'site' },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          placeholder: 'EXPORT',
          brief: 'A file by anneal audit export (else the journal)',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'Whether the history is what was written, from its first event to its last',
    more: `Exit code 1 where it is not.

  anneal audit verify
  anneal audit verify --anchor 1204:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  anneal audit verify history.ndjson`,
  },
})

const auditExport = command({
  load: async () => (await import('../commands/audit-export.ts')).default,
  parameters: { flags: { site, json }, aliases: { C: 'site' } },
  docs: {
    brief: 'The history with the digests of its chain, for somebody else to verify',
    more: `NDJSON on stdout: the journal, its batches, the entries in each of them, the end.

  anneal audit export >history.ndjson`,
  },
})

export const auditCommand = buildRouteMap({
  routes: { list: auditList, verify: auditVerify, export: auditExport },
  defaultCommand: 'list',
  docs: { brief: 'Who did what, and whether the history is what was written' },
})

export const uiCommand = command({
  load: async () => (await import('../commands/ui.ts')).default,
  parameters: {
    flags: {
      site,
      print: { kind: 'boolean', default: false, withNegated: false, brief: 'Open nothing' },
      json,
    },
    aliases: { C: 'site' },
  },
  docs: {
    brief: 'A link to the page of the server that signs you in, once, within a minute',
    more: `Needs a server of this site on this machine (anneal serve), and the right to read .anneal/server.key.

  anneal ui`,
  },
})
