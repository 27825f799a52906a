// Operations over HTTP keep the contract: the same stories as in this process, by a real server and its client; and what only wires do.
import { afterEach, describe, expect, test } from 'vitest'
import { httpOperations } from '../../src/client/http-operations.ts'
import type { Feed } from '../../src/model/operations.ts'
import type { RunOrder } from '../../src/model/run.ts'
import { Caller, operationsContract, partsFor, SHORT, siteNow } from './operations.ts'
import { serveOverHttp, type ServedOverHttp } from './served.ts'

operationsContract(serveOverHttp)

describe('over a wire', () => {
  let at: ServedOverHttp
  afterEach(() => at.close())

  test('who goes away stops following, is told how it stands, and stops nothing', async () => {
    let held: RunOrder | undefined
    const now = siteNow(SHORT)
    at = await serveOverHttp(
      partsFor({ outcome: (order) => ((held ??= order) === order ? 'never' : OK) }),
      now,
    )
    const away = new AbortController()
    const onFeed = (feed: Feed): void => {
      if (feed.kind === 'run') away.abort()
    }
    const left = await new Caller(at.operations, now).up({ signal: away.signal, onFeed })
    expect(left).toMatchObject({ value: { outcome: 'interrupted' } })
    expect(left.ok && left.value.runs[0]).toMatchObject({ result: 'running' })
    expect(await at.operations.status()).toMatchObject({ value: { revision: 2, atRest: false } })
    expect(at.serving.isDraining()).toBe(false)
  })

  test('where it would do something else by now than was agreed to, one is asked again', async () => {
    const now = siteNow(SHORT)
    at = await serveOverHttp(partsFor({}), now)
    const [ann, bea] = [new Caller(at.operations, now), new Caller(at.operations, now)]
    await ann.up()
    const asked: number[] = []
    const confirm = async ({ changes }: { changes: unknown[] }): Promise<boolean> => {
      asked.push(changes.length)
      if (asked.length === 1) await bea.up(siteNow(SHORT.replace('zone: lab', 'zone: test')))
      return true
    }
    const third = siteNow(SHORT.replace('zone: lab', 'zone: prod'))
    expect(await ann.up({ ...third, confirm })).toMatchObject({ value: { outcome: 'ready' } })
    expect(asked).toEqual([3, 3])
  })

  test('scripts that the server lacks are sent along', async () => {
    at = await serveOverHttp(partsFor({}), siteNow(SHORT))
    const other = siteNow(SHORT, 'written elsewhere')
    expect(await new Caller(at.operations, other).up()).toMatchObject({ value: { outcome: 'ready' } })
    for (const [digest, bytes] of other.content)
      expect(Buffer.from((await at.serving.blob(digest)) ?? [])).toEqual(bytes)
  })

  test('what means nothing to a server is refused before it is asked', async () => {
    const now = siteNow(SHORT)
    at = await serveOverHttp(partsFor({}), now)
    const caller = new Caller(at.operations, now)
    const refused = { refusal: { code: 'notServed' } }
    expect(await caller.up({ only: ['d'] })).toMatchObject(refused)
    expect(await caller.up({ stay: true })).toMatchObject(refused)
    expect(await caller.control({ kind: 'run', targets: ['d'], only: true })).toMatchObject(refused)
  })

  test('a server that drains says so; one that is gone, too', async () => {
    const now = siteNow(SHORT)
    at = await serveOverHttp(partsFor({}), now)
    const caller = new Caller(at.operations, now)
    await caller.up()
    await at.serving.drain('bea')
    expect(await caller.control({ kind: 'run', targets: ['d'], only: false })).toMatchObject({
      refusal: { code: 'draining' },
    })
    expect(await at.operations.status()).toMatchObject({ value: { ready: true } })
    await at.close()
    expect(await at.operations.status()).toMatchObject({ refusal: { code: 'noServer' } })
    expect(await caller.control({ kind: 'hold', targets: [] })).toMatchObject({
      refusal: { code: 'noServer' },
    })
  })

  test('one that is not ours is known by what it says', async () => {
    at = await serveOverHttp(partsFor({}), siteNow(SHORT))
    const elsewhere = httpOperations({ url: `${at.url}/nowhere` })
    expect(await elsewhere.status()).toMatchObject({ refusal: { code: 'unknownPath' } })
  })
})

const OK = { result: 'ok' as const, changed: true, outputs: {}, filesChanged: [], durationMs: 3 }
