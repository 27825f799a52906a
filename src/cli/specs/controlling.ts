// Commands that steer work under way, also from another terminal: names, flags, arguments and help.
import { command } from '../command.ts'
import * as propose from '../propose.ts'
import { json, nodeRole, plain, site, target } from './shared.ts'

const why = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'TEXT',
  brief: 'Why, for who finds it so',
} as const

const targets = { kind: 'array', parameter: target, minimum: 1 } as const

export const holdCommand = command({
  load: async () => (await import('../commands/hold.ts')).default,
  parameters: {
    flags: { site, message: why, json },
    aliases: { C: 'site', m: 'message' },
    positional: targets,
  },
  docs: {
    brief: 'Start nothing on a node, in a deployment, of a role',
    more: `What is in flight goes on. A hold lasts until anneal release, whatever is committed or restarted meanwhile, and
keeps removals and checks back, too. anneal status shows what is held, by whom and why.

  anneal hold etcd-2 -m 'new power supply'
  anneal hold store/etcd             one role, on all nodes of its deployment
  anneal hold store                  a deployment`,
  },
})

export const releaseCommand = command({
  load: async () => (await import('../commands/release.ts')).default,
  parameters: {
    flags: { site, message: why, plain, json },
    aliases: { C: 'site', m: 'message' },
    positional: { kind: 'array', parameter: { ...target, proposeCompletions: propose.held }, minimum: 1 },
  },
  docs: {
    brief: 'Let what was held go on, anneal to rest',
    more: `Where another process anneals the site already, that one goes on with it.

  anneal release etcd-2`,
  },
})

export const pauseCommand = command({
  load: async () => (await import('../commands/pause.ts')).default,
  parameters: { flags: { site, message: why, json }, aliases: { C: 'site', m: 'message' } },
  docs: {
    brief: 'Start nothing at all, until anneal resume',
    more: `A hold on the whole site: what is in flight goes on, and no later command starts anything.

  anneal pause -m 'until the change window'
  anneal resume`,
  },
})

export const resumeCommand = command({
  load: async () => (await import('../commands/resume.ts')).default,
  parameters: { flags: { site, message: why, plain, json }, aliases: { C: 'site', m: 'message' } },
  docs: { brief: 'End a pause, anneal to rest', more: '  anneal resume' },
})

export const stopCommand = command({
  load: async () => (await import('../commands/stop.ts')).default,
  parameters: { flags: { site, message: why, json }, aliases: { C: 'site', m: 'message' } },
  docs: {
    brief: 'Let the process that anneals finish its runs and end',
    more: `As Ctrl-C does in its own terminal. The next anneal up goes on from there.

  anneal stop`,
  },
})

export const cancelCommand = command({
  load: async () => (await import('../commands/cancel.ts')).default,
  parameters: {
    flags: { site, message: why, json },
    aliases: { C: 'site', m: 'message' },
    positional: {
      kind: 'array',
      parameter: {
        parse: String,
        placeholder: 'RUN | RINSE | TARGET',
        brief: 'A run or a rinse, or whatever is running of a node, deployment, role or node-role',
        proposeCompletions: propose.inFlight,
      },
      minimum: 1,
    },
  },
  docs: {
    brief: 'End a run in flight, or call off a rinse',
    more: `Of a run its whole process group on the machine is ended. The node-role is in error then, and starts again when
somebody retries or runs it, not by itself. Of a rinse what is not begun stays as it is; what is removed already, or may be half
removed, is applied afresh by the next anneal up, or by the process that anneals.

  anneal cancel run-7
  anneal cancel etcd-2               whatever runs there
  anneal cancel rinse-2`,
  },
})

export const runCommand = command({
  load: async () => (await import('../commands/run.ts')).default,
  parameters: {
    flags: {
      site,
      only: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Start nothing else, whatever is due',
      },
      message: why,
      plain,
      json,
    },
    aliases: { C: 'site', m: 'message' },
    positional: targets,
  },
  docs: {
    brief: 'Run node-roles now although nothing changed, anneal to rest',
    more: `Roles marked once that have run are left out unless the node-role itself is named.

  anneal run etcd-2                  all of one machine
  anneal run store/etcd              one role, on all nodes of its deployment
  anneal run etcd-2/etcd --only      this, and nothing else`,
  },
})

export const retryCommand = command({
  load: async () => (await import('../commands/retry.ts')).default,
  parameters: {
    flags: { site, message: why, plain, json },
    aliases: { C: 'site', m: 'message' },
    positional: { kind: 'array', parameter: nodeRole, minimum: 1 },
  },
  docs: {
    brief: 'Run node-roles again, and anneal to rest',
    more: `Also gives the approval that a role marked once waits for.

  anneal retry etcd-2/etcd
  anneal retry etcd-1/etcd etcd-2/etcd`,
  },
})

export const approveCommand = command({
  load: async () => (await import('../commands/approve.ts')).default,
  parameters: {
    flags: {
      site,
      variant: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'VARIANT',
        brief: 'Only this variant, as anneal status names it',
      },
      message: why,
      plain,
      json,
    },
    aliases: { C: 'site', m: 'message' },
    positional: { kind: 'tuple', parameters: [target] },
  },
  docs: {
    brief: 'Give your word for what waits for it, and anneal to rest',
    more: `Of a role: opens the next step of its rollout, also where one that went first has failed, and lets it go on beyond
max_failures. Of a node-role or a node: lets it run now, also when it is destructive (once), not yet its turn in a
rollout, or outside its maintenance windows. Who said so and why is kept.

  anneal approve store/etcd -m 'looked at etcd-1'
  anneal approve store/etcd --variant os.version=12
  anneal approve db-1/format-disk`,
  },
})
