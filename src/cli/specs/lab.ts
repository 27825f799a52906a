// Commands of the lab: names, flags, arguments and help.
import { buildRouteMap, type Command } from '@stricli/core'
import { command, type Context } from '../command.ts'
import type { LabFlags } from '../commands/lab.ts'
import type { Door } from '../door.ts'
import { parseCount, parsePercent } from '../parse.ts'
import * as propose from '../propose.ts'
import { json } from './shared.ts'

const lab = {
  kind: 'parsed',
  parse: String,
  default: 'default',
  placeholder: 'NAME',
  brief: 'Which lab',
} as const

const host = {
  parse: String,
  placeholder: 'HOST',
  brief: 'A host of the lab',
  proposeCompletions: propose.hosts,
} as const

const hosts = { kind: 'array', parameter: host, minimum: 1 } as const

const labUp = command({
  load: async () => (await import('../commands/lab.ts')).up,
  parameters: {
    flags: {
      lab,
      prefix: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'TEXT',
        brief: 'Names are TEXT1, TEXT2, ...',
      },
      layer: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        placeholder: 'NAME',
        brief: 'A layer or Debian package that the hosts have from the start',
      },
      disk: {
        kind: 'parsed',
        parse: parseCount,
        optional: true,
        placeholder: 'MIB',
        brief: 'A disk of its own for each host',
      },
      json,
    },
    positional: {
      kind: 'array',
      parameter: { parse: String, placeholder: 'COUNT | NAME', brief: 'How many hosts, or their names' },
    },
  },
  docs: {
    brief: 'Bring hosts up',
    more: `  anneal lab up 3
  anneal lab up etcd-1 etcd-2 etcd-3 --layer etcd`,
  },
})

export const labCommand = buildRouteMap({
  routes: {
    up: labUp,
    down: command({
      load: async () => (await import('../commands/lab.ts')).down,
      parameters: { flags: { lab, json } },
      docs: { brief: 'Take the lab down, with everything in it', more: '  anneal lab down' },
    }),
    list: command({
      load: async () => (await import('../commands/lab.ts')).list,
      parameters: { flags: { lab, json } },
      docs: { brief: 'The hosts of the lab', more: '  anneal lab list' },
    }),
    exec: command({
      load: async () => (await import('../commands/lab.ts')).exec,
      parameters: {
        flags: { lab, json: { ...json, hidden: true } },
        positional: {
          kind: 'array',
          parameter: {
            parse: String,
            placeholder: 'HOST [-- COMMAND]',
            brief: 'A host, then what to run there',
          },
          minimum: 1,
        },
      },
      docs: {
        brief: 'Run a command on a host, or a shell',
        more: `  anneal lab exec h1 -- systemctl status`,
      },
    }),
    connect: command({
      load: async () => (await import('../commands/lab.ts')).connect,
      parameters: {
        flags: { lab, json: { ...json, hidden: true } },
        positional: { kind: 'tuple', parameters: [host] },
      },
      docs: {
        brief: "Join stdin and stdout to a host's ssh port, for ProxyCommand",
        more: '  ssh -o ProxyCommand="anneal lab connect %h" root@h1',
      },
    }),
    inventory: command({
      load: async () => (await import('../commands/lab.ts')).inventory,
      parameters: { flags: { lab, json: { ...json, hidden: true } } },
      docs: {
        brief: 'The hosts as nodes for anneal.yaml',
        more: '  anneal lab inventory >lab.yaml    # then, in anneal.yaml: nodes: { from: lab.yaml }',
      },
    }),
    stop: hostsCommand(
      'Power hosts off',
      '  anneal lab stop h2',
      async () => (await import('../commands/lab.ts')).stop,
    ),
    start: hostsCommand(
      'Power hosts on again',
      '  anneal lab start h2',
      async () => (await import('../commands/lab.ts')).start,
    ),
    cut: hostsCommand(
      'Take hosts off the network',
      '  anneal lab cut h2',
      async () => (await import('../commands/lab.ts')).cut,
    ),
    heal: hostsCommand(
      'End cutting and slowing',
      '  anneal lab heal h2',
      async () => (await import('../commands/lab.ts')).heal,
    ),
    slow: command({
      load: async () => (await import('../commands/lab.ts')).slow,
      parameters: {
        flags: {
          lab,
          delay: { kind: 'parsed', parse: parseCount, default: '50', placeholder: 'MS', brief: 'Each way' },
          jitter: {
            kind: 'parsed',
            parse: parseCount,
            default: '0',
            placeholder: 'MS',
            brief: 'More or less',
          },
          loss: {
            kind: 'parsed',
            parse: parsePercent,
            default: '0',
            placeholder: 'PERCENT',
            brief: 'Of packets',
          },
          json,
        },
        positional: hosts,
      },
      docs: {
        brief: 'Make the way to hosts slow',
        more: `  anneal lab slow h2 --delay 200 --loss 5`,
      },
    }),
    sshConfig: command({
      load: async () => (await import('../commands/lab.ts')).sshConfig,
      parameters: { flags: { lab, json: { ...json, hidden: true } } },
      docs: {
        brief: 'An ssh_config that reaches every host',
        more: '  anneal lab ssh-config >lab.conf && ssh -F lab.conf h1',
      },
    }),
  },
  docs: { brief: 'Real hosts on this machine, to try things on and to break' },
})

function hostsCommand(
  brief: string,
  more: string,
  load: () => Promise<(door: Door, flags: LabFlags, ...hosts: string[]) => Promise<number>>,
): Command<Context> {
  return command({ load, parameters: { flags: { lab, json }, positional: hosts }, docs: { brief, more } })
}
