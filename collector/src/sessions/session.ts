import type { SessionEndReason, ViewRecord } from 'dwelltime/protocol'
import type { DeviceClass } from '../ingest/user-agent.ts'
import type { ReceivedView } from '../store/store.ts'
import { type Break, breaksOf, engagedTenths } from './breaks.ts'
import { clockCorrectionMs } from './clock-correction.ts'
import { lastEnd, totalStretches, unionMs, visibleStretches } from './stretches.ts'

/** How a session stands. `error`: its visitor was lost while the page was shown. */
export type SessionStatus = 'open' | 'success' | 'error'

export interface SessionEnd {
  status: SessionStatus
  /** Null while it is open. `reaped`: the collector ended it, some page was last heard of while shown. */
  endReason: SessionEndReason | 'reaped' | null
}

/** What the views of a session say together. */
export interface SessionMeasure {
  sessionId: string
  site: string
  client: string
  /** The last one told, null if none was; so is `visitorId`. */
  userId: string | null
  visitorId: string | null
  /** Every user and visitor id that was told. */
  people: string[]
  /** Instants are corrected for the device's skew. */
  startedAt: number
  /** The last instant at which a view was visible. */
  endedAt: number
  lastActivityAt: number
  durationMs: number
  /** Time with a page open: the union over the views, as is visible. */
  totalMs: number
  visibleMs: number
  engagedMs: number
  samplingRate: number
  viewCount: number
  /** Where it began and where it was last visible, or as far as is known. */
  entryPath: string
  exitPath: string
  /** Of its first view, empty where that told none. */
  pageGroup: string
  referrer: string
  campaign: string
  device: DeviceClass
  isBot: boolean
  /** By how much its instants were corrected. */
  skewMs: number
  breaks: Break[]
  /** Engaged time in each tenth of its duration. */
  tenths: number[]
}

export interface Session extends SessionMeasure, SessionEnd {}

/** From the newest record of each view, in any order, to what they say together. */
export function measureSession(views: readonly ReceivedView[]): SessionMeasure {
  const inOrder = views.toSorted((a, b) => byStart(a.record, b.record))
  const records = inOrder.map((view) => view.record)
  const first = records[0]!
  const skewMs = sessionSkewMs(views)

  const startedAt = -highest(records, (view) => -Math.min(view.sessionStartedAt, view.startedAt))
  const shown = records.map(visibleStretches)
  const lastShownAt = shown.map(lastEnd)
  const endedAt = highest(lastShownAt, (at) => at ?? startedAt)
  const visibleMs = Math.min(
    sum(records, (view) => view.visibleMs),
    unionMs(shown.flat()),
  )

  return {
    sessionId: first.sessionId,
    site: first.site,
    client: first.client,
    userId: lastTold(records, (view) => view.userId),
    visitorId: lastTold(records, (view) => view.visitorId),
    people: peopleOf(records),
    startedAt: startedAt + skewMs,
    endedAt: endedAt + skewMs,
    lastActivityAt: highest(records, (view) => view.lastActivityAt) + skewMs,
    durationMs: endedAt - startedAt,
    totalMs: unionMs(records.flatMap(totalStretches)),
    visibleMs,
    engagedMs: Math.min(
      visibleMs,
      sum(records, (view) => view.engagedMs),
    ),
    samplingRate: first.samplingRate,
    viewCount: records.length,
    entryPath: first.path,
    exitPath: records[indexOfLast(lastShownAt)]!.path,
    pageGroup: first.pageGroup ?? '',
    referrer: first.referrerHost ?? '',
    campaign: first.utm?.campaign ?? '',
    device: inOrder[0]!.device,
    isBot: inOrder.some((view) => view.isBot),
    skewMs,
    breaks: breaksOf(records, startedAt),
    tenths: engagedTenths(records, [startedAt, endedAt]),
  }
}

/** Where the view is that was on screen last; of several the one that began last. */
function indexOfLast(lastShownAt: readonly (number | undefined)[]): number {
  const atOrNever = (index: number) => lastShownAt[index] ?? Number.NEGATIVE_INFINITY
  return lastShownAt.reduce<number>((last, _, index) => (atOrNever(index) >= atOrNever(last) ? index : last), 0)
}

function peopleOf(records: readonly ViewRecord[]): string[] {
  const people = new Set<string>()
  for (const { userId, visitorId } of records) {
    if (userId) people.add(userId)
    if (visitorId) people.add(visitorId)
  }
  return [...people]
}

/** The end that a tab told of; open if none did. */
export function toldEnd(views: readonly ReceivedView[]): SessionEnd {
  const endReason = lastTold(
    views.map((view) => view.record),
    (view) => view.sessionEndReason,
  )
  return endReason ? { status: 'success', endReason } : { status: 'open', endReason: null }
}

/** The end of a session that nobody is alive to end. */
export function abandonedEnd(views: readonly ReceivedView[]): SessionEnd {
  const lostWhileShown = views.some(({ record }) => isShown(record) && !record.endReason)
  return lostWhileShown ? { status: 'error', endReason: 'reaped' } : { status: 'success', endReason: 'inactivity' }
}

/** Until when the visitor may still be there unheard: the last sign of each view plus the session's own timeout. */
export function aliveUntil(views: readonly ReceivedView[]): number {
  return highest(views, ({ record, receivedAt, skewMs }) => {
    const lastActivityAt = record.lastActivityAt + clockCorrectionMs(skewMs)
    return Math.max(lastActivityAt, receivedAt) + record.sessionTimeoutMs
  })
}

export const heartbeatMs = (views: readonly ReceivedView[]): number => highest(views, (view) => view.record.heartbeatMs)

/** One correction for the whole session: per view it would tear apart what the device's clock keeps together. */
function sessionSkewMs(views: readonly ReceivedView[]): number {
  let newest: ReceivedView | undefined
  for (const view of views) {
    if (view.skewMs !== null && (!newest || isNewer(view, newest))) newest = view
  }
  return clockCorrectionMs(newest?.skewMs ?? null)
}

const isNewer = (a: ReceivedView, b: ReceivedView) =>
  (a.receivedAt - b.receivedAt || order(b.record.viewId, a.record.viewId)) > 0

const isShown = (view: ViewRecord) => view.state === 'active' || view.state === 'passive'

/** What the view with the latest activity says, of those that say it. An empty text says nothing. */
function lastTold<T extends string>(
  records: readonly ViewRecord[],
  tell: (view: ViewRecord) => T | undefined,
): T | null {
  let latest: ViewRecord | undefined
  for (const view of records) {
    if (tell(view) && (!latest || isLater(view, latest))) latest = view
  }
  return (latest && tell(latest)) ?? null
}

const isLater = (a: ViewRecord, b: ViewRecord) => (a.lastActivityAt - b.lastActivityAt || byStart(a, b)) > 0

/** A total order, so that no order of arrival can change the result. */
const byStart = (a: ViewRecord, b: ViewRecord) => a.startedAt - b.startedAt || order(a.viewId, b.viewId)

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** `Math.max(...)` without its limit on arguments: a session may have any number of views. */
const highest = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((most, item) => Math.max(most, of(item)), Number.NEGATIVE_INFINITY)

const sum = <T>(items: readonly T[], of: (item: T) => number) => items.reduce((total, item) => total + of(item), 0)
