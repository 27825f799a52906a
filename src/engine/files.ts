// The files of a node-role: what they follow from is asked of the world, the bytes of the journal; they are rendered anew each time.
import { type FilesMeant, filesMeant } from '../annealer/files-order.ts'
import { nodeRoleMeant } from '../annealer/targets.ts'
import type { JournalStore } from '../journal/journal.ts'
import type { Operations } from '../model/operations.ts'
import type { FilesView } from '../model/rendered-files.ts'
import { type Answer, answer, refuse } from '../model/refusal.ts'
import type { Ask } from './questions.ts'
import { refusalOf } from './reading.ts'
import type { SiteParts } from './site-parts.ts'

export function filesOf(ask: Ask, { store, showFiles }: SiteParts): Operations['files'] {
  return async (nodeRole, clear, signal = new AbortController().signal) => {
    const asked = await ask((world) => {
      const found = nodeRoleMeant(world, nodeRole)
      if (!found.ok) return found
      const { success } = found.value
      return answer({
        meant: filesMeant(world, found.value),
        ...(success && { since: { run: success.run, at: success.at } }),
      })
    })
    if (!asked.ok) return asked
    if (!showFiles) return refuse({ code: 'notServed', message: 'files are not rendered here' })
    const { meant, since } = asked.value
    const hidden = clear ? [] : [...meant.secret]
    const shown = await shownFrom(store, showFiles, { ...meant, clear }, signal)
    return shown.ok
      ? answer({
          nodeRole: meant.nodeRole,
          ...(since && { since }),
          unbound: meant.unbound,
          hidden,
          ...shown.value,
        })
      : shown
  }
}

async function shownFrom(
  store: JournalStore,
  show: NonNullable<SiteParts['showFiles']>,
  order: FilesMeant & { clear: boolean },
  signal: AbortSignal,
): Promise<Answer<Pick<FilesView, 'files' | 'problem'>>> {
  const opened = await store.openReader()
  if (!opened.ok) return opened
  try {
    return answer(await show(order, (digest) => opened.value.blob(digest), signal))
  } catch (error) {
    return refuse(refusalOf(error))
  } finally {
    await opened.value.close()
  }
}
