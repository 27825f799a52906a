// Rotating: all keys of values under another wrapping key, in one step; no event is rewritten, and a crash leaves a key that fits.
import { resolve } from 'node:path'
import type { JournalWriter } from '../journal/journal.ts'
import { answer, type Answer, refuse } from '../model/refusal.ts'
import type { KeyPlace, Rotated } from '../model/secrets.ts'
import { newKey, type WrappingKey, wrappingKey } from './envelope.ts'
import { keyFileAt, keySourceAt } from './key-place.ts'
import { KeyRing, WrappingKeys } from './key-ring.ts'

/** The caller holds the writer's lock, on the journal as it is without a seal. */
export async function rotate(
  journal: JournalWriter,
  siteDir: string,
  from: KeyPlace,
  to: KeyPlace = from,
): Promise<Answer<Rotated>> {
  const source = keySourceAt(from, siteDir)
  const wrapping = new WrappingKeys(async () => answer(source))
  const stored = await journal.keys()
  const under = new Set(stored.map((key) => key.under))
  const keys = stored.length === 0 ? answer([]) : await wrapping.forAll(under)
  if (!keys.ok) return keys
  const ring = new KeyRing(wrapping)
  if (stored.length > 0) {
    const taken = await ring.take(stored)
    if (!taken.ok) return taken
  }
  const still = keys.value.filter(({ id }) => under.has(id))
  const next = await nextKey(from, to, siteDir, still)
  if (!next.ok) return next
  await journal.putKeys(ring.rewrapped(next.value))
  if (isSameFile(from, to, siteDir) && to.kind === 'file') {
    const left = keyFileAt(to.path, siteDir).write([next.value])
    if (!left.ok) return left
  }
  return answer({
    key: next.value.id,
    where: keySourceAt(to, siteDir).where,
    keys: stored.length,
    ...(isSamePlace(from, to, siteDir) ? {} : { setting: to }),
  })
}

/** Ready to be found by whoever opens the journal next, whatever happens from here on. */
async function nextKey(
  from: KeyPlace,
  to: KeyPlace,
  siteDir: string,
  still: readonly WrappingKey[],
): Promise<Answer<WrappingKey>> {
  if (to.kind === 'file' && isSameFile(from, to, siteDir)) {
    const fresh = wrappingKey(newKey())
    // Both, until nothing is under the old one any more.
    const written = keyFileAt(to.path, siteDir).write([fresh, ...still])
    return written.ok ? answer(fresh) : written
  }
  const source = keySourceAt(to, siteDir)
  const read = await source.read()
  if (!read.ok) return read
  const first = read.value?.[0]
  if (!first && source.make) return source.make()
  if (first && !(isSamePlace(from, to, siteDir) && still.length === 1 && still[0]?.id === first.id))
    return answer(first)
  const message = `${source.where} gives the key under which everything is sealed already`
  return refuse({
    code: 'keyUnusable',
    message,
    next: 'have it print the new key first and the old one in a line after it (anneal-key-1 BASE64), or name another place with --to-file or --to-command',
  })
}

function isSameFile(from: KeyPlace, to: KeyPlace, siteDir: string): boolean {
  return (
    from.kind === 'file' && to.kind === 'file' && resolve(siteDir, from.path) === resolve(siteDir, to.path)
  )
}

function isSamePlace(from: KeyPlace, to: KeyPlace, siteDir: string): boolean {
  return isSameFile(from, to, siteDir) || JSON.stringify(from) === JSON.stringify(to)
}
