// All items of a list, page after page, shown as they come.
import { useEffect, useState } from 'react'
import type { Problem } from './ask.ts'
import { askUntilAnswered } from './ask-until-answered.ts'
import type { Page } from './shapes.ts'

export interface EveryPage<T> {
  items: readonly T[]
  problem: Problem | undefined
  asking: boolean
}

const LIMIT = 500

export function useEveryPage<T>(path: string, again: unknown): EveryPage<T> {
  const [pages, setPages] = useState<EveryPage<T>>({ items: [], problem: undefined, asking: true })
  useEffect(() => {
    const gone = new AbortController()
    const onProblem = (problem: Problem): void => {
      if (gone.signal.aborted) return
      setPages((before) => (before.items.length === 0 ? { ...before, problem } : before))
    }
    const read = async (): Promise<void> => {
      const items: T[] = []
      let cursor: string | undefined
      do {
        const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const address = `${path}?limit=${LIMIT}${after}`
        const asked = await askUntilAnswered<Page<T>>(address, gone.signal, onProblem)
        if (gone.signal.aborted) return
        if (!asked.ok) return setPages((before) => ({ ...before, problem: asked.problem, asking: false }))
        items.push(...asked.value.items)
        cursor = asked.value.next
        const sofar = items.slice()
        // What was there before stays until there is more of the new.
        setPages((before) => ({
          items: cursor === undefined || sofar.length > before.items.length ? sofar : before.items,
          problem: undefined,
          asking: cursor !== undefined,
        }))
      } while (cursor !== undefined)
    }
    void read()
    return () => gone.abort()
  }, [path, again])
  return pages
}
