import type { ViewRecord } from 'dwelltime/protocol'
import { merged, type Stretch, stretchesOf, visibleStretches } from './stretches.ts'

/** The strongest first: what a break is called after. */
const KINDS = ['suspended', 'hidden', 'idle'] as const
export type BreakKind = (typeof KINDS)[number]

/** A stretch inside a session without engaged time; where it begins counts from the session's start. */
export type Break = readonly [kind: BreakKind, fromMs: number, lengthMs: number]

/** Shorter ones are breaths, not breaks. */
const SHORTEST_BREAK_MS = 1_000

/** The breaks of a session. A stretch still open at its end is none: nobody came back from it. */
export function breaksOf(views: readonly ViewRecord[], startedAt: number): Break[] {
  const rests = restsOf(views, startedAt)
  if (rests.length === 0) return []
  const suspended = views.flatMap((view) => stretchesOf(view, ['suspended']))
  const shown = merged(views.flatMap(visibleStretches))
  return rests.map((rest) => [kindOf(rest, suspended, shown), rest[0] - startedAt, rest[1] - rest[0]])
}

function restsOf(views: readonly ViewRecord[], startedAt: number): Stretch[] {
  const rests: Stretch[] = []
  let restedFrom = startedAt
  for (const [from, to] of engagedTime(views)) {
    if (from - restedFrom >= SHORTEST_BREAK_MS) rests.push([restedFrom, from])
    restedFrom = Math.max(restedFrom, to)
  }
  return rests
}

/** Engaged ms in each tenth of a session, overlapping views counted once. */
export function engagedTenths(views: readonly ViewRecord[], [startedAt, endedAt]: Stretch): number[] {
  const stretches = engagedTime(views)
  const lengthMs = (endedAt - startedAt) / 10
  return Array.from({ length: 10 }, (_, tenth) => {
    const [from, to] = [startedAt + tenth * lengthMs, startedAt + (tenth + 1) * lengthMs]
    return Math.round(stretches.reduce((sum, stretch) => sum + overlapMs(stretch, [from, to]), 0))
  })
}

const engagedTime = (views: readonly ViewRecord[]) => merged(views.flatMap((view) => stretchesOf(view, ['engaged'])))

/** Hidden is whatever part of it no view was shown, be it that none was open at all. `shown` has no overlaps. */
function kindOf(rest: Stretch, suspended: readonly Stretch[], shown: readonly Stretch[]): BreakKind {
  if (suspended.some((stretch) => overlapMs(stretch, rest) > 0)) return 'suspended'
  const shownMs = shown.reduce((sum, stretch) => sum + overlapMs(stretch, rest), 0)
  return shownMs < rest[1] - rest[0] ? 'hidden' : 'idle'
}

const overlapMs = (a: Stretch, b: Stretch) => Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]))
