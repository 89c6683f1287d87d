const MINUTE_MS = 60_000

/** The most senders that are remembered, some 20 MiB; beyond it those quiet for longest start anew. */
const MAX_SENDERS = 100_000

interface Bucket {
  tokens: number
  filledAt: number
}

/**
 * Lets each key take `perMinute` at once and as many a minute. Answers the ms until there is enough again, 0 if
 * there is now; what is refused takes nothing.
 */
export function createRateLimit(perMinute: number, maxSenders = MAX_SENDERS) {
  const buckets = new Map<string, Bucket>()
  const perMs = perMinute / MINUTE_MS

  return function take(key: string, amount: number, now: number): number {
    const known = buckets.get(key) ?? { tokens: perMinute, filledAt: now }
    const passedMs = Math.max(0, now - known.filledAt) // a clock set back gives nothing and takes nothing
    const tokens = Math.min(perMinute, known.tokens + passedMs * perMs)
    // More than a minute's worth at once could never be had: it waits for all there is.
    const wanted = Math.min(amount, perMinute)
    const isEnough = tokens >= wanted
    buckets.delete(key) // to the end of the order: the first key is the one quiet for longest
    buckets.set(key, { tokens: isEnough ? tokens - wanted : tokens, filledAt: now })
    if (buckets.size > maxSenders) buckets.delete(buckets.keys().next().value!)
    return isEnough ? 0 : Math.ceil((wanted - tokens) / perMs)
  }
}
