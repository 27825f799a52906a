// Moments and spans as people read them: local time, and how long something took.
import { span } from '../../../src/model/phrases.ts'

export function formatDuration(ms: number): string {
  return span(0, ms)
}

export function localTime(at: number): string {
  const date = new Date(at)
  const today = new Date().toDateString() === date.toDateString()
  const time = date.toLocaleTimeString('en-GB')
  return today ? time : `${date.toLocaleDateString('en-CA')} ${time}`
}
