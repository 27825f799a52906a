// A question put to the server while something is shown, asked again when its address or `again` changes.
import { useEffect, useState } from 'react'
import type { Problem } from './ask.ts'
import { askUntilAnswered } from './ask-until-answered.ts'

export interface Answered<T> {
  value: T | undefined
  problem: Problem | undefined
  /** Under way, whatever is shown meanwhile. */
  asking: boolean
}

/** `path` undefined asks nothing. What was answered before stays until the new answer is there. */
export function useAnswer<T>(path: string | undefined, again: unknown = 0): Answered<T> {
  const [answered, setAnswered] = useState<Answered<T> & { path: string | undefined }>({ ...NOTHING, path })
  useEffect(() => {
    if (path === undefined) return
    const gone = new AbortController()
    setAnswered((before) => ({ ...(before.path === path ? before : NOTHING), path, asking: true }))
    const onProblem = (problem: Problem): void => {
      if (gone.signal.aborted) return
      setAnswered((before) => (before.value === undefined ? { ...before, problem } : before))
    }
    void askUntilAnswered<T>(path, gone.signal, onProblem).then((asked) => {
      if (gone.signal.aborted) return
      setAnswered(
        asked.ok
          ? { path, value: asked.value, problem: undefined, asking: false }
          : { path, value: undefined, problem: asked.problem, asking: false },
      )
    })
    return () => gone.abort()
  }, [path, again])
  return answered.path === path ? answered : { ...NOTHING, asking: path !== undefined }
}

const NOTHING = { value: undefined, problem: undefined, asking: false }
