// The table of commands: names, flags, arguments and help; each one's code is loaded when it is called.
import {
  type Application,
  type BaseArgs,
  type BaseFlags,
  buildApplication,
  buildCommand,
  buildRouteMap,
  type Command,
  type CommandContext,
  type TypedCommandParameters,
} from '@stricli/core'
import { SHELLS } from './completion-scripts.ts'
import type { Door } from './door.ts'
import * as propose from './propose.ts'
import type { LabFlags } from './commands/lab.ts'
import { parseCount, parsePercent, parseShell } from './parse.ts'
import { USAGE_TEXT } from './usage-text.ts'

/** What Stricli hands to commands: the door, and where the exit code goes. */
export interface Context extends CommandContext {
  readonly process: {
    stdout: { write(text: string): void }
    stderr: { write(text: string): void }
    exitCode?: number
  }
  readonly door: Door
  /** The line as it was given, for completions that look at what stands before. */
  readonly words: readonly string[]
}

interface CommandSpec<FLAGS extends BaseFlags, ARGS extends BaseArgs> {
  /** A command's module is loaded when it runs; what it resolves to is the exit code. */
  load(): Promise<(door: Door, flags: FLAGS, ...args: ARGS) => Promise<number>>
  parameters: NoInfer<TypedCommandParameters<FLAGS, ARGS, Context>>
  docs: { brief: string; fullDescription?: string }
}

function command<FLAGS extends BaseFlags, ARGS extends BaseArgs>(
  spec: CommandSpec<FLAGS, ARGS>,
): Command<Context> {
  return buildCommand<FLAGS, ARGS, Context>({
    async loader() {
      const body = await spec.load()
      return async function (flags, ...args) {
        this.process.exitCode = await body(this.door, flags, ...args)
      }
    },
    parameters: spec.parameters,
    docs: spec.docs,
  })
}

const site = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'DIR',
  brief: 'The directory that holds anneal.yaml (else the nearest one upwards)',
} as const
const json = { kind: 'boolean', default: false, withNegated: false, brief: 'NDJSON for programs' } as const
const plain = {
  kind: 'boolean',
  default: false,
  withNegated: false,
  brief: 'One line per run, also on a terminal',
} as const
const yes = { kind: 'boolean', default: false, withNegated: false, brief: 'Do not ask' } as const
const all = { kind: 'boolean', default: false, withNegated: false, brief: 'Leave nothing out' } as const
const lab = {
  kind: 'parsed',
  parse: String,
  default: 'default',
  placeholder: 'NAME',
  brief: 'Which lab',
} as const

const nodeRole = {
  parse: String,
  placeholder: 'NODE/ROLE',
  brief: 'A node-role: deployment/node/role, or node/role where that is one only',
  proposeCompletions: propose.nodeRoles,
} as const
const node = {
  parse: String,
  placeholder: 'NODE',
  brief: 'A node of the site',
  proposeCompletions: propose.nodes,
} as const
const host = {
  parse: String,
  placeholder: 'HOST',
  brief: 'A host of the lab',
  proposeCompletions: propose.hosts,
} as const

const hosts = { kind: 'array', parameter: host, minimum: 1 } as const

const upCommand = command({
  load: async () => (await import('./commands/up.ts')).default,
  parameters: {
    flags: {
      site,
      yes,
      stay: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Keep annealing after rest, until interrupted',
      },
      message: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'TEXT',
        brief: 'Why, for the timeline',
      },
      all,
      plain,
      json,
    },
    aliases: { C: 'site', y: 'yes', m: 'message' },
  },
  docs: {
    brief: 'Show what would change, commit it, anneal to rest',
    fullDescription: `Reads the site, shows what would change, asks, commits, and runs what that touches until nothing wants to change.
Ctrl-C lets runs in flight finish; a second one ends at once, and the next anneal up goes on from there.

  anneal up                      look, then answer y
  anneal up --yes -m 'rack 4'    no question, with a word for the timeline
  anneal up --stay               stay and react to machines that die and return`,
  },
})

const diffCommand = command({
  load: async () => (await import('./commands/diff.ts')).default,
  parameters: { flags: { site, all, json }, aliases: { C: 'site' } },
  docs: {
    brief: 'Show what committing would change',
    fullDescription: `Compares the site's files with what was last committed. Exit code 2 when there are changes.

  anneal diff
  anneal diff --all              every node by name`,
  },
})

const statusCommand = command({
  load: async () => (await import('./commands/status.ts')).default,
  parameters: { flags: { site, all, json }, aliases: { C: 'site' } },
  docs: {
    brief: 'The site at a glance, with what is not as it should be and why',
    fullDescription: `Exit code 0 when ready, 2 while work is under way, 3 at rest with problems, 4 when it waits for approval.

  anneal status
  anneal status --json | jq 'select(.state == "error").id'`,
  },
})

const watchCommand = command({
  load: async () => (await import('./commands/watch.ts')).default,
  parameters: {
    flags: {
      site,
      untilRest: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'End when nothing is left to do, with the exit code of status',
      },
      plain,
      json,
    },
    aliases: { C: 'site' },
  },
  docs: {
    brief: 'Follow what another process does to the site',
    fullDescription: `  anneal watch
  anneal watch --until-rest && echo ready`,
  },
})

const whyCommand = command({
  load: async () => (await import('./commands/why.ts')).default,
  parameters: {
    flags: { site, json },
    aliases: { C: 'site' },
    positional: {
      kind: 'tuple',
      parameters: [
        nodeRole,
        {
          parse: String,
          placeholder: 'INPUT',
          brief: 'Only this input, down to its roots',
          optional: true,
          proposeCompletions: propose.inputs,
        },
      ],
    },
  },
  docs: {
    brief: 'Why a node-role is as it is, and where its inputs come from',
    fullDescription: `  anneal why etcd-1/etcd           its reason, down to the root; all inputs
  anneal why etcd-1/etcd members   one input: who could give it, who did, what it was made from`,
  },
})

const logsCommand = command({
  load: async () => (await import('./commands/logs.ts')).default,
  parameters: {
    flags: {
      site,
      follow: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Go on until the run is over',
      },
      raw: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'The bytes as they are, terminal escapes too',
      },
      json,
    },
    aliases: { C: 'site', f: 'follow' },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          placeholder: 'RUN | NODE/ROLE',
          brief: 'A run, or the latest of a node-role (else the latest of all)',
          optional: true,
          proposeCompletions: propose.runsAndNodeRoles,
        },
      ],
    },
  },
  docs: {
    brief: 'What a run printed',
    fullDescription: `  anneal logs run-7
  anneal logs etcd-1/etcd
  anneal logs -f                 follow the latest run`,
  },
})

const runsCommand = command({
  load: async () => (await import('./commands/runs.ts')).default,
  parameters: {
    flags: {
      site,
      limit: { kind: 'parsed', parse: parseCount, default: '20', placeholder: 'N', brief: 'How many' },
      json,
    },
    aliases: { C: 'site', n: 'limit' },
    positional: { kind: 'tuple', parameters: [{ ...nodeRole, optional: true }] },
  },
  docs: {
    brief: 'The latest runs',
    fullDescription: `  anneal runs
  anneal runs etcd-1/etcd -n 5`,
  },
})

const nodesCommand = command({
  load: async () => (await import('./commands/nodes.ts')).default,
  parameters: { flags: { site, json }, aliases: { C: 'site' } },
  docs: { brief: 'The machines, and whether they answer', fullDescription: `  anneal nodes` },
})

const factsCommand = command({
  load: async () => (await import('./commands/facts.ts')).default,
  parameters: {
    flags: { site, json },
    aliases: { C: 'site' },
    positional: {
      kind: 'tuple',
      parameters: [
        node,
        {
          parse: String,
          placeholder: 'PATH',
          brief: 'One fact, e.g. network.primary.address',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'What was discovered on a machine',
    fullDescription: `  anneal facts etcd-1
  anneal facts etcd-1 network.primary.address`,
  },
})

const retryCommand = command({
  load: async () => (await import('./commands/retry.ts')).default,
  parameters: {
    flags: { site, plain, json },
    aliases: { C: 'site' },
    positional: { kind: 'array', parameter: nodeRole, minimum: 1 },
  },
  docs: {
    brief: 'Run node-roles again, and anneal to rest',
    fullDescription: `Also gives the approval that a role marked once waits for.

  anneal retry etcd-2/etcd
  anneal retry etcd-1/etcd etcd-2/etcd`,
  },
})

const forgetCommand = command({
  load: async () => (await import('./commands/forget.ts')).default,
  parameters: {
    flags: { site, yes, plain, json },
    aliases: { C: 'site', y: 'yes' },
    positional: { kind: 'tuple', parameters: [node] },
  },
  docs: {
    brief: 'Let a machine go without reaching it',
    fullDescription: `For a machine that is gone for good, after it was taken out of anneal.yaml and that was committed:
what Anneal did on it stays there, and what waited for its removal goes on.

  anneal forget etcd-3`,
  },
})

const validateCommand = command({
  load: async () => (await import('./commands/validate.ts')).default,
  parameters: { flags: { site, json }, aliases: { C: 'site' } },
  docs: {
    brief: 'Check the site and its packages, change nothing',
    fullDescription: `Exit code 5 when something is wrong, with file, line and column.

  anneal validate`,
  },
})

const labUp = command({
  load: async () => (await import('./commands/lab.ts')).up,
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
    fullDescription: `  anneal lab up 3
  anneal lab up etcd-1 etcd-2 etcd-3 --layer etcd`,
  },
})

const labCommand = buildRouteMap({
  routes: {
    up: labUp,
    down: command({
      load: async () => (await import('./commands/lab.ts')).down,
      parameters: { flags: { lab, json } },
      docs: { brief: 'Take the lab down, with everything in it' },
    }),
    list: command({
      load: async () => (await import('./commands/lab.ts')).list,
      parameters: { flags: { lab, json } },
      docs: { brief: 'The hosts of the lab' },
    }),
    exec: command({
      load: async () => (await import('./commands/lab.ts')).exec,
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
        fullDescription: `  anneal lab exec h1 -- systemctl status`,
      },
    }),
    connect: command({
      load: async () => (await import('./commands/lab.ts')).connect,
      parameters: {
        flags: { lab, json: { ...json, hidden: true } },
        positional: {
          kind: 'array',
          parameter: { parse: String, placeholder: 'COMMAND', brief: 'What to run, after --' },
        },
      },
      docs: {
        brief: "Run a command, or a shell, inside the lab's network",
        fullDescription: `  anneal lab connect -- anneal up`,
      },
    }),
    stop: hostsCommand('Power hosts off', async () => (await import('./commands/lab.ts')).stop),
    start: hostsCommand('Power hosts on again', async () => (await import('./commands/lab.ts')).start),
    cut: hostsCommand('Take hosts off the network', async () => (await import('./commands/lab.ts')).cut),
    heal: hostsCommand('End cutting and slowing', async () => (await import('./commands/lab.ts')).heal),
    slow: command({
      load: async () => (await import('./commands/lab.ts')).slow,
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
        fullDescription: `  anneal lab slow h2 --delay 200 --loss 5`,
      },
    }),
    sshConfig: command({
      load: async () => (await import('./commands/lab.ts')).sshConfig,
      parameters: { flags: { lab, json: { ...json, hidden: true } } },
      docs: { brief: 'An ssh_config that reaches every host' },
    }),
  },
  docs: { brief: 'Real hosts on this machine, to try things on and to break' },
})

function hostsCommand(
  brief: string,
  load: () => Promise<(door: Door, flags: LabFlags, ...hosts: string[]) => Promise<number>>,
): Command<Context> {
  return command({ load, parameters: { flags: { lab, json }, positional: hosts }, docs: { brief } })
}

const completionCommand = command({
  load: async () => (await import('./commands/completion.ts')).default,
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: parseShell,
          placeholder: 'SHELL',
          brief: SHELLS.join(', '),
          proposeCompletions: () => SHELLS,
        },
      ],
    },
  },
  docs: {
    brief: 'The script that makes a shell complete these words',
    fullDescription: `  source <(anneal completion bash)
  source <(anneal completion zsh)
  anneal completion fish | source`,
  },
})

const versionCommand = command({
  load: async () => (await import('./commands/version.ts')).default,
  parameters: { flags: { json } },
  docs: { brief: 'Which Anneal this is' },
})

const root = buildRouteMap({
  routes: {
    up: upCommand,
    diff: diffCommand,
    status: statusCommand,
    watch: watchCommand,
    why: whyCommand,
    logs: logsCommand,
    runs: runsCommand,
    nodes: nodesCommand,
    facts: factsCommand,
    retry: retryCommand,
    forget: forgetCommand,
    validate: validateCommand,
    lab: labCommand,
    completion: completionCommand,
    version: versionCommand,
  },
  docs: { brief: 'Brings machines to the state that was asked for, and keeps them there' },
})

export const app: Application<Context> = buildApplication(root, {
  name: 'anneal',
  scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
  documentation: { disableAnsiColor: true, useAliasInUsageLine: false, onlyRequiredInUsageLine: true },
  localization: { text: USAGE_TEXT },
})
