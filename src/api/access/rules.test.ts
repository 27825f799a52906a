// Rules of the door, one by one: buckets, cookies, links, sessions, refusals that repeat, names from elsewhere.
import { describe, expect, test } from 'vitest'
import { newWorld, type World } from '../../annealer/world.ts'
import type { AuditNote } from '../../model/audit.ts'
import { isLoopback, isLoopbackName } from './address.ts'
import { buckets } from './buckets.ts'
import { cookieName, readCookie, setCookie } from './cookies.ts'
import { digestOf, isOf, makeServerKey, makeToken, tokenName } from './credentials.ts'
import { isCrossSite, isForeignName } from './cross-site.ts'
import { identify } from './identify.ts'
import { links } from './links.ts'
import { foreignName, principal } from './principal.ts'
import { refusalBook } from './refusal-book.ts'
import { sessions } from './sessions.ts'

/** Nothing is asked of it here. */
const LANGUAGE = {} as Parameters<typeof newWorld>[0]
const SECOND = 1_000
const MINUTE = 60 * SECOND

describe('buckets', () => {
  test('so many at once, then so many a second, and it says how long to wait', () => {
    const bucket = buckets({ burst: 2, perSecond: 0.5 })
    expect([bucket.take('a', 0), bucket.take('a', 0), bucket.take('a', 0)]).toEqual([
      undefined,
      undefined,
      2_000,
    ])
    expect(bucket.take('a', 1_000)).toBe(1_000)
    expect(bucket.take('a', 2_000)).toBeUndefined()
    expect(bucket.take('b', 2_000)).toBeUndefined()
  })

  test('who waits long has no more than at the beginning, and a clock that is set back gives nothing', () => {
    const bucket = buckets({ burst: 1, perSecond: 1 })
    bucket.take('a', 0)
    expect(bucket.take('a', 1_000_000)).toBeUndefined()
    expect(bucket.take('a', 1_000_000)).toBe(1_000)
    expect(bucket.take('a', 0)).toBe(1_000)
  })

  test('it remembers so many names and no more, the last used ones', () => {
    const bucket = buckets({ burst: 1, perSecond: 0.001 }, 2)
    for (const name of ['a', 'b', 'a', 'c']) bucket.take(name, 0)
    expect(bucket.isEmpty('a', 0)).toBe(true)
    expect(bucket.isEmpty('b', 0)).toBe(false)
  })
})

test.each([
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:10.0.0.1', false],
  ['10.0.0.1', false],
  ['', false],
  ['localhost', false],
  ['127.0.0.1.example.org', false],
])('%s is this machine: %s', (address, here) => {
  expect(isLoopback(address)).toBe(here)
})

test('names of this machine', () => {
  expect(['localhost', '127.0.0.1', '[::1]'].every(isLoopbackName)).toBe(true)
  expect(['', 'localhost.', 'LOCALHOST', 'example.org', '127.1'].some(isLoopbackName)).toBe(false)
})

describe('cookies', () => {
  test('the first of its name is read, and what is none gives nothing', () => {
    const read = (cookie: string): string | undefined => readCookie(new Headers({ cookie }), 'a')
    expect(read('b=1; a=2=3; a=4')).toBe('2=3')
    expect(read('aa=1; a')).toBe('')
    expect(read('; ;=;b')).toBeUndefined()
    expect(readCookie(new Headers(), 'a')).toBeUndefined()
  })

  test('under TLS they are for TLS alone, and of this host', () => {
    expect(cookieName('session', true)).toBe('__Host-anneal_session')
    const set = setCookie('n', 'v', { secure: true, maxAgeS: 5, sameSite: 'Strict' })
    expect(set).toBe('n=v; Path=/; HttpOnly; SameSite=Strict; Max-Age=5; Secure')
  })
})

describe('credentials', () => {
  test('no two are alike, and each is its own alone', () => {
    const [one, other] = [makeToken('ci'), makeToken('ci')]
    expect(one.text).not.toBe(other.text)
    expect(isOf(one.text, one.hash)).toBe(true)
    expect(isOf(other.text, one.hash)).toBe(false)
    expect(isOf(one.text, '')).toBe(false)
    expect(isOf('', digestOf(''))).toBe(true)
    expect(tokenName(one.text)).toBe('ci')
  })

  test.each([
    '',
    'annt_',
    'annt_ci',
    `annt_CI.${'x'.repeat(43)}`,
    `annt_ci.${'x'.repeat(42)}`,
    `annt_ci.${'x'.repeat(44)}`,
  ])('no token: %s', (text) => expect(tokenName(text)).toBeUndefined())
})

describe('a page of somebody else', () => {
  const ask = (headers: Record<string, string>, method = 'POST', secure = false, url?: string): boolean =>
    isCrossSite({ method, headers: new Headers(headers), secure }, { url, loopbackOnly: true })

  test('reading is never cross-site, changing is unless the browser says otherwise', () => {
    expect(ask({ 'sec-fetch-site': 'cross-site' }, 'GET')).toBe(false)
    expect(ask({})).toBe(true)
    expect(ask({ 'sec-fetch-site': 'same-origin' })).toBe(false)
    expect(ask({ 'sec-fetch-site': 'same-site', origin: 'http://a', host: 'a' })).toBe(true)
    expect(ask({ origin: 'http://a:1', host: 'a:1' })).toBe(false)
    expect(ask({ origin: 'http://a:1', host: 'a:2' })).toBe(true)
    expect(ask({ origin: 'http://a', host: 'a' }, 'POST', true)).toBe(true)
    expect(ask({ origin: 'https://a', host: 'b' }, 'DELETE', false, 'https://a/anneal')).toBe(false)
  })

  test('a name that leads here and is not ours', () => {
    const foreign = (host: string, url: string | undefined, loopbackOnly: boolean): boolean =>
      isForeignName({ headers: new Headers({ host }) }, { url, loopbackOnly })
    expect(foreign('evil.example.org', undefined, true)).toBe(true)
    expect(foreign('anneal.example.org', undefined, false)).toBe(false)
    expect(foreign('anneal.example.org', 'https://anneal.example.org', false)).toBe(false)
    expect(foreign('evil.example.org', 'https://anneal.example.org', false)).toBe(true)
    expect(foreign('127.0.0.1:7433', 'https://anneal.example.org', false)).toBe(false)
  })
})

test('the key of the server is good from its own machine, and nothing else is a credential', async () => {
  const { text: key, hash } = makeServerKey()
  const parts = {
    now: () => 0,
    key: hash,
    ask: <T>(question: (world: World) => T): Promise<T> => Promise.resolve(question(newWorld(LANGUAGE))),
    sessions: sessions({ idleMs: MINUTE, mostMs: MINUTE }),
  }
  const from = async (remote: string, authorization: string): Promise<boolean> =>
    (await identify(parts, { headers: new Headers({ authorization }), remote, secure: true })).who.ok
  expect(await from('127.0.0.1', `Bearer ${key}`)).toBe(true)
  expect(await from('::ffff:127.0.0.1', `bearer ${key}`)).toBe(true)
  for (const remote of ['10.0.0.1', '::ffff:10.0.0.1', '', 'localhost'])
    expect([remote, await from(remote, `Bearer ${key}`)]).toEqual([remote, false])
  for (const text of [
    key,
    `Basic ${key}`,
    `Bearer ${key} x`,
    'Bearer annk_',
    `Bearer ${makeServerKey().text}`,
  ])
    expect([text, await from('127.0.0.1', text)]).toEqual([text, false])
})

test('a link is good once and for a minute, and there are not too many', () => {
  const made = links()
  const wanted = { name: 'ada', grants: [] }
  const one = made.make(wanted, 0)
  expect(made.take('guess', 0)).toBeUndefined()
  expect(made.take(one.secret, MINUTE - 1)).toEqual(wanted)
  expect(made.take(one.secret, MINUTE - 1)).toBeUndefined()
  expect(made.take(made.make(wanted, 0).secret, MINUTE)).toBeUndefined()
  const first = made.make(wanted, 0)
  for (let i = 0; i < 100; i++) made.make(wanted, 0)
  expect(made.take(first.secret, 0)).toBeUndefined()
})

test('sessions make room for new ones, the one used longest ago first', () => {
  const kept = sessions({ idleMs: MINUTE, mostMs: 10 * MINUTE }, 2)
  const open = (name: string): string =>
    kept.open({ name, grants: [], signedIn: 'link', address: '' }, 0).secret
  const [one, two] = [open('one'), open('two')]
  expect(kept.find(one, 1)?.name).toBe('one')
  open('three')
  expect(kept.find(two, 2)).toBeUndefined()
  expect(kept.list(2).map(({ name }) => name)).toEqual(['three', 'one'])
  const { session = '' } = kept.list(2)[1] ?? {}
  expect(kept.has(session, 2)).toBe(true)
  expect([kept.end(session), kept.end(session), kept.has(session, 2)]).toEqual([true, false, false])
})

describe('refusals in the trail', () => {
  function book(): {
    take: (note: Partial<AuditNote>) => void
    written: AuditNote[]
    minute: () => void
    close: () => Promise<void>
  } {
    const written: AuditNote[] = []
    let wake = (): void => {}
    let now = 0
    const made = refusalBook({
      clock: {
        now: () => now,
        wakeAt: (_, then) => {
          wake = then
          return () => {}
        },
      },
      write: async (note) => void written.push(note),
    })
    return {
      written,
      take: (note) => made.take({ what: 'GET /x', address: '10.0.0.1', outcome: 'notAllowed', ...note }),
      minute() {
        now += MINUTE
        wake()
      },
      close: () => made.close(),
    }
  }

  test('the first of a minute at once, equal ones as a number at its end', () => {
    const { take, written, minute } = book()
    for (let i = 0; i < 5; i++) take({})
    take({ by: 'ada' })
    expect(written).toHaveLength(2)
    minute()
    expect(written.slice(2)).toMatchObject([{ times: 4, since: 0 }])
    take({})
    expect(written).toHaveLength(4)
  })

  test('whoever makes up unlike ones has them counted together', () => {
    const { take, written, minute } = book()
    for (let i = 0; i < 1_000; i++) take({ address: `10.0.${i >> 8}.${i & 255}` })
    expect(written).toHaveLength(100)
    minute()
    expect(written.slice(100)).toMatchObject([{ address: 'many', times: 900 }])
  })

  test('what was counted is written when the server ends', async () => {
    const { take, written, close } = book()
    take({})
    take({})
    await close()
    expect(written).toMatchObject([{}, { times: 1 }])
  })
})

test('a name from elsewhere is shown safely and takes none that means something here', () => {
  expect(foreignName('ada@example.org')).toBe('ada@example.org')
  expect(foreignName('token:ci')).toBe('oidc:token:ci')
  expect(foreignName('anneal')).toBe('oidc:anneal')
  expect(foreignName('\u001b[2J')).toBe('␛[2J')
  expect(foreignName('x'.repeat(1_000))).toHaveLength(200)
})

test('grants add up, each in its deployments', () => {
  const who = principal('ada', undefined, [{ role: 'viewer' }, { role: 'author', deployments: ['store'] }])
  expect([who.may('read'), who.may('read', 'base'), who.mayEverywhere('read')]).toEqual([true, true, true])
  expect([who.may('commit'), who.may('commit', 'store'), who.may('commit', 'base')]).toEqual([
    true,
    true,
    false,
  ])
  expect([who.mayEverywhere('commit'), who.may('destructive', 'store')]).toEqual([false, false])
})
