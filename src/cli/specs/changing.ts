// Commands that change a site, or say what would change: names, flags, arguments and help.
import { command } from '../command.ts'
import * as propose from '../propose.ts'
import { all, json, node, plain, revision, site, target, yes } from './shared.ts'

const message = {
  kind: 'parsed',
  parse: String,
  optional: true,
  placeholder: 'TEXT',
  brief: 'Why, for the timeline',
} as const

export const upCommand = command({
  load: async () => (await import('../commands/up.ts')).default,
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
      only: {
        kind: 'parsed',
        parse: String,
        variadic: ',',
        optional: true,
        placeholder: 'TARGET',
        brief: 'Commit all, and start nothing but this; several parted by commas',
        proposeCompletions: propose.targets,
      },
      message,
      all,
      plain,
      json,
    },
    aliases: { C: 'site', y: 'yes', m: 'message' },
  },
  docs: {
    brief: 'Show what would change, commit it, anneal to rest',
    more: `Reads the site, shows what would change, asks, commits, and runs what that touches until nothing wants to change.
Ctrl-C lets runs in flight finish; a second one ends at once, and the next anneal up goes on from there.

  anneal up                      look, then answer y
  anneal up --yes -m 'rack 4'    no question, with a word for the timeline
  anneal up --only etcd-1        commit all, begin with one machine
  anneal up --stay               stay and react to machines that die and return`,
  },
})

export const diffCommand = command({
  load: async () => (await import('../commands/diff.ts')).default,
  parameters: {
    flags: {
      site,
      check: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Look at the machines for what would change there',
      },
      all,
      json,
    },
    aliases: { C: 'site' },
  },
  docs: {
    brief: 'Show what committing would change',
    more: `Compares the site's files with what was last committed. Exit code 2 when there are changes.

  anneal diff
  anneal diff --all              every node by name
  anneal diff --check            a dry run: files and checks held against the machines, nothing written`,
  },
})

export const proposeCommand = command({
  load: async () => (await import('../commands/propose.ts')).default,
  parameters: { flags: { site, message, all, json }, aliases: { C: 'site', m: 'message' } },
  docs: {
    brief: 'Write the files as they are to the timeline, as a proposal',
    more: `Nothing runs before it is committed. Exit code 2 when something was proposed, 0 when there was nothing to propose.

  anneal propose -m 'shorter heartbeats'
  anneal commit`,
  },
})

export const commitCommand = command({
  load: async () => (await import('../commands/commit.ts')).default,
  parameters: {
    flags: { site, yes, message, all, plain, json },
    aliases: { C: 'site', y: 'yes', m: 'message' },
    positional: { kind: 'tuple', parameters: [{ ...revision, optional: true }] },
  },
  docs: {
    brief: 'Commit a proposal (the newest one), anneal to rest',
    more: `A proposal that was made before something else was committed is refused: propose again and look.
Where another process anneals the site, it is carried out there.

  anneal commit
  anneal commit 7 --yes`,
  },
})

export const discardCommand = command({
  load: async () => (await import('../commands/discard.ts')).default,
  parameters: {
    flags: { site, json },
    aliases: { C: 'site' },
    positional: { kind: 'tuple', parameters: [revision] },
  },
  docs: { brief: 'Take a proposal off the table', more: '  anneal discard 7' },
})

export const rollbackCommand = command({
  load: async () => (await import('../commands/rollback.ts')).default,
  parameters: {
    flags: { site, message, all, json },
    aliases: { C: 'site', m: 'message' },
    positional: { kind: 'tuple', parameters: [revision] },
  },
  docs: {
    brief: 'Propose what an earlier revision said once more',
    more: `Nothing is taken out of the timeline: the old target becomes a new proposal, to look at and to commit. The files of
the site stay as they are; put them back, too, or the next anneal up goes forward again.

  anneal rollback 5
  anneal commit`,
  },
})

export const rinseCommand = command({
  load: async () => (await import('../commands/rinse.ts')).default,
  parameters: {
    flags: {
      site,
      yes,
      all: { kind: 'boolean', default: false, withNegated: false, brief: 'The whole site' },
      once: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Also roles that are marked once: this is your approval',
      },
      message: { ...message, brief: 'Why, for the journal' },
      plain,
      json,
    },
    aliases: { C: 'site', y: 'yes', m: 'message' },
    positional: { kind: 'array', parameter: target },
  },
  docs: {
    brief: 'Remove in reverse order, apply afresh, anneal to rest',
    more: `Shows what is removed and applied in which order, and asks. Nothing is applied before all of it is removed. What is
not rinsed stays as it is, and runs again only if what it reads has changed.

  anneal rinse store                 a deployment
  anneal rinse store/etcd            a role of it
  anneal rinse etcd-2 -m 'new disk'  a node
  anneal rinse --all --once          the whole site, destructive roles too`,
  },
})

export const driftCommand = command({
  load: async () => (await import('../commands/drift.ts')).default,
  parameters: {
    flags: {
      site,
      repair: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Apply again what drifted',
      },
      plain,
      json,
    },
    aliases: { C: 'site' },
    positional: { kind: 'array', parameter: target },
  },
  docs: {
    brief: 'Look whether machines are still as they were left',
    more: `Runs the check of each active node-role and compares its files, one round trip per machine, and shows what differs.
Nothing is changed and nothing that is pending is started; what a role says of drift decides what anneal up does about it.
Exit code 2 when something drifted, 3 when nothing did but not everything could be looked at.

  anneal drift                   the whole site
  anneal drift etcd-1 store/pki  a node, and a role of a deployment
  anneal drift --repair etcd-1   and apply again what differs there`,
  },
})

export const forgetCommand = command({
  load: async () => (await import('../commands/forget.ts')).default,
  parameters: {
    flags: { site, yes, plain, json },
    aliases: { C: 'site', y: 'yes' },
    positional: { kind: 'tuple', parameters: [node] },
  },
  docs: {
    brief: 'Let a machine go without reaching it',
    more: `For a machine that is gone for good, after it was taken out of anneal.yaml and that was committed:
what Anneal did on it stays there, and what waited for its removal goes on.

  anneal forget etcd-3`,
  },
})

export const validateCommand = command({
  load: async () => (await import('../commands/validate.ts')).default,
  parameters: { flags: { site, json }, aliases: { C: 'site' } },
  docs: {
    brief: 'Check the site and its packages, change nothing',
    more: `Exit code 5 when something is wrong, with file, line and column.

  anneal validate`,
  },
})
