import type { ViewRecord } from 'dwelltime/protocol'
import type { ReceivedView } from '../store/store.ts'
import { stretchesOf, totalStretches, unionMs } from './stretches.ts'

/**
 * How long pages of an open session were open, up to its last engaged instant, in ms. What comes after that instant may
 * still be cut off by the session's end, and what was counted cannot be taken back.
 */
export function accruedMs(views: readonly ReceivedView[]): number {
  const records = views.map((view) => view.record)
  const engagedTo = records
    .flatMap((view) => stretchesOf(view, ['engaged']))
    .reduce((last, [, to]) => Math.max(last, to), 0)
  const upTo = records
    .flatMap(totalStretches)
    .filter(([from]) => from < engagedTo)
    .map(([from, to]) => [from, Math.min(to, engagedTo)] as const)
  return unionMs(upTo)
}

/** Enough of a view's id to know it among those of its session. */
const SHORT_ID = 12

export const shortId = ({ viewId }: ViewRecord): string => viewId.slice(-SHORT_ID)

/** The views that nobody comes back to and that were not counted yet; all of them when their session is over. */
export function endedViews(views: readonly ReceivedView[], counted: readonly string[], isOver: boolean): ViewRecord[] {
  const known = new Set(counted)
  return views.map((view) => view.record).filter((view) => (isOver || view.endReason) && !known.has(shortId(view)))
}
