// Many callers at once, by the dice of a seed: everybody is answered, and what the journal has is the world that they saw.
import { expect, test } from 'vitest'
import { takeSnapshot } from '../../src/annealer/snapshot.ts'
import { remember } from '../../src/engine/memory.ts'
import { serveSite } from '../../src/engine/serve-site.ts'
import type { Serving } from '../../src/engine/serving.ts'
import type { AnnealRequest, SiteFiles } from '../../src/model/operations.ts'
import type { Answer } from '../../src/model/refusal.ts'
import type { Role } from '../../src/model/role.ts'
import type { Site } from '../../src/model/site.ts'
import { dice } from './dice.ts'
import { FAILED, newPlace, OK, type Place } from './hand-place.ts'

const CALLERS = 8
const REQUESTS = 40
const ROLES = ['one', 'two', 'three']

for (const seed of [1, 2, 3]) {
  test(`seed ${seed}`, async () => {
    const roll = dice(seed, 'callers')
    const place = newPlace({ roles: ROLES })
    for (const role of Object.values(place.site.roles)) role.check = { path: 'check.sh', digest: 'a' }
    const parts = place.parts('anneal serve')
    const files: SiteFiles = { changed: () => new Promise(() => {}) }
    const now = { site: place.site, content: new Map<string, Uint8Array>() }
    const opened = await serveSite(parts, { now, files, by: 'root' })
    if (!opened.ok) throw new Error(opened.refusal.message)
    const serving = opened.value
    const callers: Promise<string[]>[] = Array.from({ length: CALLERS }, (_, at) => caller(`caller-${at}`))
    await finishing(place, callers)
    const told = (await Promise.all(callers)).flat()
    expect(told.filter((one) => one === 'ok').length).toBeGreaterThan(told.length / 2)

    const live = await serving.ask((world) => JSON.stringify(takeSnapshot(world)))
    const reader = await parts.store.openReader()
    if (!reader.ok) throw new Error(reader.refusal.message)
    const { world, seq } = await remember(reader.value, parts.language)
    expect(seq).toBe(serving.head())
    expect(JSON.stringify(takeSnapshot(world))).toBe(live)
    expect(serving.fault()).toBe(undefined)
    await serving.close()

    async function caller(name: string): Promise<string[]> {
      const told: string[] = []
      for (let request = 0; request < REQUESTS; request++) {
        const given = await ask(serving, place.site, name)
        told.push(given.ok ? 'ok' : given.refusal.code)
      }
      // Whoever asks is answered, if only by a refusal that says why.
      expect(told).toHaveLength(REQUESTS)
      expect(told.filter((one) => one === 'journalFault' || one === 'busy')).toEqual([])
      return told
    }

    function ask({ operations }: Serving, site: Site, by: string): Promise<Answer<unknown>> {
      const away = new AbortController()
      const request: AnnealRequest = { by, onFeed() {}, signal: away.signal, stay: false }
      if (roll.between(0, 3) === 0) setImmediate(() => away.abort())
      const role = ROLES[roll.between(0, ROLES.length - 1)] ?? 'one'
      switch (roll.between(0, 9)) {
        case 0:
        case 1: {
          const changed = { ...(site.roles[role] as Role), digest: `digest-${roll.between(0, 3)}` }
          const other = { ...site, roles: { ...site.roles, [role]: changed } }
          const confirm = async (): Promise<boolean> => roll.between(0, 4) > 0
          return operations.up({ ...request, site: other, content: new Map(), message: '', confirm })
        }
        case 2:
          return operations.control({ kind: 'run', targets: [`d/${role}`], only: false }, request)
        case 3:
          return operations.control({ kind: 'retry', targets: [`n1/${role}`] }, request)
        case 4:
          return operations.control({ kind: 'hold', targets: [`d/${role}`] }, request)
        case 5:
          return operations.control({ kind: 'release', targets: [`d/${role}`] }, request)
        case 6:
          return operations.drift({ ...request, targets: [role], repair: roll.between(0, 1) === 1 })
        case 7:
          return operations.propose({ site, content: new Map(), by, message: '' })
        case 8:
          return operations.commit({ ...request, confirm: async () => true })
        default:
          return operations.why(`n1/${role}`)
      }
    }
  })
}

/** Runs end by and by, some of them badly, until all callers have been answered. */
async function finishing(place: Place, callers: readonly Promise<unknown>[]): Promise<void> {
  let over = false
  const all = Promise.all(callers).finally(() => (over = true))
  for (let turn = 0; !over; turn++) {
    await new Promise(setImmediate)
    // Those of now: what ends lets others begin.
    const open = [...(place.runners.at(-1)?.open.keys() ?? [])]
    for (const run of open) place.finish(run, turn % 7 === 0 ? FAILED : OK)
  }
  await all
}
