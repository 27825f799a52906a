// Commands that look at a site: names, flags, arguments and help.
import { buildRouteMap } from '@stricli/core'
import { command } from '../command.ts'
import { parseMoment } from '../parse-moment.ts'
import { parseCount } from '../parse.ts'
import * as propose from '../propose.ts'
import { all, json, limit, node, nodeRole, plain, site, revision, target } from './shared.ts'

export const statusCommand = command({
  load: async () => (await import('../commands/status.ts')).default,
  parameters: {
    flags: {
      site,
      all,
      at: {
        kind: 'parsed',
        parse: parseMoment,
        optional: true,
        placeholder: 'WHEN',
        brief: "As it was at a time ('2026-11-23 10:00', 10:00), so long ago (2h), after an event (412)",
      },
      json,
    },
    aliases: { C: 'site' },
  },
  docs: {
    brief: 'The site at a glance, with what is not as it should be and why',
    more: `Exit code 0 when ready, 2 while work is under way, 3 at rest with problems, 4 when it waits for approval.

  anneal status
  anneal status --at 2h              how it stood two hours ago
  anneal status --json | jq 'select(.state == "error").id'`,
  },
})

export const watchCommand = command({
  load: async () => (await import('../commands/watch.ts')).default,
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
    more: `  anneal watch
  anneal watch --until-rest && echo ready`,
  },
})

export const whyCommand = command({
  load: async () => (await import('../commands/why.ts')).default,
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
    more: `  anneal why etcd-1/etcd           its reason, down to the root; all inputs
  anneal why etcd-1/etcd members   one input: who could give it, who did, what it was made from`,
  },
})

export const filesCommand = command({
  load: async () => (await import('../commands/files.ts')).default,
  parameters: {
    flags: {
      site,
      diff: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Only what differs from the last success',
      },
      secrets: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'With the secrets in them; those kept elsewhere are not fetched',
      },
      json,
    },
    aliases: { C: 'site' },
    positional: { kind: 'tuple', parameters: [nodeRole] },
  },
  docs: {
    brief: 'The files of a node-role as they would be written now',
    more: `  anneal files etcd-1/etcd
  anneal files etcd-1/etcd --diff     what the next run would write otherwise`,
  },
})

export const traceCommand = command({
  load: async () => (await import('../commands/trace.ts')).default,
  parameters: {
    flags: { site, all, json },
    aliases: { C: 'site' },
    positional: {
      kind: 'array',
      parameter: {
        parse: String,
        placeholder: 'VALUE',
        brief: 'An output, an input, a fact, what somebody gave, or any text or number',
        proposeCompletions: propose.nodeRoles,
      },
      minimum: 1,
      maximum: 3,
    },
  },
  docs: {
    brief: 'Where a value goes: all that consumes it, and which runs had it',
    more: `  anneal trace etcd-1/etcd.endpoint              an output
  anneal trace etcd-1/etcd address               an input
  anneal trace etcd-1 network.primary.address    a fact
  anneal trace store etcd-founding cluster_name  a value that somebody gave in a deployment
  anneal trace 10.77.0.11                        everything that is this or holds it, as a whole word`,
  },
})

export const logsCommand = command({
  load: async () => (await import('../commands/logs.ts')).default,
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
          placeholder: 'RUN | TARGET',
          brief: 'A run, or the latest of a node, deployment, role or node-role (else the latest of all)',
          optional: true,
          proposeCompletions: propose.runsAndTargets,
        },
      ],
    },
  },
  docs: {
    brief: 'What a run printed',
    more: `  anneal logs run-7
  anneal logs etcd-1/etcd
  anneal logs -f                 follow the latest run`,
  },
})

export const runsCommand = command({
  load: async () => (await import('../commands/runs.ts')).default,
  parameters: {
    flags: {
      site,
      limit,
      json,
    },
    aliases: { C: 'site', n: 'limit' },
    positional: { kind: 'tuple', parameters: [{ ...target, optional: true }] },
  },
  docs: {
    brief: 'The latest runs',
    more: `  anneal runs
  anneal runs etcd-1/etcd -n 5
  anneal runs etcd-2             all of one machine`,
  },
})

const cyclesList = command({
  load: async () => (await import('../commands/cycles.ts')).default,
  parameters: {
    flags: {
      site,
      limit,
      json,
    },
    aliases: { C: 'site', n: 'limit' },
  },
  docs: {
    brief: 'Each disturbance from rest to rest, and whether they get shorter',
    more: `AGAIN counts what ran more than once, TOUCHES what people had to do, FACTS what was learnt of machines.

  anneal cycles
  anneal cycles list -n 100 --json | jq 'select(.wallMs > 60000).cycle'`,
  },
})

const cyclesShow = command({
  load: async () => (await import('../commands/cycle.ts')).default,
  parameters: {
    flags: {
      site,
      criticalPath: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'The runs that waited for each other, and what to speed up',
      },
      json,
    },
    aliases: { C: 'site' },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: parseCount,
          placeholder: 'CYCLE',
          brief: 'Number of a cycle, as anneal cycles lists them (else the last)',
          optional: true,
        },
      ],
    },
  },
  docs: {
    brief: 'One cycle: what it cost, and what its time was made of',
    more: `  anneal cycles show 7
  anneal cycles show 7 --critical-path`,
  },
})

export const cyclesCommand = buildRouteMap({
  routes: { list: cyclesList, show: cyclesShow },
  defaultCommand: 'list',
  docs: { brief: 'Each disturbance from rest to rest, and whether they get shorter' },
})

export const nodesCommand = command({
  load: async () => (await import('../commands/nodes.ts')).default,
  parameters: { flags: { site, json }, aliases: { C: 'site' } },
  docs: { brief: 'The machines, and whether they answer', more: `  anneal nodes` },
})

export const factsCommand = command({
  load: async () => (await import('../commands/facts.ts')).default,
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
    more: `  anneal facts etcd-1
  anneal facts etcd-1 network.primary.address`,
  },
})

export const timelineCommand = command({
  load: async () => (await import('../commands/timeline.ts')).default,
  parameters: { flags: { site, json }, aliases: { C: 'site' } },
  docs: { brief: 'Every revision: who, when, why, and what became of it', more: '  anneal timeline' },
})

export const showCommand = command({
  load: async () => (await import('../commands/show.ts')).default,
  parameters: {
    flags: {
      site,
      json,
      content: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Its content lock instead: each role and each of its files by digest',
      },
    },
    aliases: { C: 'site' },
    positional: { kind: 'tuple', parameters: [revision] },
  },
  docs: {
    brief: 'What one revision says otherwise than the one before it',
    more: '  anneal show 7\n  anneal show 7 --content',
  },
})
