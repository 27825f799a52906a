// How a component takes part in the live site: it reads what it likes and is drawn anew when its topic changes.
import { createContext, use, useCallback, useSyncExternalStore } from 'react'
import type { Live, LiveTopic } from './live.ts'

export const LiveContext = createContext<Live | undefined>(undefined)

/** Not more often than twenty-five times in ten seconds: what people read need not be quicker; the canvas has its own pace. */
const PAUSE_MS = 400

export function useLive(topic: LiveTopic): { live: Live; version: number } {
  const live = use(LiveContext)
  if (live === undefined) throw new Error('useLive outside of LiveContext')
  const subscribe = useCallback(
    (listener: () => void) => live.topics.listen(topic, listener, topic === 'connection' ? 0 : PAUSE_MS),
    [live, topic],
  )
  const version = useSyncExternalStore(subscribe, () => live.topics.version(topic))
  return { live, version }
}
