// Durations as operators write them (`2s`, `5m`, `1h30m`) and as we count them (milliseconds).

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** So many digits that the sum is a span that clocks and dates can still be added to. */
export const DURATION_PATTERN = '^(\\d{1,7}(\\.\\d{1,7})?(ms|s|m|h|d)){1,5}$'
const PATTERN = new RegExp(DURATION_PATTERN)

/** Milliseconds, or undefined when the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!PATTERN.test(text)) return undefined
  let ms = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    ms += Number(amount) * (UNIT_MS[unit as string] as number)
  }
  return ms
}

/** Short and readable: `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${pad((ms % 60_000) / 1_000)} s`
  return `${Math.floor(ms / 3_600_000)} h ${pad((ms % 3_600_000) / 60_000)} min`
}

function pad(amount: number): string {
  return String(Math.floor(amount)).padStart(2, '0')
}
