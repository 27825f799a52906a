// Commands that change a site, or say what would change: names, flags, arguments and help.
import { command } from '../command.ts'
import { all, json, node, nodeRole, plain, revision, site, target, yes } from './shared.ts'

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
  anneal up --stay               stay and react to machines that die and return`,
  },
})

export const diffCommand = command({
  load: async () => (await import('../commands/diff.ts')).default,
  parameters: { flags: { site, all, json }, aliases: { C: 'site' } },
  docs: {
    brief: 'Show what committing would change',
    more: `Compares the site's files with what was last committed. Exit code 2 when there are changes.

  anneal diff
  anneal diff --all              every node by name`,
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

export const retryCommand = command({
  load: async () => (await import('../commands/retry.ts')).default,
  parameters: {
    flags: { site, plain, json },
    aliases: { C: 'site' },
    positional: { kind: 'array', parameter: nodeRole, minimum: 1 },
  },
  docs: {
    brief: 'Run node-roles again, and anneal to rest',
    more: `Also gives the approval that a role marked once waits for.

  anneal retry etcd-2/etcd
  anneal retry etcd-1/etcd etcd-2/etcd`,
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
      message,
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
