import type { FreshDay, Level } from '../store/store.ts'

export const HOUR_MS = 60 * 60 * 1000

/** A day of any zone is made of these: no zone is off by anything less. */
export const QUARTER_MS = HOUR_MS / 4
export const SIX_HOURS_MS = 6 * HOUR_MS
export const DAY_MS = 24 * HOUR_MS
export const WEEK_MS = 7 * DAY_MS
/** Always as long, unlike months. */
export const FOUR_WEEKS_MS = 28 * DAY_MS

/** No view of a session begins further from another one: a record whose session is older than this is set aside. */
export const LONGEST_SESSION_MS = 8 * DAY_MS

/** The lengths of roll-ups, the longest first. */
export const TIERS = [FOUR_WEEKS_MS, WEEK_MS, DAY_MS, SIX_HOURS_MS, HOUR_MS, QUARTER_MS] as const

/** Those that a day has which may still change. */
export const FRESH_TIERS = [DAY_MS, SIX_HOURS_MS, HOUR_MS] as const

/** Parts of a day, so that the days of other zones are made of few: only of sites, whose days are asked one by one. */
const isPartOfDay = (spanMs: number): boolean => spanMs === HOUR_MS || spanMs === SIX_HOURS_MS

/** Nearly every page of a quarter of an hour has one device only: it is not kept without. */
export function hasLevel(spanMs: number, level: Level): boolean {
  if (isPartOfDay(spanMs)) return level === 'site' || level === 'device'
  return spanMs > QUARTER_MS || level !== 'page'
}

/** A stretch of time and what it is read from: roll-ups of one length, or rows (0). */
export interface Piece {
  spanMs: number
  from: number
  to: number
  /** Of a day that may still change: under what its roll-ups stand apart from all others. */
  generation?: string
}

/** When each roll-up of a piece begins. */
export const beginningsOf = ({ spanMs, from, to }: Piece): number[] =>
  Array.from({ length: (to - from) / spanMs }, (_, at) => from + at * spanMs)

export const floorTo = (at: number, spanMs: number): number => Math.floor(at / spanMs) * spanMs
const ceilTo = (at: number, spanMs: number) => Math.ceil(at / spanMs) * spanMs

/** Of what roll-ups there are. */
export interface Kept {
  /** Up to when there are those of each length. */
  done: ReadonlyMap<number, number>
  /** Later days that there are of those of `FRESH_TIERS`; those that stand apart only whole. */
  fresh?: readonly FreshDay[]
  /** Lengths that may be used, the longest first. */
  tiers?: readonly number[]
}

/**
 * Cuts a range into as few pieces as can be: from the longest roll-ups that lie in it whole, at its ends from shorter
 * ones, and what is not rolled up from rows.
 */
export function cover(from: number, to: number, { done, fresh = [], tiers = TIERS }: Kept): Piece[] {
  const settledTo = Math.max(from, done.get(DAY_MS) ?? 0)
  const partsOfDay = FRESH_TIERS.filter((spanMs) => tiers.includes(spanMs))
  const pieces: Piece[] = []
  let at = from
  for (const { day, generation } of fresh.toSorted((a, b) => a.day - b.day)) {
    const end = Math.min(to, day + DAY_MS)
    if (day >= to || end <= settledTo) continue
    add(cut(at, day, tiers, (spanMs) => done.get(spanMs) ?? 0))
    const ofDay = cut(Math.max(at, day), end, generation === undefined ? partsOfDay : [DAY_MS], () => end)
    add(ofDay.map((piece) => (piece.spanMs > 0 && generation !== undefined ? { ...piece, generation } : piece)))
    at = end
  }
  add(cut(at, to, tiers, (spanMs) => done.get(spanMs) ?? 0))
  return pieces

  function add(more: Piece[]): void {
    for (const piece of more) {
      const last = pieces.at(-1)
      if (last?.spanMs === piece.spanMs && last.generation === piece.generation) last.to = piece.to
      else pieces.push(piece)
    }
  }
}

function cut(from: number, to: number, tiers: readonly number[], doneTo: (spanMs: number) => number): Piece[] {
  if (from >= to) return []
  const [spanMs, ...shorter] = tiers
  if (spanMs === undefined) return [{ spanMs: 0, from, to }]
  const first = ceilTo(from, spanMs)
  const last = floorTo(Math.min(to, doneTo(spanMs)), spanMs)
  if (first >= last) return cut(from, to, shorter, doneTo)
  return [...cut(from, first, shorter, doneTo), { spanMs, from: first, to: last }, ...cut(last, to, shorter, doneTo)]
}
