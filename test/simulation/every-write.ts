// Every write: scenarios, and what can happen at each of their writes: death, a fault, a full disk.
import { expect } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import { judge } from '../../src/annealer/judge.ts'
import { type Circumstances, tellStory, type Universe } from './universe.ts'
import type { Story } from './story.ts'

/** `meets`: what is told of it where nothing disturbs it; a scenario that does not come by it says nothing. */
export const SCENARIOS: Record<string, { story: Story; meets: RegExp[] }> = {
  'a first apply': {
    story: { seed: 24, steps: [] },
    meets: [/apply upper\/n1\/disk: new/, /apply upper\/-\/vault: new/],
  },
  'a rollout that fails and is taken back': {
    story: {
      seed: 24,
      steps: [
        { at: 12_000, do: 'hostFails', machine: 'n1', ms: 9_000, share: 1 },
        // The roll of another port.
        { at: 12_100, do: 'changeOfMind', roll: 6, ms: 2_000, meanwhile: 'stop' },
      ],
    },
    meets: [/rollout-1 lets through/, /failed after/, /rollout-2 lets through/],
  },
  'a rinse, and a removal while the machine is dead': {
    story: {
      seed: 39,
      steps: [
        { at: 18_000, do: 'rinse', which: 1, size: 'node', once: true },
        { at: 30_000, do: 'hostDies', machine: 'n2', ms: 60_000 },
        // The roll by which n2 goes.
        { at: 31_000, do: 'commit', roll: 0 },
      ],
    },
    meets: [/nodeRoleRinsed/, /connectionLost n2|n2 lost/, /remove \S+\/n2\//],
  },
  // A destructive role, a secret, a circle of early outputs, a change, a removal, a rinse.
  'some of everything': {
    story: {
      seed: 36,
      steps: [
        // Rolls of changes: another port, web goes, n2 goes.
        { at: 6_000, do: 'commit', roll: 6 },
        { at: 15_000, do: 'retry', which: 3 },
        { at: 18_000, do: 'commit', roll: 13 },
        { at: 21_000, do: 'stop' },
        { at: 22_500, do: 'rinse', which: 1, size: 'deployment', once: false },
        { at: 24_000, do: 'commit', roll: 31 },
      ],
    },
    meets: [/retry|asked/, /rinse-1|nodeRoleRinsed/, /remove \S+\/web/],
  },
}

const FULL_FOR = 6

export const FATES: Record<string, (n: number) => NonNullable<Universe['disk']['atWrite']>> = {
  'the process dies before it': (n) => (k, when) => (k === n && when === 'before' ? 'kills' : undefined),
  'the process dies after it': (n) => (k, when) => (k === n && when === 'after' ? 'kills' : undefined),
  'the disk fails before it': (n) => (k, when) => (k === n && when === 'before' ? 'fails' : undefined),
  'the disk fails after it': (n) => (k, when) => (k === n && when === 'after' ? 'fails' : undefined),
  'the disk is full for a while': (n) => (k, when) =>
    k >= n && k < n + FULL_FOR && when === 'before' ? 'fails' : undefined,
}

/** Tells it once for each of its writes; each must end as undisturbed, whose number of writes it gives. */
export async function tellEveryWrite(
  scenario: string,
  fate: string,
  circumstances: () => Circumstances = () => ({}),
  after: () => Promise<void> = async () => {},
): Promise<number> {
  const { story, meets } = SCENARIOS[scenario] as (typeof SCENARIOS)[string]
  const undisturbed = await told(story, circumstances())
  for (const words of meets) expect(undisturbed.lines.join('\n')).toMatch(words)
  const { writes } = undisturbed.disk
  const end = await endOf(undisturbed)
  for (let n = 1; n <= writes; n++) {
    const universe = await told(story, {
      ...circumstances(),
      prepare: ({ disk }) => {
        disk.atWrite = FATES[fate]?.(n)
      },
    })
    expect(await endOf(universe), `write ${n} of ${writes}`).toEqual(end)
    await after()
  }
  return writes
}

async function told(story: Story, circumstances: Circumstances): Promise<Universe> {
  const { broken, lines, universe } = await tellStory(story, { compareEvery: 1_000, ...circumstances })
  if (broken) expect.fail(`${broken.message}\n\n${lines.slice(-60).join('\n')}`)
  return universe
}

/** What was asked for, how each node-role stands, and what is on its host; a role without `remove` leaves what it likes. */
async function endOf({ hosts, site, model }: Universe): Promise<unknown> {
  const world = await site.world()
  const nodeRoles = [...(world?.nodeRoles.values() ?? [])].map((one) => {
    const kept = hosts.get(one.node?.name ?? 'here')?.roles.get(`${one.deployment}/${one.group.role.name}`)
    return [one.id, { reason: world && judge(world, one).reason.kind, kept }]
  })
  return {
    target: digestOfBytes(model.revisions.get(model.head)?.text ?? ''),
    nodeRoles: Object.fromEntries(nodeRoles),
  }
}
