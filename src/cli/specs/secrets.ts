// Commands about secrets: names, flags, arguments and help.
import { buildRouteMap } from '@stricli/core'
import { command } from '../command.ts'
import { json, site } from './shared.ts'

const secretsStatus = command({
  load: async () => (await import('../commands/secrets.ts')).status,
  parameters: { flags: { site, json }, aliases: { C: 'site' } },
  docs: {
    brief: 'Under which key secrets are sealed, how many are, and what older history has in clear',
    more: `Reads all of history, and asks the place of the key for it. Exit code 1 when the key does not fit.

  anneal secrets status`,
  },
})

const secretsRotate = command({
  load: async () => (await import('../commands/secrets.ts')).rotate,
  parameters: {
    flags: {
      site,
      toFile: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'PATH',
        brief: 'The new key is in this file, or made there',
      },
      toCommand: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'The new key is what a command prints: its words follow',
      },
      json,
    },
    aliases: { C: 'site' },
    positional: {
      kind: 'array',
      parameter: {
        parse: String,
        placeholder: '-- COMMAND',
        brief: 'With --to-command: the command and its words',
      },
    },
  },
  docs: {
    brief: 'Seal all secrets of the journal under another key',
    more: `Keys of values are wrapped anew; no event is rewritten. Interrupted at whatever moment, the site can be read, and the
same command makes an end of it. Nobody else may work on the site meanwhile.

  anneal secrets rotate
  anneal secrets rotate --to-file /etc/anneal/demo.key
  anneal secrets rotate --to-command -- pass show anneal/demo`,
  },
})

export const secretsCommand = buildRouteMap({
  routes: { status: secretsStatus, rotate: secretsRotate },
  defaultCommand: 'status',
  docs: { brief: 'Under which key secrets are sealed, and another key for them' },
})
