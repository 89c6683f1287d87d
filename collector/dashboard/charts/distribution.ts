import type { ReportRow } from '../../src/client.ts'
import { sayDuration } from '../words/duration.ts'

/** What both reports on distributions have: a length in ms, and how many lasted so long, by clock. */
export type Row<Clock extends string> = { fromMs: number; toMs: number } & Record<Clock, number>
export type ViewRow = ReportRow<'distribution'>

/** Rows grow by this, and start at 1 ms. */
const ROW_RATIO = 1.02 ** 5
const rowOf = (ms: number) => Math.round(Math.log(Math.max(1, ms)) / Math.log(ROW_RATIO))

/** About a second, an hour and four: rows that begin there. */
const FIRST = rowOf(1_000)
const HOURS_4 = rowOf(4 * 3_600_000)
/** So many rows make one bar. */
const PER_BAR = 2

const edgeOf = (row: number) => Math.round(ROW_RATIO ** row)

/** One bar: what lasted at least `fromMs` and less than `toMs`. */
export type Bar<Clock extends string> = { fromMs: number; toMs: number | null } & Record<Clock, number>

/** Bars of equal width on a log scale, empty ones too; the first begins at 0, the last has no end. */
export function barsOf<Clock extends string>(rows: readonly Row<Clock>[], clocks: readonly Clock[]): Bar<Clock>[] {
  const longest = Math.max(FIRST + 10 * PER_BAR, ...rows.map(({ fromMs }) => rowOf(fromMs) + 1))
  const last = Math.min(longest, HOURS_4)
  const starts: number[] = []
  for (let row = FIRST; row < last; row += PER_BAR) starts.push(row)
  const bars = [0, ...starts].map((row, at): Bar<Clock> => {
    const next = starts[at]
    const nothing = Object.fromEntries(clocks.map((clock) => [clock, 0])) as Record<Clock, number>
    return { ...nothing, fromMs: at === 0 ? 0 : edgeOf(row), toMs: next === undefined ? null : edgeOf(next) }
  })
  for (const row of rows) {
    const at = Math.floor((rowOf(row.fromMs) - FIRST) / PER_BAR) + 1
    const bar = bars[Math.min(bars.length - 1, row.fromMs === 0 ? 0 : Math.max(0, at))]!
    for (const clock of clocks) (bar as Record<Clock, number>)[clock] += row[clock]
  }
  return bars
}

/** Who is still there at an instant: the share that lasted at least so long. */
export type Point<Clock extends string> = { ms: number } & Record<Clock, number>

/** From the beginning on, on a log scale, until hardly anybody is left. */
export function survivalOf<Clock extends string>(
  rows: readonly Row<Clock>[],
  clocks: readonly Clock[],
): Point<Clock>[] {
  const totals = Object.fromEntries(clocks.map((clock) => [clock, sum(rows, clock)])) as Record<Clock, number>
  const points: Point<Clock>[] = []
  for (let row = FIRST; row <= HOURS_4; row++) {
    const shares = clocks.map((clock) => {
      const left = sum(
        rows.filter(({ fromMs }) => fromMs > 0 && rowOf(fromMs) >= row),
        clock,
      )
      return [clock, totals[clock] > 0 ? left / totals[clock] : 0] as const
    })
    points.push({ ms: edgeOf(row), ...(Object.fromEntries(shares) as Record<Clock, number>) })
    if (shares.every(([, share]) => share < 0.001)) break
  }
  return points
}

const LEAVING = [0, 5, 10, 30, 60, 180, 600, 1_800].map((seconds) => seconds * 1_000)

/** When views end: of all, and of those that were still there at the beginning of the stretch. */
export interface Leaving {
  fromMs: number
  toMs: number | null
  ofAll: number
  ofThose: number
}

export function leavingOf<Clock extends string>(rows: readonly Row<Clock>[], clock: Clock): Leaving[] {
  const all = sum(rows, clock)
  const from = (ms: number) =>
    ms === 0
      ? all
      : sum(
          rows.filter((row) => row.fromMs > 0 && Math.sqrt(row.fromMs * row.toMs) >= ms),
          clock,
        )
  return LEAVING.map((fromMs, at) => {
    const toMs = LEAVING[at + 1] ?? null
    const there = from(fromMs)
    const gone = there - (toMs === null ? 0 : from(toMs))
    return { fromMs, toMs, ofAll: all > 0 ? gone / all : 0, ofThose: there > 0 ? gone / there : 0 }
  })
}

const sum = <Clock extends string>(rows: readonly Row<Clock>[], clock: Clock) =>
  rows.reduce((total, row) => total + row[clock], 0)

const ROUND = [1, 2, 5, 10, 30, 60, 180, 600, 1_800, 3_600, 10_800].map((seconds) => seconds * 1_000)

/** Where round lengths are among places that begin at these: labels of a log scale. */
export function marksOf(places: readonly number[]): [at: number, label: string][] {
  return ROUND.flatMap((ms): [number, string][] => {
    const at = places.findIndex((place) => place >= ms * 0.96)
    return at < 0 ? [] : [[at, sayDuration(ms)]]
  })
}

/** `5 s to 10 s`, `under 1 s`, `over 30 m`. */
export function sayStretch({ fromMs, toMs }: { fromMs: number; toMs: number | null }): string {
  if (toMs === null) return `over ${sayDuration(fromMs)}`
  return fromMs === 0 ? `under ${sayDuration(toMs)}` : `${sayDuration(fromMs)} to ${sayDuration(toMs)}`
}
