// Keeps the stream of events open: connects, says when it is lost, and goes on from the last event that was heard.
import { problemOf, type Problem } from '../http/ask.ts'
import { readEventStream, type StreamMessage } from './event-stream.ts'

export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'lost'; since: number; retryAt: number; problem?: Problem }
  | { kind: 'signedOut'; problem: Problem }

export interface ConnectionEar {
  /** Before the first: `after`, where the board stands. Then the last event that was heard. */
  from(): { after: number } | { last: number }
  onState(state: ConnectionState): void
  onMessage(message: StreamMessage): void
}

/** Heartbeats come every 15 s: after three without one the line is dead, whatever the socket says. */
const SILENCE_MS = 45_000
const RETRY_MS = [250, 500, 1_000, 2_000, 4_000, 8_000]

/** What it gives ends it. */
export function keepConnected(path: string, ear: ConnectionEar): () => void {
  let ended = false
  let attempt = 0
  let lostAt: number | undefined
  let current: AbortController | undefined
  let timer: number | undefined

  const connect = async (): Promise<void> => {
    const controller = new AbortController()
    current = controller
    let silence = window.setTimeout(() => controller.abort(), SILENCE_MS)
    const beat = (): void => {
      window.clearTimeout(silence)
      silence = window.setTimeout(() => controller.abort(), SILENCE_MS)
    }
    let problem: Problem | undefined
    try {
      const from = ear.from()
      const headers: Record<string, string> = { accept: 'text/event-stream' }
      if ('last' in from) headers['last-event-id'] = String(from.last)
      const whole = 'after' in from ? `${path}&after=${from.after}` : path
      const response = await fetch(whole, { headers, signal: controller.signal, cache: 'no-store' })
      if (response.ok && response.body !== null) {
        attempt = 0
        lostAt = undefined
        ear.onState({ kind: 'live' })
        await readEventStream(response.body, (message) => ear.onMessage(message), beat)
      } else {
        problem = problemOf(await response.json(), response.status)
      }
    } catch {
      // Broken off or never there: said below, as for a stream that the server ended.
    }
    window.clearTimeout(silence)
    if (ended) return
    if (problem?.status === 401) {
      ear.onState({ kind: 'signedOut', problem })
      return
    }
    lostAt ??= Date.now()
    const pause = RETRY_MS[Math.min(attempt++, RETRY_MS.length - 1)] as number
    ear.onState({ kind: 'lost', since: lostAt, retryAt: Date.now() + pause, ...(problem && { problem }) })
    timer = window.setTimeout(() => void connect(), pause)
  }

  void connect()
  return () => {
    ended = true
    window.clearTimeout(timer)
    current?.abort()
  }
}
