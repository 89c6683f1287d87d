const HOUR_MS = 60 * 60 * 1000

/** A day of any zone is made of these: no zone is off by anything less. */
export const QUARTER_MS = HOUR_MS / 4
export const DAY_MS = 24 * HOUR_MS
/** Always as long, unlike months. */
export const FOUR_WEEKS_MS = 28 * DAY_MS

/** The lengths of roll-ups, the longest first. */
export const TIERS = [FOUR_WEEKS_MS, DAY_MS, QUARTER_MS] as const

/** A stretch of time and what it is read from: roll-ups of one length, or rows (0). */
export interface Piece {
  spanMs: number
  from: number
  to: number
}

export const floorTo = (at: number, spanMs: number): number => Math.floor(at / spanMs) * spanMs
const ceilTo = (at: number, spanMs: number) => Math.ceil(at / spanMs) * spanMs

/**
 * Cuts a range into as few pieces as can be: from the longest roll-ups that lie in it whole, at its ends from shorter
 * ones, and what is not rolled up from rows. `done`: up to when there are roll-ups of each length.
 */
export function cover(from: number, to: number, done: ReadonlyMap<number, number>): Piece[] {
  return cut(from, to, TIERS)

  function cut(from: number, to: number, tiers: readonly number[]): Piece[] {
    if (from >= to) return []
    const [spanMs, ...shorter] = tiers
    if (spanMs === undefined) return [{ spanMs: 0, from, to }]
    const first = ceilTo(from, spanMs)
    const last = floorTo(Math.min(to, done.get(spanMs) ?? 0), spanMs)
    if (first >= last) return cut(from, to, shorter)
    return [...cut(from, first, shorter), { spanMs, from: first, to: last }, ...cut(last, to, shorter)]
  }
}
