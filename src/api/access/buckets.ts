// Buckets: so much at once and so much a second, for each of many names; the oldest are forgotten when there are too many.
export interface BucketLimit {
  /** So many at once. */
  burst: number
  perSecond: number
}

export interface Buckets {
  /** Takes one; how long to wait in milliseconds where there is none. */
  take(name: string, now: number): number | undefined
  /** Whether there is one, which stays. */
  isEmpty(name: string, now: number): boolean
}

const NAMES_MOST = 10_000

export function buckets({ burst, perSecond }: BucketLimit, most = NAMES_MOST): Buckets {
  /** Full ones are as good as absent. The last used stands last. */
  const known = new Map<string, { left: number; at: number }>()
  return { take, isEmpty }

  function take(name: string, now: number): number | undefined {
    const left = leftOf(name, now)
    known.delete(name)
    known.set(name, { left: Math.max(0, left < 1 ? left : left - 1), at: now })
    if (known.size > most) known.delete(known.keys().next().value as string)
    return left < 1 ? Math.ceil(((1 - left) / perSecond) * 1_000) : undefined
  }

  function isEmpty(name: string, now: number): boolean {
    return leftOf(name, now) < 1
  }

  function leftOf(name: string, now: number): number {
    const one = known.get(name)
    if (!one) return burst
    return Math.min(burst, one.left + (Math.max(0, now - one.at) / 1_000) * perSecond)
  }
}
