// Crash at every write: a story is told once for each of its writes, with death, a fault or a full disk there.
import { expect, test } from 'vitest'
import { digestOfBytes } from '../../src/base/digest.ts'
import { judge } from '../../src/annealer/judge.ts'
import { type Circumstances, tellStory, type Universe } from './universe.ts'
import type { Story } from './story.ts'

/** Small, and with everything in it: a destructive role, a secret, a circle of early outputs, a change, a removal, a rinse. */
const STORY: Story = {
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
}

const FULL_FOR = 6

const FATES: Record<string, (n: number) => NonNullable<Universe['disk']['atWrite']>> = {
  'the process dies before it': (n) => (k, when) => (k === n && when === 'before' ? 'kills' : undefined),
  'the process dies after it': (n) => (k, when) => (k === n && when === 'after' ? 'kills' : undefined),
  'the disk fails before it': (n) => (k, when) => (k === n && when === 'before' ? 'fails' : undefined),
  'the disk fails after it': (n) => (k, when) => (k === n && when === 'after' ? 'fails' : undefined),
  'the disk is full for a while': (n) => (k, when) =>
    k >= n && k < n + FULL_FOR && when === 'before' ? 'fails' : undefined,
}

test.each(Object.keys(FATES))('at every write: %s', { timeout: 120_000 }, async (fate) => {
  const undisturbed = await told({})
  const writes = undisturbed.disk.writes
  expect(writes).toBeGreaterThan(30)
  for (let n = 1; n <= writes; n++) {
    const universe = await told({
      prepare: ({ disk }) => {
        disk.atWrite = FATES[fate]?.(n)
      },
    })
    expect(await endOf(universe), `write ${n}`).toEqual(await endOf(undisturbed))
  }
})

async function told(circumstances: Circumstances): Promise<Universe> {
  const { broken, lines, universe } = await tellStory(STORY, { compareEvery: 1_000, ...circumstances })
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
