// The text of a log: what is there, and while the run goes on what is added, resumed from where it broke off.
import { useEffect, useState } from 'react'
import { type Problem, problemOf } from '../http/ask.ts'
import { readEventStream } from '../live/event-stream.ts'

export interface LogText {
  text: string
  problem: Problem | undefined
  ended: boolean
}

/** What a page can hold; of longer logs the end counts. */
const MOST = 4_000_000
const RETRY_MS = 1_000

export function useLogText(run: string, running: boolean): LogText {
  const [log, setLog] = useState<LogText>({ text: '', problem: undefined, ended: false })
  useEffect(() => {
    const gone = new AbortController()
    setLog({ text: '', problem: undefined, ended: false })
    void follow(run, running, gone.signal, (change) => setLog((before) => ({ ...before, ...change(before) })))
    return () => gone.abort()
  }, [run, running])
  return log
}

async function follow(
  run: string,
  running: boolean,
  signal: AbortSignal,
  change: (make: (before: LogText) => Partial<LogText>) => void,
): Promise<void> {
  let offset = '0'
  const add = (text: string): void => change((before) => ({ text: (before.text + text).slice(-MOST) }))
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = running
        ? { accept: 'text/event-stream', 'last-event-id': offset }
        : { accept: 'text/plain' }
      const response = await fetch(`/api/v1/runs/${run}/log`, { headers, signal })
      if (!response.ok || response.body === null) {
        const problem = problemOf(await response.json(), response.status)
        return change(() => ({ problem, ended: true }))
      }
      if (!running) {
        const text = await response.text()
        return change(() => ({ text: text.slice(-MOST), ended: true }))
      }
      let over = false
      const onMessage = ({ id, event, data }: { id?: string; event: string; data: string }): void => {
        if (id !== undefined) offset = id
        if (event === 'end') over = true
        else add(textOf(data))
      }
      await readEventStream(response.body, onMessage, () => {})
      if (over) return change(() => ({ ended: true }))
    } catch {
      // The line broke: it goes on from the offset that was heard last.
    }
    await new Promise((passed) => window.setTimeout(passed, RETRY_MS))
  }
}

/** JSON where the server packs the piece, so that line ends survive; else the text as it is. */
function textOf(data: string): string {
  if (!data.startsWith('{') && !data.startsWith('"')) return data
  try {
    const body: unknown = JSON.parse(data)
    if (typeof body === 'string') return body
    const { text } = body as { text?: unknown }
    return typeof text === 'string' ? text : data
  } catch {
    return data
  }
}
