import type { Span, ViewRecord } from 'dwelltime/protocol'

/** A piece of wall time: instants in ms since the epoch. */
export type Stretch = readonly [from: number, to: number]

/** When the view was in one of these ways, in wall time. */
export function stretchesOf(view: ViewRecord, kinds: readonly Span[0][]): Stretch[] {
  const suspended = suspensions(view)
  const stretches: Stretch[] = []
  for (const [kind, from, to] of view.spans) {
    if (kind !== 'suspended' && kinds.includes(kind)) addWallTime(stretches, view, [from, to], suspended)
  }
  if (kinds.includes('suspended')) stretches.push(...suspendedTime(view, suspended))
  return stretches
}

/** When the view was on screen, in wall time. */
export const visibleStretches = (view: ViewRecord): Stretch[] => stretchesOf(view, ['engaged', 'idle', 'unfocused'])

/** When the view's page was open and running, in wall time. */
export function totalStretches(view: ViewRecord): Stretch[] {
  const stretches: Stretch[] = []
  addWallTime(stretches, view, [0, view.totalMs], suspensions(view))
  return stretches
}

/** The latest end of all; undefined if there are none. */
export const lastEnd = (stretches: readonly Stretch[]): number | undefined =>
  stretches.reduce<number | undefined>((last, [, to]) => Math.max(last ?? to, to), undefined)

/** The same time without overlaps, in order. */
export function merged(stretches: readonly Stretch[]): Stretch[] {
  const apart: [from: number, to: number][] = []
  let last: [from: number, to: number] | undefined
  for (const [from, to] of inOrder(stretches)) {
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else {
      last = [from, to]
      apart.push(last)
    }
  }
  return apart
}

/** Those of one view come in order. */
function inOrder(stretches: readonly Stretch[]): readonly Stretch[] {
  const isInOrder = stretches.every(([from], index) => index === 0 || stretches[index - 1]![0] <= from)
  return isInOrder ? stretches : stretches.toSorted((a, b) => a[0] - b[0])
}

/** The length in ms that the stretches cover together. */
export const unionMs = (stretches: readonly Stretch[]): number =>
  merged(stretches).reduce((sum, [from, to]) => sum + to - from, 0)

/**
 * Adds part of the view's total clock as wall time. Suspensions take no place on that clock: each one before the part
 * moves it, each one inside cuts it in two. Nothing reaches beyond `totalMs`, whatever the spans claim.
 */
function addWallTime(
  stretches: Stretch[],
  { startedAt, totalMs }: ViewRecord,
  [fromMs, toMs]: Stretch,
  suspended: readonly Span[],
): void {
  const endMs = Math.min(toMs, totalMs)
  let at = fromMs
  let suspendedMs = 0
  for (const [, suspendedAt, lengthMs] of suspended) {
    if (suspendedAt >= endMs) break
    if (suspendedAt > at) {
      stretches.push([startedAt + suspendedMs + at, startedAt + suspendedMs + suspendedAt])
      at = suspendedAt
    }
    suspendedMs += lengthMs
  }
  if (endMs > at) stretches.push([startedAt + suspendedMs + at, startedAt + suspendedMs + endMs])
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

/** Of most views: nothing has to be gathered and sorted. */
const NONE: readonly Span[] = []

const isSuspension = ([kind]: Span) => kind === 'suspended'

const suspensions = (view: ViewRecord): readonly Span[] =>
  view.spans.some(isSuspension) ? view.spans.filter(isSuspension).sort((a, b) => a[1] - b[1]) : NONE
