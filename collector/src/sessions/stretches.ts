import type { ViewRecord } from 'dwelltime/protocol'

/** A piece of wall time: instants in ms since the epoch. */
export type Stretch = readonly [from: number, to: number]

/** When the view was on screen, in wall time. */
export function visibleStretches(view: ViewRecord): Stretch[] {
  const stretches: Stretch[] = []
  for (const [kind, from, to] of view.spans) {
    if (kind !== 'hidden' && kind !== 'suspended') stretches.push(...wallTime(view, from, to))
  }
  return stretches
}

/** When the view's page was open and running, in wall time. */
export const totalStretches = (view: ViewRecord): Stretch[] => wallTime(view, 0, view.totalMs)

/** The last instant at which the view was on screen; undefined if it never was. */
export function lastVisibleAt(view: ViewRecord): number | undefined {
  const ends = visibleStretches(view).map(([, to]) => to)
  return ends.length > 0 ? Math.max(...ends) : undefined
}

/** The length in ms that the stretches cover together. */
export function unionMs(stretches: readonly Stretch[]): number {
  let coveredMs = 0
  let coveredTo = Number.NEGATIVE_INFINITY
  for (const [from, to] of stretches.toSorted((a, b) => a[0] - b[0])) {
    coveredMs += Math.max(0, to - Math.max(from, coveredTo))
    coveredTo = Math.max(coveredTo, to)
  }
  return coveredMs
}

/**
 * Part of the view's total clock as wall time. Suspensions take no place on that clock: each one before the part
 * moves it, each one inside cuts it in two. Nothing reaches beyond `totalMs`, whatever the spans claim.
 */
function wallTime(view: ViewRecord, fromMs: number, toMs: number): Stretch[] {
  const stretches: Stretch[] = []
  const endMs = Math.min(toMs, view.totalMs)
  let at = fromMs
  let suspendedMs = 0
  for (const [, suspendedAt, lengthMs] of suspensions(view)) {
    if (suspendedAt >= endMs) break
    if (suspendedAt > at) {
      stretches.push([view.startedAt + suspendedMs + at, view.startedAt + suspendedMs + suspendedAt])
      at = suspendedAt
    }
    suspendedMs += lengthMs
  }
  if (endMs > at) stretches.push([view.startedAt + suspendedMs + at, view.startedAt + suspendedMs + endMs])
  return stretches
}

const suspensions = (view: ViewRecord) =>
  view.spans.filter(([kind]) => kind === 'suspended').sort((a, b) => a[1] - b[1])
