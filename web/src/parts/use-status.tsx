// How the site stands as a whole, asked once for all that shows of it.
import { createContext, type ReactNode, use, useEffect, useRef, useState } from 'react'
import type { StatusView } from '../../../src/model/view.ts'
import { useAnswer } from '../http/use-answer.ts'
import { useLive } from '../live/use-live.ts'

export type Standing = Omit<StatusView, 'nodeRoles'>

const StatusContext = createContext<Standing | undefined>(undefined)

/** Undefined before the server has answered. */
export function useStatus(): Standing | undefined {
  return use(StatusContext)
}

/** A status of a large site is not for asking at each event. */
const PAUSE_MS = 1_000

export function StatusProvider({ children }: { children: ReactNode }) {
  const { version } = useLive('cells')
  const events = useLive('events').version
  const [again, setAgain] = useState(0)
  const timer = useRef<number>(undefined)
  useEffect(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined
      setAgain((times) => times + 1)
    }, PAUSE_MS)
  }, [version, events])
  const { value } = useAnswer<Standing>('/status', again)
  return <StatusContext value={value}>{children}</StatusContext>
}
