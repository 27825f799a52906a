// A served site: many callers on one live world, files that move meanwhile, the end of a server and the next one.
import { afterEach, describe, expect, test } from 'vitest'
import { serveSite } from '../../src/engine/serve-site.ts'
import type { ServedTurn, Serving } from '../../src/engine/serving.ts'
import type { JournalFaults } from '../../src/journal/journal.ts'
import type { Control } from '../../src/model/control.ts'
import type { Event } from '../../src/model/event.ts'
import type {
  AnnealRequest,
  Feed,
  Operations,
  SiteFiles,
  SiteNow,
  UpRequest,
} from '../../src/model/operations.ts'
import type { Role } from '../../src/model/role.ts'
import { FAILED, newPlace, type Place, turns } from './hand-place.ts'

const servings: Serving[] = []
afterEach(async () => {
  for (const serving of servings.splice(0)) await serving.close()
})

describe('many callers', () => {
  test('each has its own word on the timeline, its own runs and its own result', async () => {
    const { place, operations, up, control } = await served(['one', 'two'])
    const first = up({ by: 'ann' })
    await place.untilStarted('run-1')
    const feeds: Feed[] = []
    const second = control(
      { kind: 'run', targets: ['d/two'], only: false },
      { by: 'bea', onFeed: (feed) => feeds.push(feed) },
    )
    await turns()
    place.finishAll = true
    place.finish('run-1')
    expect(await first).toMatchObject({
      value: { outcome: 'ready', runs: [{ run: 'run-1' }, { run: 'run-2' }] },
    })
    expect(await second).toMatchObject({ value: { names: ['d/two'], result: { outcome: 'ready' } } })
    expect(feeds.find(({ kind }) => kind === 'notice')).toMatchObject({ message: 'bea asked: run d/two' })
    expect(await operations.timeline()).toMatchObject({
      value: [
        { author: 'anneal', status: 'overtaken' },
        { author: 'ann', status: 'committed' },
      ],
    })
  })

  test('one that goes away stops following, and nothing else stops', async () => {
    const { place, serving, up } = await served(['one', 'two'])
    const away = new AbortController()
    const upping = up({ signal: away.signal })
    await place.untilStarted('run-1')
    away.abort()
    expect(await upping).toMatchObject({ value: { outcome: 'interrupted' } })
    place.finishAll = true
    place.finish('run-1')
    await serving.rest()
    expect(await serving.operations.status()).toMatchObject({ value: { ready: true } })
  })

  test('what is asked at the same moment from many sides is all answered, in one order', async () => {
    const { place, serving, up, control } = await served(['one', 'two'])
    place.finishAll = true
    await up()
    const asked = Array.from({ length: 50 }, (_, at) =>
      at % 2 === 0
        ? control({ kind: 'retry', targets: ['n1/one'] }, { by: `caller-${at}` })
        : serving.operations.status(),
    )
    expect((await Promise.all(asked)).every(({ ok }) => ok)).toBe(true)
    expect(await serving.operations.status()).toMatchObject({ value: { ready: true, atRest: true } })
  })

  test('two that commit what they looked at on the same head: one is told that it moved', async () => {
    const { place, up, operations } = await served(['one'])
    place.finishAll = true
    await up()
    const sites = ['x', 'y'].map((digest) => ({
      ...place.site,
      roles: { one: { ...(place.site.roles['one'] as Role), digest } },
    }))
    const both = await Promise.all(sites.map((site, at) => up({ site, by: `caller-${at}` })))
    expect(both).toMatchObject([
      { ok: true, value: { outcome: 'ready' } },
      { ok: false, refusal: { code: 'timelineMoved' } },
    ])
    const timeline = await operations.timeline()
    const lost = timeline.ok && timeline.value.find(({ author }) => author === 'caller-1')
    expect(lost).toMatchObject({ status: 'discarded' })
  })

  test('what a server took in by itself meanwhile is in nobody’s way: who asked is asked again, about what is left', async () => {
    const { place, serving, up, files, operations } = await served(['one'])
    place.finishAll = true
    await up()
    const { n1 } = place.site.nodes
    const site = { ...place.site, nodes: { ...place.site.nodes, n2: n1 as NonNullable<typeof n1> } }
    const role = { ...(site.roles['one'] as Role), digest: 'other' }
    let asked = 0
    const confirm = async (): Promise<boolean> => {
      if (++asked > 1) return true
      const committed = happens(serving, 'revisionCommitted')
      files.say(site)
      await committed
      return true
    }
    expect(await up({ site: { ...site, roles: { one: role } }, confirm })).toMatchObject({
      value: { outcome: 'ready' },
    })
    expect(asked).toBe(2)
    const timeline = await operations.timeline()
    expect(timeline.ok && timeline.value.map(({ author, status }) => [author, status])).toMatchObject([
      ['anneal', 'overtaken'],
      ['ann', 'superseded'],
      ['anneal', 'superseded'],
      ['ann', 'discarded'],
      ['ann', 'committed'],
    ])
  })

  test('a session for some alone is refused, with what to do instead', async () => {
    const { up, control } = await served(['one'])
    expect(await up({ only: ['d/one'] })).toMatchObject({ refusal: { code: 'notServed' } })
    expect(await control({ kind: 'run', targets: ['d/one'], only: true })).toMatchObject({
      refusal: { code: 'notServed' },
    })
  })

  test('what is only to be written down is answered before rest', async () => {
    const { place, up, serving } = await served(['one'])
    expect(await up({ written: true })).toMatchObject({ ok: true })
    await place.untilStarted('run-1')
    place.finish('run-1')
    await serving.rest()
    expect(await serving.operations.status()).toMatchObject({ value: { ready: true } })
  })
})

describe('turns', () => {
  test('come in order, without a gap, and are what the journal has', async () => {
    const { place, serving, up, control } = await served(['one', 'two'])
    const from = serving.head()
    const told: ServedTurn[] = []
    serving.watch((turn) => {
      expect(turn.first).toBe((told.at(-1)?.head ?? from) + 1)
      expect(turn.head).toBe(turn.first + turn.events.length - 1)
      told.push(turn)
    })
    place.finishAll = true
    await Promise.all([
      up(),
      control({ kind: 'hold', targets: [] }).then(() => control({ kind: 'release', targets: [] })),
    ])
    await serving.rest()
    const kept: Event[] = []
    for await (const batch of serving.events(from)) kept.push(...batch.map(({ event }) => event))
    expect(told.flatMap(({ events }) => events)).toEqual(kept)
    expect(told.flatMap(({ changed }) => changed).at(-1)).toMatchObject({ after: { state: 'active' } })
  })

  test('nobody sees the world before it is durable', async () => {
    let gate: Promise<void> | undefined
    const { place, serving, up } = await served(['one'], { beforeWrite: () => gate })
    place.finishAll = true
    await up()
    let open = (): void => {}
    gate = new Promise((resolve) => (open = resolve))
    const holding = serving.operations.control({ kind: 'hold', targets: [] }, request())
    await turns()
    const asked = serving.ask((world) => [world.holds.size, serving.head()])
    const before = serving.head()
    open()
    expect(await asked).toEqual([1, before + 1])
    await holding
  })
})

describe('files', () => {
  test('that say something else wait on the timeline; what somebody commits from elsewhere counts from then on', async () => {
    const { place, serving, up, files, operations } = await served(['one'])
    place.finishAll = true
    await up()
    const proposed = happens(serving, 'revisionProposed')
    files.say({ ...place.site, roles: { one: { ...(place.site.roles['one'] as Role), digest: 'other' } } })
    await proposed
    await serving.rest()
    expect(await operations.status()).toMatchObject({ value: { waiting: [{ author: 'anneal' }] } })
    const elsewhere = {
      ...place.site,
      roles: { one: { ...(place.site.roles['one'] as Role), digest: 'third' } },
    }
    expect(await up({ site: elsewhere })).toMatchObject({ value: { outcome: 'ready' } })
    const status = await operations.status()
    expect(status.ok && status.value.waiting).toBe(undefined)
  })
})

describe('the end', () => {
  test('a second server of the site is refused: busy', async () => {
    const { place } = await served(['one'])
    expect(await serveSite(place.parts('anneal serve'), siteOf(place))).toMatchObject({
      refusal: { code: 'busy', holder: 'anneal serve' },
    })
    expect(await place.up()).toMatchObject({ refusal: { code: 'busy', holder: 'anneal serve' } })
  })

  test('draining: runs in flight end, nothing new starts, callers hear how far it came', async () => {
    const { place, serving, up, control } = await served(['one', 'two'])
    const upping = up()
    await place.untilStarted('run-1')
    const draining = serving.drain('ann')
    expect(serving.isDraining()).toBe(true)
    expect(await control({ kind: 'retry', targets: ['n1/one'] })).toMatchObject({
      refusal: { code: 'draining' },
    })
    expect(await up()).toMatchObject({ refusal: { code: 'draining' } })
    expect(await control({ kind: 'hold', targets: ['n1'] })).toMatchObject({ ok: true })
    place.finish('run-1')
    await draining
    expect(await upping).toMatchObject({
      value: { outcome: 'interrupted', runs: [{ run: 'run-1', result: 'ok' }] },
    })
    expect(place.runners.at(-1)?.open.size).toBe(0)
  })

  test('stop, by whoever asks for it, drains', async () => {
    const { place, serving, up, control } = await served(['one'])
    place.finishAll = true
    await up()
    expect(await control({ kind: 'stop' })).toMatchObject({ ok: true })
    await serving.over
    expect(serving.isDraining()).toBe(true)
  })

  test('a server that was killed: the next one settles what was in flight and runs it again', async () => {
    const { place, up } = await served(['one'])
    void up()
    await place.untilStarted('run-1')
    place.kill()
    const next = await served([], undefined, place)
    await place.untilStarted('run-2')
    place.finish('run-2')
    await next.serving.rest()
    expect(await next.operations.runs({})).toMatchObject({
      value: [
        { run: 'run-1', result: 'lost' },
        { run: 'run-2', result: 'ok' },
      ],
    })
    expect(await next.operations.status()).toMatchObject({ value: { ready: true } })
  })

  test('a disk that says no ends it, and whoever asks is told', async () => {
    let broken = false
    const { place, serving, up, control } = await served(['one'], {
      beforeWrite: () => {
        if (broken) throw new Error('no space')
      },
    })
    place.finishAll = true
    await up()
    broken = true
    const refused = { refusal: { code: 'journalFault' } }
    expect(await control({ kind: 'retry', targets: ['n1/one'] })).toMatchObject(refused)
    await serving.over
    expect([await serving.operations.status(), await up()]).toMatchObject([refused, refused])
    await expect(serving.ask((world) => world.head)).rejects.toMatchObject(refused)
  })
})

describe('drift and execs', () => {
  test('beside what is under way', async () => {
    const { place, up, operations, serving } = await served(['one', 'two'])
    for (const role of Object.values(place.site.roles)) role.check = { path: 'check.sh', digest: 'a' }
    place.finishAll = true
    await up()
    expect(await operations.drift({ ...request(), targets: ['one'], repair: false })).toMatchObject({
      value: { nodeRoles: [{ nodeRole: 'd/n1/one', found: 'asAsked' }], runs: [], interrupted: false },
    })
    const exec = operations.exec({
      selection: 'all',
      argv: ['true'],
      become: false,
      deadlineMs: 1_000,
      parallel: 1,
      by: 'bea',
      signal: new AbortController().signal,
      onStart() {},
      onOutput() {},
      onEnd() {},
      onNotice() {},
    })
    expect(await exec).toMatchObject({ value: { by: 'bea', nodes: [{ node: 'n1' }] } })
    expect(serving.fault()).toBe(undefined)
  })

  test('a failed one is asked for again by the next up', async () => {
    const { place, up } = await served(['one'])
    const first = up()
    await place.untilStarted('run-1')
    place.finish('run-1', FAILED)
    expect(await first).toMatchObject({ value: { outcome: 'atRestWithProblems' } })
    place.finishAll = true
    expect(await up()).toMatchObject({ value: { outcome: 'ready', runs: [{ run: 'run-2' }] } })
  })
})

// --- A server and those who ask it ------------------------------------------------------------------------------------

interface Served {
  place: Place
  serving: Serving
  operations: Operations
  files: Files
  up: (more?: Partial<UpRequest>) => ReturnType<Operations['up']>
  control: (control: Control, more?: Partial<AnnealRequest>) => ReturnType<Operations['control']>
}

async function served(roles: string[], faults?: JournalFaults, before?: Place): Promise<Served> {
  const place = before ?? newPlace({ roles, ...(faults === undefined ? {} : { faults }) })
  const files = new Files()
  const opened = await serveSite(place.parts('anneal serve'), { ...siteOf(place), files })
  if (!opened.ok) throw new Error(opened.refusal.message)
  const serving = opened.value
  servings.push(serving)
  const { operations } = serving
  const { now } = siteOf(place)
  return {
    place,
    serving,
    operations,
    files,
    up: (more) => operations.up({ ...request(), ...now, message: '', confirm: async () => true, ...more }),
    control: (control, more) => operations.control(control, { ...request(), ...more }),
  }
}

function happens(serving: Serving, kind: Event['kind']): Promise<void> {
  return new Promise((resolve) => {
    const unwatch = serving.watch(({ events }) => {
      if (!events.some((event) => event.kind === kind)) return
      unwatch()
      resolve()
    })
  })
}

function siteOf(place: Place): { now: SiteNow; files: SiteFiles; by: string } {
  const now = { site: place.site, content: new Map([['a', new Uint8Array([1])]]) }
  return { now, files: new Files(), by: 'root' }
}

function request(): AnnealRequest {
  return { by: 'ann', onFeed: () => {}, signal: new AbortController().signal, stay: false }
}

class Files implements SiteFiles {
  #tell: (now: { ok: true } & SiteNow) => void = () => {}

  say(site: SiteNow['site']): void {
    this.#tell({ ok: true, site, content: new Map() })
  }

  changed(): ReturnType<SiteFiles['changed']> {
    return new Promise((resolve) => (this.#tell = resolve))
  }
}
