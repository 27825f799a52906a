// Commands about the journal as a whole: names, flags, arguments and help.
import { buildRouteMap } from '@stricli/core'
import { command } from '../command.ts'
import { json, site } from './shared.ts'

const flags = { flags: { site, json }, aliases: { C: 'site' } } as const

const journalVerify = command({
  load: async () => (await import('../commands/journal.ts')).verify,
  parameters: {
    flags: {
      site,
      anchor: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'ANCHOR',
        brief: 'As an earlier verification printed it: what it covers must still be there',
      },
      json,
    },
    aliases: { C: 'site' },
  },
  docs: {
    brief: 'Whether all of the journal is what was written: every batch, in its chain, and every content',
    more: `Exit code 1 and what is wrong, where something is.

  anneal journal verify`,
  },
})

const journalMove = command({
  load: async () => (await import('../commands/journal.ts')).move,
  parameters: {
    ...flags,
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          placeholder: 'PLACE',
          brief: 'postgres://USER@HOST/DATABASE, or embedded: in the directory of the site',
        },
      ],
    },
  },
  docs: {
    brief: 'Carry the journal to PostgreSQL, or back into the directory of the site',
    more: `Nobody may work on the site meanwhile: stop its server. All of the journal is verified before and after, and refused where
there is one already. What was there before is put aside and kept. Say then where the journal is, in server.yaml or ANNEAL_DATABASE.

  anneal journal move postgres://anneal@db.example.org/anneal
  anneal journal move embedded`,
  },
})

const journalExport = command({
  load: async () => (await import('../commands/journal.ts')).exported,
  parameters: flags,
  docs: {
    brief: 'All of the journal as lines of text on stdout',
    more: `Also while somebody works: as it is when it begins. Secrets in it are sealed; the key for them is not in it.

  anneal journal export >journal.ndjson`,
  },
})

const journalImport = command({
  load: async () => (await import('../commands/journal.ts')).imported,
  parameters: {
    ...flags,
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'FILE', brief: 'What anneal journal export wrote' }],
    },
  },
  docs: {
    brief: 'Make the journal of an export, where there is none',
    more: `Verified line by line; where one is not what was written or the end is missing, there is none afterwards, either.

  anneal journal import journal.ndjson`,
  },
})

export const journalCommand = buildRouteMap({
  routes: { verify: journalVerify, move: journalMove, export: journalExport, import: journalImport },
  docs: { brief: 'The journal as a whole: verify it, move it, export and import it' },
})
