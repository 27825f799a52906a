// The door of a server: whatever headers, callbacks, settings and exports hold, there is an answer, and nobody is let in by it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWorld } from '../../src/annealer/world.ts'
import { digestOf, makeServerKey, makeToken } from '../../src/api/access/credentials.ts'
import { isCrossSite, isForeignName } from '../../src/api/access/cross-site.ts'
import { identify } from '../../src/api/access/identify.ts'
import { needsOf } from '../../src/api/access/needs.ts'
import { ROUTE_RIGHTS } from '../../src/api/access/route-rights.ts'
import { sessions } from '../../src/api/access/sessions.ts'
import type { Json } from '../../src/base/json.ts'
import { makeLanguage } from '../../src/content/language.ts'
import { loadServerSettings } from '../../src/content/load-server.ts'
import { chainAfter, chainStart } from '../../src/journal/chain.ts'
import { verifyExport } from '../../src/journal/exported-trail.ts'
import { newHeart, tell } from '../support/heart.ts'
import { TWO_DEPLOYMENTS } from '../support/guarded.ts'
import { readShortSite, shortSite } from '../support/short-site.ts'
import { evilText, evilValue, fuzz, mutated } from './hostile.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'anneal-door-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const { text: token, hash } = makeToken('ci')
const { text: key } = makeServerKey()
const kept = sessions({ idleMs: 1_000, mostMs: 1_000 })
const { secret } = kept.open({ name: 'ada', grants: [], signedIn: 'link', address: '' }, 0)

/** What HTTP lets through as a value. */
const header = (like: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  like.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim())

test('no header but a good one lets anybody in', async () => {
  const world = newWorld(makeLanguage())
  world.tokens.set('ci', { token: 'ci', hash, grants: [{ role: 'admin' }], issuedBy: 'ada', issuedAt: 0 })
  const parts = {
    now: () => 0,
    key: digestOf(key),
    ask: <T>(question: (of: typeof world) => T): Promise<T> => Promise.resolve(question(world)),
    sessions: kept,
  }
  const good = [`Bearer ${token}`, `Bearer ${key}`, `anneal_session=${secret}`]
  const like = header(fc.oneof(evilText, mutated(good)))
  const asked = fc.record({ authorization: fc.option(like), cookie: like, host: like, origin: like })
  await fuzz('headers', asked, async ({ authorization, ...rest }) => {
    const headers = new Headers({ ...rest, ...(authorization === null ? {} : { authorization }) })
    const { who } = await identify(parts, { headers, remote: '127.0.0.1', secure: false })
    const [, , cookie = ''] = good
    const isGood =
      authorization === null
        ? (headers.get('cookie') ?? '').includes(cookie)
        : good.some(
            (one) => authorization.toLowerCase().startsWith('bearer') && authorization.endsWith(one.slice(7)),
          )
    if (who.ok) expect(isGood).toBe(true)
    isForeignName({ headers }, { loopbackOnly: true })
    isCrossSite({ method: 'POST', headers, secure: false }, { loopbackOnly: true })
  })
})

test('a request may be about anything: what it needs is found, or it is refused later', async () => {
  const heart = newHeart(makeLanguage())
  const site = shortSite(readShortSite(TWO_DEPLOYMENTS))
  tell(heart, { kind: 'proposeRevision', site, author: 'ada', message: '' })
  tell(heart, { kind: 'commitRevision', revision: 1, onto: 0, author: 'ada', message: '' })
  // A whole site has been held against its schema by then.
  const rows = Object.values(ROUTE_RIGHTS).filter(({ where }) => where !== 'site')
  const word = fc.oneof(
    evilText,
    fc.constantFrom('store', 'base', 'n1', 'run-1', 'store/n1/db', '1', 'hold', 'commit'),
  )
  const body = fc.oneof(
    evilValue,
    fc.record({ kind: word, targets: fc.array(word), revision: fc.oneof(fc.nat(), word) }),
  )
  const asked = fc.record({
    row: fc.constantFrom(...rows),
    params: fc.dictionary(fc.constantFrom('deployment', 'run', 'revision', 'node'), word),
    query: fc.oneof(evilValue, fc.record({ nodeRole: word })),
    body,
  })
  await fuzz('needs', asked, ({ row, ...about }) => {
    for (const need of needsOf(heart.world, row, about)) expect(need.right).not.toBe('')
  })
})

test('settings of a server are read, or their faults are told', async () => {
  const text =
    'listen: 127.0.0.1:1\nlimits: { failures: { burst: 3 } }\nlog: { format: json }\nmetrics: true\n'
  await fuzz('server.yaml', fc.oneof(evilText, mutated([text])), async (told) => {
    writeFileSync(join(dir, 'server.yaml'), told)
    const loaded = await loadServerSettings(dir)
    if (!loaded.ok) expect(loaded.faults.length).toBeGreaterThan(0)
    else expect(loaded.settings.listen.port).toBeLessThan(65_536)
  })
})

/** With a chain that fits, whatever the bytes are: only somebody who means it makes such a one. */
function exported(bytes: Uint8Array, packing: 0 | 1, events: number): string[] {
  const identity = { id: 'x', site: 's', createdAt: 0, tool: 't' }
  const batch = { firstSeq: 1, lastSeq: events, format: 1, packing, bytes }
  const hex = (chain: Uint8Array): string => Buffer.from(chain).toString('hex')
  const chain = hex(chainAfter(chainStart(identity), batch))
  return [
    { kind: 'journal', version: 1, ...identity, chain: hex(chainStart(identity)) },
    { kind: 'batch', ...batch, bytes: Buffer.from(bytes).toString('base64'), chain },
    { kind: 'end', anchor: `${events}:${chain}` },
  ].map((line) => JSON.stringify(line))
}

test('an export is what was written, or it is told that it is not', async () => {
  const events: fc.Arbitrary<Json> = fc.oneof(
    evilValue,
    fc.record({
      kind: fc.constantFrom('held', 'rinseAsked', 'runStarted', 'requestAudited'),
      scope: evilValue,
      nodeRoles: evilValue,
    }),
  )
  const text = fc.oneof(
    evilText,
    fc.tuple(fc.nat(), fc.array(events)).map(([at, all]) => JSON.stringify([[at, all]])),
  )
  const cases = fc.record({
    text,
    packing: fc.constantFrom(0 as const, 1 as const),
    count: fc.integer({ min: 1, max: 5 }),
    cut: fc.nat(3),
  })
  await fuzz('exports', cases, async ({ text: told, packing, count, cut }) => {
    const lines = exported(Buffer.from(told), packing, count).slice(0, 3 - cut)
    const verified = await verifyExport(lines)
    expect(typeof (verified.ok ? verified.value.anchor : verified.refusal.message)).toBe('string')
  })
})
