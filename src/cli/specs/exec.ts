// Ad-hoc commands over nodes: names, flags, arguments and help.
import { command } from '../command.ts'
import { parseCount, parseSpan } from '../parse.ts'
import * as propose from '../propose.ts'
import { json, limit, site } from './shared.ts'

export const execCommand = command({
  load: async () => (await import('../commands/exec.ts')).default,
  parameters: {
    flags: {
      site,
      all: { kind: 'boolean', default: false, withNegated: false, brief: 'On every node that is available' },
      become: { kind: 'boolean', default: false, brief: 'As root, by sudo' },
      timeout: {
        kind: 'parsed',
        parse: parseSpan,
        default: '10m',
        placeholder: 'SPAN',
        brief: 'On each node it is ended after so long',
      },
      parallel: {
        kind: 'parsed',
        parse: parseCount,
        default: '32',
        placeholder: 'N',
        brief: 'Nodes at once',
      },
      message: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'TEXT',
        brief: 'Why, for the journal',
      },
      json,
    },
    aliases: { C: 'site', m: 'message' },
    positional: {
      kind: 'array',
      parameter: {
        parse: String,
        placeholder: 'SELECTION -- COMMAND',
        brief: 'Targets parted by commas, or a CEL expression over node; then the command and its words',
        proposeCompletions: propose.targets,
      },
    },
  },
  docs: {
    brief: 'Run a command on some nodes, past all roles',
    more: `The words go to the machines as they are, no shell reads them. Output comes with the machine in front and is kept; who
ran what where is written to the journal, so a secret does not belong on this line. Nothing else starts. Exit code 0 when
it succeeded everywhere, 3 otherwise. Ctrl-C ends it on every machine.

  anneal exec etcd-1,etcd-2 -- uptime
  anneal exec "node.labels.tier == 'data'" --become -- systemctl is-active etcd
  anneal exec --all -- sh -c 'df -h / | tail -1'`,
  },
})

export const execsCommand = command({
  load: async () => (await import('../commands/execs.ts')).default,
  parameters: {
    flags: {
      site,
      limit,
      json,
    },
    aliases: { C: 'site', n: 'limit' },
  },
  docs: { brief: 'The latest ad-hoc commands: who, where, what, how it ended', more: '  anneal execs' },
})
