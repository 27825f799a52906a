// The example of circles, by the real process on this machine: what settles, what is stopped, and what is not repeatable.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type JsonLine, siteDir, type SiteDir } from '../support/site-dir.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/circles')
const LONG_MS = 300_000

let site: SiteDir
beforeAll(async () => {
  site = siteDir()
  cpSync(EXAMPLE, site.directory, {
    recursive: true,
    filter: (path) => !path.endsWith('.anneal'),
  })
  const done = await site.anneal('up', '--yes')
  expect(done.code, done.said).toBe(3)
}, LONG_MS)
afterAll(() => site.end())

async function status(): Promise<JsonLine[]> {
  const { lines } = await site.json('status', '--all')
  return lines.filter(({ kind }) => kind === 'nodeRole')
}

async function runsOf(deployment: string): Promise<string[]> {
  const { lines } = await site.json('runs', '--limit', '1000')
  return lines.flatMap(({ kind, nodeRole }) =>
    kind === 'run' && nodeRole.startsWith(`${deployment}/`) ? [nodeRole as string] : [],
  )
}

async function valueOf(nodeRole: string, input: string): Promise<unknown> {
  const { lines } = await site.json('why', nodeRole, input)
  return lines.find(({ kind }) => kind === 'input')?.['value']
}

test(
  'what settles has settled: all have heard the highest, and one that says the same again moves nobody',
  async () => {
    for (const node of ['one', 'two', 'three'])
      expect(await valueOf(`${node}/agree`, 'heard')).toEqual({ one: 8, two: 8, three: 8 })
    const before = await runsOf('settles')
    expect(before.length).toBeLessThanOrEqual(12)
    await site.anneal('retry', 'one/agree')
    expect((await runsOf('settles')).length).toBe(before.length + 1)
  },
  LONG_MS,
)

test(
  'what never settles is stopped, with the whole way round and the values',
  async () => {
    const stopped = (await status()).filter(({ state }) => state === 'error')
    expect(stopped.length).toBe(1)
    const { circle, values } = (stopped[0] as JsonLine)['reason'] as { circle: string[]; values: string[] }
    expect(circle.toSorted()).toEqual(['never/one/left', 'never/one/middle', 'never/one/right'])
    expect(new Set(values)).toEqual(new Set(['"day"', '"night"']))
  },
  LONG_MS,
)

test(
  'what is not repeatable is named, until its role is another',
  async () => {
    const dice = async (): Promise<JsonLine['reason']> =>
      (await status()).find(({ id }) => id === 'moody/two/dice')?.['reason']
    expect(await dice()).toEqual({ kind: 'current' })
    await site.anneal('retry', 'two/dice')
    expect(await dice()).toMatchObject({ kind: 'notRepeatable', output: 'roll', alike: 0 })
    expect((await runsOf('moody')).length).toBe(4)

    const script = 'circles/roles/dice/apply.sh'
    site.write({ [script]: site.read(script).replace('$(date +%s)-$$', '4') })
    await site.anneal('up', '--yes')
    expect(await dice()).toEqual({ kind: 'current' })
    await site.anneal('retry', 'two/dice')
    expect(await dice()).toEqual({ kind: 'current' })
    expect((await runsOf('moody')).length).toBe(7)
  },
  LONG_MS,
)
