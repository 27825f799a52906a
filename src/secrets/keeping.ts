// Keeping the secrets of a site: how it stands with them, and another key for all of them.
import { JournalFault, type Holder, type JournalStore } from '../journal/journal.ts'
import { answer, type Answer, refuse } from '../model/refusal.ts'
import type { KeyPlace, SecretsKeeping, SecretsSettings, SecretsStatus } from '../model/secrets.ts'
import { clearIn } from './in-clear.ts'
import { KEY_PLACE, keySourceAt } from './key-place.ts'
import { keyMissing, keyWrong } from './key-source.ts'
import { rotate } from './rotate.ts'

export interface KeepingParts {
  /** As it is, without a seal. */
  store: JournalStore
  siteDir: string
  settings: () => Promise<Answer<SecretsSettings>>
  holder: Holder
}

export function secretsKeeping(parts: KeepingParts): SecretsKeeping {
  return {
    status: () => answered(() => status(parts)),
    rotate: (to) => answered(() => rotated(parts, to)),
  }
}

async function status({ store, siteDir, settings }: KeepingParts): Promise<Answer<SecretsStatus>> {
  const told = await settings()
  if (!told.ok) return told
  const opened = await store.openReader()
  if (!opened.ok) return opened
  const journal = opened.value
  try {
    const keys = await journal.keys()
    const under = new Map<string, number>()
    for (const key of keys) under.set(key.under, (under.get(key.under) ?? 0) + 1)
    return answer({
      ...(await keyAt(told.value.key ?? KEY_PLACE, siteDir, [...under.keys()])),
      sealed: keys.filter(({ id }) => id.startsWith('value-')).length,
      under: [...under].map(([key, count]) => ({ key, keys: count })),
      clear: await clearIn(journal),
    })
  } finally {
    await journal.close()
  }
}

async function keyAt(
  place: KeyPlace,
  siteDir: string,
  under: string[],
): Promise<Pick<SecretsStatus, 'where' | 'key' | 'problem'>> {
  const source = keySourceAt(place, siteDir)
  const { where } = source
  const read = await source.read()
  const [first] = under
  if (!read.ok) return { where, problem: problemOf(read.refusal) }
  if (!read.value)
    return first === undefined ? { where } : { where, problem: problemOf(keyMissing(where, first)) }
  const key = read.value[0]?.id ?? ''
  const unknown = under.find((id) => !read.value?.some((one) => one.id === id))
  return unknown === undefined
    ? { where, key }
    : { where, key, problem: problemOf(keyWrong(where, read.value, unknown)) }
}

function problemOf({ code, message, ...more }: { code: string; message: string; next?: string }): {
  code: string
  message: string
  next: string
} {
  return { code, message, next: more.next ?? '' }
}

async function rotated(
  { store, siteDir, settings, holder }: KeepingParts,
  to?: KeyPlace,
): ReturnType<typeof rotate> {
  const told = await settings()
  if (!told.ok) return told
  const there = await store.openReader()
  if (!there.ok) return there
  await there.value.close()
  const opened = await store.openWriter(holder)
  if (!opened.ok) return opened
  try {
    return await rotate(opened.value, siteDir, told.value.key ?? KEY_PLACE, to)
  } finally {
    await opened.value.close()
  }
}

async function answered<T>(work: () => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof JournalFault) return refuse(error.refusal)
    throw error
  }
}
