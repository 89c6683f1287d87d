import type { Span, ViewRecord } from 'dwelltime/protocol'

/** A piece of wall time: instants in ms since the epoch. */
export type Stretch = readonly [from: number, to: number]

/** When the view was in one of these ways, in wall time. */
export function stretchesOf(view: ViewRecord, kinds: readonly Span[0][]): Stretch[] {
  const suspended = suspensions(view)
  const stretches: Stretch[] = []
  for (const [kind, from, to] of view.spans) {
    if (kind !== 'suspended' && kinds.includes(kind)) stretches.push(...wallTime(view, from, to, suspended))
  }
  if (kinds.includes('suspended')) stretches.push(...suspendedTime(view, suspended))
  return stretches
}

/** When the view was on screen, in wall time. */
export const visibleStretches = (view: ViewRecord): Stretch[] => stretchesOf(view, ['engaged', 'idle', 'unfocused'])

/** When the view's page was open and running, in wall time. */
export const totalStretches = (view: ViewRecord): Stretch[] => wallTime(view, 0, view.totalMs, suspensions(view))

/** The last instant at which the view was on screen; undefined if it never was. */
export function lastVisibleAt(view: ViewRecord): number | undefined {
  return visibleStretches(view).reduce<number | undefined>((last, [, to]) => Math.max(last ?? to, to), undefined)
}

/** The same time without overlaps, in order. */
export function merged(stretches: readonly Stretch[]): Stretch[] {
  const apart: [from: number, to: number][] = []
  for (const [from, to] of stretches.toSorted((a, b) => a[0] - b[0])) {
    const last = apart.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else apart.push([from, to])
  }
  return apart
}

/** The length in ms that the stretches cover together. */
export const unionMs = (stretches: readonly Stretch[]): number =>
  merged(stretches).reduce((sum, [from, to]) => sum + to - from, 0)

/**
 * Part of the view's total clock as wall time. Suspensions take no place on that clock: each one before the part
 * moves it, each one inside cuts it in two. Nothing reaches beyond `totalMs`, whatever the spans claim.
 */
function wallTime(view: ViewRecord, fromMs: number, toMs: number, suspended: readonly Span[]): Stretch[] {
  const stretches: Stretch[] = []
  const endMs = Math.min(toMs, view.totalMs)
  let at = fromMs
  let suspendedMs = 0
  for (const [, suspendedAt, lengthMs] of suspended) {
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

/** What the view's clocks left out. One at its very end is none: nothing came after it. */
function suspendedTime(view: ViewRecord, suspended: readonly Span[]): Stretch[] {
  const stretches: Stretch[] = []
  let suspendedMs = 0
  for (const [, suspendedAt, lengthMs] of suspended) {
    if (suspendedAt >= view.totalMs) break
    const from = view.startedAt + suspendedMs + suspendedAt
    stretches.push([from, from + lengthMs])
    suspendedMs += lengthMs
  }
  return stretches
}

const suspensions = (view: ViewRecord): Span[] =>
  view.spans.filter(([kind]) => kind === 'suspended').sort((a, b) => a[1] - b[1])
