import type { Role } from './deliverable.ts'

/** One stay on one page as it really was; the truth of its end may be a range. Instants in epoch ms. */
export interface Stay {
  role: Role
  path: string
  startedAt: number
  leastMs: number
  mostMs: number
}

/** One view as the collector has it. */
export interface Row {
  viewId: string
  path: string
  startedAt: number
  visibleMs: number
}

export interface Judged {
  stay: Stay
  row?: Row
  /** Stored minus true; 0 inside of the range, null where nothing is stored. */
  errorMs: number | null
  isHeld: boolean
}

/** The most that a stored view may have too much, in ms. */
const MOST_OVER_MS = 30

/** Two stays on one page begin farther apart. */
const SAME_START_MS = 500

/** The most that a stored view may be short of: what passes between two checkpoints, and a look. */
export const mostShort = (visibleMs: number): number => Math.max(600, visibleMs * 0.08)

/** Holds the rows against the stays. A row that is of no stay is one too many. */
export function judge(stays: Stay[], rows: Row[]): { judged: Judged[]; extra: Row[] } {
  const pairs = stays.flatMap((stay) =>
    rows
      .filter(({ path }) => path === stay.path)
      .map((row) => ({ stay, row, apart: Math.abs(row.startedAt - stay.startedAt) }))
      .filter(({ apart }) => apart <= SAME_START_MS),
  )
  const found = new Map<Stay, Row>()
  const taken = new Set<Row>()
  // The nearest first: one that lies between two stays must not take the place of a better one.
  for (const { stay, row } of pairs.sort((a, b) => a.apart - b.apart)) {
    if (found.has(stay) || taken.has(row)) continue
    found.set(stay, row)
    taken.add(row)
  }
  const judged = stays.map((stay): Judged => {
    const row = found.get(stay)
    if (!row) return { stay, errorMs: null, isHeld: false }
    const errorMs = Math.round(Math.max(0, row.visibleMs - stay.mostMs) + Math.min(0, row.visibleMs - stay.leastMs))
    return { stay, row, errorMs, isHeld: errorMs <= MOST_OVER_MS && -errorMs <= mostShort(stay.leastMs) }
  })
  return { judged, extra: rows.filter((row) => !taken.has(row)) }
}

/**
 * What became of a view: it was there before the next visit, or came with it or from a page that lived on; it is there
 * but not all of it, or too much; it is not there.
 */
export type Outcome = 'exit' | 'later' | 'short' | 'over' | 'lost'

export function outcomeOf({ errorMs, isHeld }: Judged, wasHeldAtExit: boolean): Outcome {
  if (errorMs === null) return 'lost'
  if (!isHeld) return errorMs > 0 ? 'over' : 'short'
  return wasHeldAtExit ? 'exit' : 'later'
}
