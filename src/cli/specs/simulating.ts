// The command that rehearses: names, flags, arguments and help.
import { command } from '../command.ts'
import { parseCount, parseShare } from '../parse.ts'
import { all, json, plain, site } from './shared.ts'

const share = { kind: 'parsed', parse: parseShare, placeholder: 'SHARE' } as const
const count = { kind: 'parsed', parse: parseCount, optional: true, placeholder: 'N' } as const

export const simulateCommand = command({
  load: async () => (await import('../commands/simulate.ts')).default,
  parameters: {
    flags: {
      site,
      revision: { ...count, brief: 'A revision of the timeline instead of the files as they are' },
      committed: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'What is committed instead of the files as they are',
      },
      afresh: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'As though nothing had ever run on any machine',
      },
      nodes: { ...count, brief: 'So many machines: copies of those that there are' },
      runs: { ...count, brief: 'How many times it is rehearsed (else up to 20, fewer for large sites)' },
      seed: {
        ...count,
        optional: false,
        default: '1',
        brief: 'Other luck; the same seed gives the same report',
      },
      fail: { ...share, optional: true, brief: 'Of the runs fail (else as many as in the past)' },
      dead: { ...share, default: '0%', brief: 'Of the machines never answer' },
      demo: {
        kind: 'boolean',
        default: false,
        withNegated: false,
        brief: 'Watch a fleet of 100 machines instead: no site, no machine, no root is needed',
      },
      all,
      plain,
      json,
    },
    aliases: { C: 'site', n: 'nodes' },
  },
  docs: {
    brief: 'Rehearse a change on machines that are made up',
    more: `Carries out what the files say on simulated machines, with the durations and failures that past runs taught: how long
it would take, what runs at once, whether it settles. Nothing is written and no machine is reached.
Exit code 0 when it settles each time, 3 when it would come to rest with problems, 4 when it would wait for a person.

  anneal simulate                         the change that anneal up would make
  anneal simulate --revision 7 --fail 2%  a proposal, with bad luck
  anneal simulate --nodes 10000           the same on a large fleet
  anneal simulate --demo                  a fleet to look at, for half a minute`,
  },
})
