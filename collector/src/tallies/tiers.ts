import type { FreshDay, Level } from '../store/store.ts'

const HOUR_MS = 60 * 60 * 1000

/** A day of any zone is made of these: no zone is off by anything less. */
export const QUARTER_MS = HOUR_MS / 4
export const DAY_MS = 24 * HOUR_MS
export const WEEK_MS = 7 * DAY_MS
/** Always as long, unlike months. */
export const FOUR_WEEKS_MS = 28 * DAY_MS

/** The lengths of roll-ups, the longest first. */
const TIERS = [FOUR_WEEKS_MS, WEEK_MS, DAY_MS, QUARTER_MS] as const

/** Nearly every page of a quarter of an hour has one device only: it is not kept without. */
export const hasLevel = (spanMs: number, level: Level): boolean => spanMs > QUARTER_MS || level !== 'page'

/** A stretch of time and what it is read from: roll-ups of one length, or rows (0). */
export interface Piece {
  spanMs: number
  from: number
  to: number
  /** Of a day that may still change: under what its roll-ups stand apart from all others. */
  generation?: string
}

export const floorTo = (at: number, spanMs: number): number => Math.floor(at / spanMs) * spanMs
const ceilTo = (at: number, spanMs: number) => Math.ceil(at / spanMs) * spanMs

/**
 * Cuts a range into as few pieces as can be: from the longest roll-ups that lie in it whole, at its ends from shorter
 * ones, and what is not rolled up from rows. `done`: up to when there are roll-ups of each length; `fresh`: later days
 * that there are, too.
 */
export function cover(
  from: number,
  to: number,
  done: ReadonlyMap<number, number>,
  fresh: readonly FreshDay[] = [],
): Piece[] {
  const later = fresh.filter(({ day }) => day >= Math.max(from, done.get(DAY_MS) ?? 0) && day + DAY_MS <= to)
  const pieces: Piece[] = []
  let at = from
  for (const { day, generation } of later.sort((a, b) => a.day - b.day)) {
    pieces.push(...cut(at, day, TIERS))
    const last = pieces.at(-1)
    const isOfAll = generation === undefined
    if (isOfAll && last?.spanMs === DAY_MS && last.to === day) last.to = day + DAY_MS
    else pieces.push({ spanMs: DAY_MS, from: day, to: day + DAY_MS, ...(isOfAll ? {} : { generation }) })
    at = day + DAY_MS
  }
  return [...pieces, ...cut(at, to, TIERS)]

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
