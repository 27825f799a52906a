// Commands about runners elsewhere: names, flags, arguments and help.
import { buildRouteMap } from '@stricli/core'
import { command } from '../command.ts'
import { parseCount, parseLabel, parseSpan } from '../parse.ts'
import * as propose from '../propose.ts'
import { json, site } from './shared.ts'

const name = {
  parse: String,
  placeholder: 'NAME',
  brief: 'Its name',
  proposeCompletions: propose.runners,
} as const

const why = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'TEXT',
  brief: 'Why, for whoever reads it later',
} as const

export const runnerCommand = command({
  load: async () => (await import('../commands/runner.ts')).default,
  parameters: {
    flags: {
      server: {
        kind: 'parsed',
        parse: String,
        placeholder: 'URL',
        brief: 'The server: https://... (or http:// on this machine)',
      },
      tokenFile: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'FILE',
        brief: 'Where its enrolment token stands; once it has enrolled it needs none',
      },
      state: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'DIR',
        brief: 'Where it keeps its key (else ~/.local/state/anneal/runner)',
      },
      slots: { kind: 'parsed', parse: parseCount, default: '16', placeholder: 'N', brief: 'So much at once' },
    },
  },
  docs: {
    brief: 'Carry out runs for a server elsewhere',
    more: `Connects outwards only, enrols with the token that anneal runners enrol gave (in a file, or in ANNEAL_RUNNER_TOKEN), keeps a key
of its own, and takes what is for nodes that its labels are for.
A first SIGTERM or Ctrl-C lets it finish what it holds, a second one ends at once.

  anneal runner --server https://anneal.example.org:7433 --token-file token
  anneal runner --server https://anneal.example.org:7433 --slots 64`,
  },
})

const listCommand = command({
  load: async () => (await import('../commands/runners-list.ts')).default,
  parameters: { flags: { site, json }, aliases: { C: 'site' } },
  docs: { brief: 'Runners elsewhere, and how they stand', more: '  anneal runners' },
})

const enrolCommand = command({
  load: async () => (await import('../commands/runners-enrol.ts')).default,
  parameters: {
    flags: {
      site,
      label: {
        kind: 'parsed',
        parse: parseLabel,
        optional: true,
        variadic: true,
        placeholder: 'LABEL=VALUE',
        brief: 'What it is for: nodes that ask for these labels',
      },
      valid: {
        kind: 'parsed',
        parse: parseSpan,
        default: '1h',
        placeholder: 'SPAN',
        brief: 'How long the token is good',
      },
      why,
      json,
    },
    aliases: { C: 'site' },
    positional: {
      kind: 'tuple',
      parameters: [{ ...name, brief: 'Its name, of small letters, digits and dashes' }],
    },
  },
  docs: {
    brief: 'Lets a runner enrol, once',
    more: `The token goes to stdout, once. Of a runner that is known already a new identity takes the place of the old one when the token
is used.

  anneal runners enrol dmz-1 --label segment=dmz --label site=berlin >token`,
  },
})

const drainCommand = command({
  load: async () => (await import('../commands/runners-drain.ts')).default,
  parameters: {
    flags: { site, why, json },
    aliases: { C: 'site' },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: {
    brief: 'Lets a runner finish what it holds and take nothing new',
    more: `  anneal runners drain dmz-1 --why 'new kernel'`,
  },
})

const resumeCommand = command({
  load: async () => (await import('../commands/runners-resume.ts')).default,
  parameters: {
    flags: { site, why, json },
    aliases: { C: 'site' },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: { brief: 'Lets a drained runner take work again', more: '  anneal runners resume dmz-1' },
})

const revokeCommand = command({
  load: async () => (await import('../commands/runners-revoke.ts')).default,
  parameters: {
    flags: { site, why, json },
    aliases: { C: 'site' },
    positional: { kind: 'tuple', parameters: [name] },
  },
  docs: {
    brief: 'Makes the identity of a runner good for nothing from now on',
    more: `What it holds is taken from it; it comes back only with a new token.

  anneal runners revoke dmz-1 --why 'its machine was stolen'`,
  },
})

export const runnersCommand = buildRouteMap({
  routes: {
    list: listCommand,
    enrol: enrolCommand,
    drain: drainCommand,
    resume: resumeCommand,
    revoke: revokeCommand,
  },
  defaultCommand: 'list',
  docs: { brief: 'Runners elsewhere: let in, drained, revoked' },
})
