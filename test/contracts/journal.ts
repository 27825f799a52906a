// The contract of every JournalStore, as one suite that takes the implementation as an argument.
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/base/json.ts'
import { digestOfBytes } from '../../src/base/digest.ts'
import {
  type Holder,
  JournalFault,
  type JournalFaults,
  type JournalReader,
  type JournalStore,
  type JournalWriter,
  type WrappedKey,
} from '../../src/journal/journal.ts'
import type { Event, Recorded } from '../../src/model/event.ts'
import type { Answer } from '../../src/model/refusal.ts'

export interface JournalUnderTest {
  store: JournalStore
  /** Takes away what the store left behind; all its writers and readers are closed by then. */
  dispose(): Promise<void>
}

const HOLDER: Holder = { pid: 123, host: 'h', what: 'anneal up' }

export function journalContract(
  name: string,
  make: (faults?: JournalFaults) => Promise<JournalUnderTest>,
  /** False for one that makes its own. */
  { takesKeys = true, histories = 30 }: { takesKeys?: boolean; histories?: number } = {},
): void {
  describe(`${name}: the contract of a journal`, () => {
    /** Who makes its own keys takes none, and promises nothing of them. */
    const keyTest = (what: string, holds: () => Promise<void>): void => {
      if (takesKeys) test(what, holds)
    }
    const open: { close(): Promise<void> }[] = []
    const made: JournalUnderTest[] = []

    afterEach(async () => {
      for (const one of open.splice(0)) await one.close()
      for (const one of made.splice(0)) await one.dispose()
    })

    async function store(faults?: JournalFaults): Promise<JournalStore> {
      const under = await make(faults)
      made.push(under)
      return under.store
    }

    async function writerOf(journal: JournalStore): Promise<JournalWriter> {
      const writer = value(await journal.openWriter(HOLDER))
      open.push(writer)
      return writer
    }

    async function readerOf(journal: JournalStore): Promise<JournalReader> {
      const reader = value(await journal.openReader())
      open.push(reader)
      return reader
    }

    test('a reader of a journal that was never made is told that there is nothing', async () => {
      const journal = await store()
      expect(await journal.openReader()).toMatchObject({ ok: false, refusal: { code: 'nothingThere' } })
    })

    test('a new journal is empty', async () => {
      const writer = await writerOf(await store())
      expect(await writer.head()).toBe(0)
      expect(await all(writer)).toEqual([])
      expect(await writer.snapshot()).toBeUndefined()
    })

    test('turns come back in order, numbered from 1, with the time of their turn', async () => {
      const journal = await store()
      const writer = await writerOf(journal)
      expect(await writer.append(1_000, [lost('a'), lost('b')])).toEqual({ head: 2 })
      expect(await writer.append(2_000, [lost('c')])).toEqual({ head: 3 })
      const expected = [
        { seq: 1, at: 1_000, event: lost('a') },
        { seq: 2, at: 1_000, event: lost('b') },
        { seq: 3, at: 2_000, event: lost('c') },
      ]
      expect(await all(writer)).toEqual(expected)
      const reader = await readerOf(journal)
      expect(await all(reader)).toEqual(expected)
      expect(await reader.head()).toBe(3)
    })

    test('order is that of the calls, also when nobody waits between them', async () => {
      const journal = await store()
      const writer = await writerOf(journal)
      const names = Array.from({ length: 500 }, (_, i) => `n${i}`)
      const acks = await Promise.all(names.map((node, i) => writer.append(i, [lost(node), reached(node)])))
      expect(acks.map((ack) => ack.head)).toEqual(names.map((_, i) => 2 * i + 2))
      expect((await all(writer)).map((one) => one.event)).toEqual(names.flatMap((n) => [lost(n), reached(n)]))
    })

    test('a turn larger than a batch is whole, and can be read from its middle', async () => {
      const writer = await writerOf(await store())
      await writer.append(1, [lost('first')])
      const events = Array.from({ length: 2_500 }, (_, i) => lost(`n${i}`))
      expect(await writer.append(2, events)).toEqual({ head: 2_501 })
      const recorded = await all(writer)
      expect(recorded.length).toBe(2_501)
      expect(recorded.map((one) => one.seq)).toEqual(recorded.map((_, i) => i + 1))
      for (const after of [0, 1, 999, 1_000, 1_001, 1_700, 2_500]) {
        expect(await all(writer, after)).toEqual(recorded.slice(after))
      }
      expect(await all(writer, 2_501)).toEqual([])
      expect(await all(writer, 9_999)).toEqual([])
    })

    test('a turn without events changes nothing and waits for those before it', async () => {
      const writer = await writerOf(await store())
      const before = writer.append(1, [lost('a')])
      expect(await writer.append(2, [])).toEqual({ head: 1 })
      await before
      expect(await writer.head()).toBe(1)
    })

    test('a reader sees what was appended since, when it asks again', async () => {
      const journal = await store()
      const writer = await writerOf(journal)
      const reader = await readerOf(journal)
      expect(await all(reader)).toEqual([])
      await writer.append(1, [lost('a')])
      expect(await reader.head()).toBe(1)
      expect(await all(reader)).toHaveLength(1)
      await writer.append(2, [lost('b'), lost('c')])
      expect((await all(reader, 1)).map((one) => one.seq)).toEqual([2, 3])
    })

    test('a reader outlives the writer and sees the next one too', async () => {
      const journal = await store()
      const first = await writerOf(journal)
      await first.append(1, [lost('a')])
      const reader = await readerOf(journal)
      await first.close()
      expect(await all(reader)).toHaveLength(1)
      const second = await writerOf(journal)
      await second.append(2, [lost('b')])
      expect((await all(reader)).map((one) => one.seq)).toEqual([1, 2])
    })

    test('a second writer is told who is busy, and gets its turn after the first has closed', async () => {
      const journal = await store()
      const first = await writerOf(journal)
      const refused = await journal.openWriter({ pid: 456, host: 'h2', what: 'anneal retry' })
      if (refused.ok) throw new Error('two writers')
      expect(refused.refusal).toMatchObject({ code: 'busy', holder: 'anneal up' })
      expect(refused.refusal.message).toMatch(
        /^busy: anneal up \(pid 123 on host h\) has been working here for \d+/,
      )
      await first.append(1, [lost('a')])
      await first.close()
      const second = await writerOf(journal)
      expect(await second.head()).toBe(1)
      expect(await second.append(2, [lost('b')])).toEqual({ head: 2 })
    })

    test('closing writes what was still waiting; a closed writer takes nothing', async () => {
      const journal = await store()
      const writer = await writerOf(journal)
      const waiting = writer.append(1, [lost('a')])
      await writer.close()
      expect(await waiting).toEqual({ head: 1 })
      await expect(writer.append(2, [lost('b')])).rejects.toBeInstanceOf(JournalFault)
      expect(await all(await readerOf(journal))).toHaveLength(1)
    })

    test('what was appended is as it was then, whatever is done to the object later', async () => {
      const writer = await writerOf(await store())
      const facts: JsonObject = { cpus: 1 }
      const done = writer.append(1, [{ kind: 'factsChanged', node: 'a', facts }])
      facts['cpus'] = 2
      await done
      expect((await all(writer))[0]?.event).toEqual({ kind: 'factsChanged', node: 'a', facts: { cpus: 1 } })
    })

    test('law: any turns come back as they were, from any point, after any reopening', async () => {
      const facts = fc.json({ noUnicodeString: false }).map((text) => objectOf(JSON.parse(text) as Json))
      const event = fc.record({ kind: fc.constant('factsChanged' as const), node: fc.string(), facts })
      const turn = fc.record({ at: fc.nat(), events: fc.array(event, { minLength: 1, maxLength: 4 }) })
      const history = fc.record({
        turns: fc.array(turn, { maxLength: 8 }),
        reopen: fc.nat(8),
        after: fc.nat(30),
      })
      await fc.assert(
        fc.asyncProperty(history, async ({ turns, reopen, after }) => {
          const under = await make()
          let writer = value(await under.store.openWriter(HOLDER))
          const expected: Recorded[] = []
          for (const [i, { at, events }] of turns.entries()) {
            if (i === reopen) {
              await writer.close()
              writer = value(await under.store.openWriter(HOLDER))
            }
            const { head } = await writer.append(at, events)
            for (const one of events) expected.push({ seq: expected.length + 1, at, event: one })
            expect(head).toBe(expected.length)
          }
          const recorded = await all(writer, after)
          await writer.close()
          await under.dispose()
          expect(recorded.map(text)).toEqual(expected.slice(after).map(text))
        }),
        { numRuns: histories },
      )
    })

    test('a key named __proto__ is a key like any other', async () => {
      const writer = await writerOf(await store())
      const facts = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}') as JsonObject
      await writer.append(1, [{ kind: 'factsChanged', node: 'a', facts }])
      const event = (await all(writer))[0]?.event
      expect(JSON.stringify(event)).toBe(
        '{"kind":"factsChanged","node":"a","facts":{"__proto__":{"polluted":true},"constructor":{"prototype":1}}}',
      )
      expect(({} as JsonObject)['polluted']).toBeUndefined()
    })

    test('blobs come back by digest, to readers too', async () => {
      const journal = await store()
      const writer = await writerOf(journal)
      const bytes = [new Uint8Array(0), new Uint8Array([0, 1, 255]), new Uint8Array(300_000).fill(7)]
      const blobs = new Map(bytes.map((one) => [digestOfBytes(one), one]))
      await writer.putBlobs(blobs)
      await writer.putBlobs(blobs)
      const reader = await readerOf(journal)
      for (const [digest, one] of blobs) {
        expect(Buffer.from((await reader.blob(digest)) ?? []).equals(one)).toBe(true)
        expect(Buffer.from((await writer.blob(digest)) ?? []).equals(one)).toBe(true)
      }
      expect(await reader.blob(digestOfBytes('never put'))).toBeUndefined()
    })

    test('blobs are durable when an append that was called after them is', async () => {
      const journal = await store()
      const writer = await writerOf(journal)
      const digest = digestOfBytes('script')
      const put = writer.putBlobs(new Map([[digest, new TextEncoder().encode('script')]]))
      await writer.append(1, [lost('a')])
      expect(await (await readerOf(journal)).blob(digest)).toBeDefined()
      await put
    })

    keyTest(
      'keys come back as they stand, to readers too; a new one takes the place of one with its id',
      async () => {
        const journal = await store()
        const writer = await writerOf(journal)
        const key = (id: string, under: string, byte: number): WrappedKey => {
          return { id, under, wrapped: new Uint8Array(60).fill(byte) }
        }
        expect(await writer.keys()).toEqual([])
        await writer.putKeys([key('b', 'first', 1), key('a', 'first', 2)])
        const put = writer.putKeys([key('b', 'second', 3)])
        // Durable when an append that was called after them is.
        await writer.append(1, [lost('a')])
        const told = (await (await readerOf(journal)).keys()).map(({ id, under, wrapped }) => [
          id,
          under,
          wrapped[59],
        ])
        expect(told).toEqual([
          ['a', 'first', 2],
          ['b', 'second', 3],
        ])
        await put
        expect(await writer.keys()).toHaveLength(2)
      },
    )

    keyTest('keys that are put together change all or none', async () => {
      for (const when of ['beforeWrite', 'afterWrite'] as const) {
        let armed = false
        const journal = await store({
          [when](): void {
            if (armed) throw new Error('no space left on device')
          },
        })
        const ids = ['a', 'b', 'c']
        const under = (name: string): WrappedKey[] =>
          ids.map((id) => ({ id, under: name, wrapped: new Uint8Array(60) }))
        const writer = await writerOf(journal)
        await writer.putKeys(under('first'))
        armed = true
        await expect(writer.putKeys(under('second'))).rejects.toBeInstanceOf(JournalFault)
        armed = false
        await writer.close()
        const names = new Set((await (await readerOf(journal)).keys()).map((key) => key.under))
        expect([...names]).toEqual([when === 'beforeWrite' ? 'first' : 'second'])
      }
    })

    test('the newest snapshot comes back, with the events after it', async () => {
      const journal = await store()
      const writer = await writerOf(journal)
      const states: Json[] = [{ n: 1 }, [1, 'two', null, { three: [true] }], { n: 3, deep: { list: [[]] } }]
      for (const [i, state] of states.entries()) {
        await writer.append(i, [lost(`n${i}`)])
        await writer.putSnapshot({ seq: i + 1, version: 7, state })
        expect(await writer.snapshot()).toEqual({ seq: i + 1, version: 7, state })
      }
      await writer.append(9, [lost('later')])
      const reader = await readerOf(journal)
      const snapshot = await reader.snapshot()
      expect(snapshot).toEqual({ seq: 3, version: 7, state: states[2] })
      expect((await all(reader, snapshot?.seq)).map((one) => one.seq)).toEqual([4])
    })

    test('a snapshot of megabytes is put while turns go on, and after the one before it', async () => {
      const journal = await store()
      const writer = await writerOf(journal)
      await writer.append(1, [lost('a')])
      const large = (name: string): Json => {
        return {
          name,
          nodes: Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`n${i}`, `${i}`.repeat(99)])),
        }
      }
      const puts = [large('first'), large('second')].map((state) =>
        writer.putSnapshot({ seq: 1, version: 1, state }),
      )
      for (let turn = 2; turn < 20; turn++) await writer.append(turn, [lost(`n${turn}`)])
      await Promise.all(puts)
      expect(await writer.snapshot()).toEqual({ seq: 1, version: 1, state: large('second') })
      const reader = await readerOf(journal)
      expect(await reader.snapshot()).toEqual({ seq: 1, version: 1, state: large('second') })
      expect(await all(reader)).toHaveLength(19)
    })

    test('a snapshot again at the same event takes the place of the first', async () => {
      const writer = await writerOf(await store())
      await writer.append(1, [lost('a')])
      await writer.putSnapshot({ seq: 1, version: 1, state: 'old' })
      await writer.putSnapshot({ seq: 1, version: 2, state: 'new' })
      expect(await writer.snapshot()).toEqual({ seq: 1, version: 2, state: 'new' })
    })

    describe('when the disk says no', () => {
      const TURNS = 6

      /** Appends turns one by one until refused; what was acknowledged, and what was in the turn that was not. */
      async function story(journal: JournalStore): Promise<{ acked: number; refused: unknown }> {
        const writer = await writerOf(journal)
        let acked = 0
        for (let i = 0; i < TURNS; i++) {
          try {
            acked = (await writer.append(i, [lost(`n${i}`), reached(`n${i}`)])).head
          } catch (error) {
            await expect(writer.append(99, [lost('later')])).rejects.toBeInstanceOf(JournalFault)
            await expect(writer.putBlobs(new Map())).rejects.toBeInstanceOf(JournalFault)
            await expect(writer.putSnapshot({ seq: acked, version: 1, state: 1 })).rejects.toBeInstanceOf(
              JournalFault,
            )
            await writer.close()
            return { acked, refused: error }
          }
        }
        await writer.close()
        return { acked, refused: undefined }
      }

      async function writesOf(): Promise<number> {
        let writes = 0
        await story(await store({ beforeWrite: (n) => void (writes = n) }))
        return writes
      }

      test('before a write: the turn is absent, all that was acknowledged is there', async () => {
        const writes = await writesOf()
        expect(writes).toBe(TURNS)
        for (let failing = 1; failing <= writes; failing++) {
          let armed = true
          const beforeWrite = (n: number): void => {
            if (n === failing && armed) throw new Error('no space left on device')
          }
          const journal = await store({ beforeWrite })
          const { acked, refused } = await story(journal)
          armed = false
          expect(refused).toBeInstanceOf(JournalFault)
          expect((refused as JournalFault).refusal.code).toBe('journalFault')
          expect(acked).toBe(2 * (failing - 1))
          const again = await writerOf(journal)
          expect(await again.head()).toBe(acked)
          expect(await all(again)).toHaveLength(acked)
          expect(await again.append(100, [lost('z')])).toEqual({ head: acked + 1 })
        }
      })

      test('after a write: the turn is whole although nobody was told', async () => {
        const journal = await store({
          afterWrite(n) {
            if (n === 3) throw new Error('the wire broke')
          },
        })
        const { acked } = await story(journal)
        expect(acked).toBe(4)
        const again = await writerOf(journal)
        expect((await all(again)).map((one) => one.seq)).toEqual([1, 2, 3, 4, 5, 6])
        expect(await again.append(100, [lost('z')])).toEqual({ head: 7 })
      })

      test('appends that shared the failed write, or waited for it, are all refused', async () => {
        const journal = await store({
          beforeWrite() {
            throw new Error('I/O error')
          },
        })
        const writer = await writerOf(journal)
        const results = await Promise.allSettled([1, 2, 3].map((at) => writer.append(at, [lost(`n${at}`)])))
        expect(results.map((one) => one.status)).toEqual(['rejected', 'rejected', 'rejected'])
        expect(await writer.head()).toBe(0)
      })
    })
  })
}

export function value<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(`${answer.refusal.code}: ${answer.refusal.message}`)
  return answer.value
}

export async function all(reader: JournalReader, after = 0): Promise<Recorded[]> {
  const recorded: Recorded[] = []
  for await (const batch of reader.events(after)) recorded.push(...batch)
  return recorded
}

export function lost(node: string): Event {
  return { kind: 'connectionLost', node }
}

export function reached(node: string): Event {
  return { kind: 'nodeReached', node }
}

function text(value: unknown): string {
  return JSON.stringify(value)
}

function objectOf(value: Json): JsonObject {
  return { value }
}
