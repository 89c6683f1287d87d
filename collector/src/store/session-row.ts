import { bucketOf } from '../log-buckets.ts'
import type { KeptBefore, KeptSession } from './store.ts'

/** What is stored of a session, in the order of `sessionValues`. */
export const SESSION_COLUMNS = [
  ...['session_id', 'site', 'user_id', 'visitor_id', 'person', 'started_at', 'ended_at', 'last_activity_at'],
  ...['duration_ms', 'total_ms', 'visible_ms', 'engaged_ms', 'duration_bucket', 'visible_bucket', 'engaged_bucket'],
  ...['sampling_rate', 'weight', 'status', 'end_reason', 'component_name', 'alive_until', 'heartbeat_ms', 'view_count'],
  ...['entry_path', 'exit_path', 'page_group', 'referrer', 'campaign', 'device', 'is_bot', 'skew_ms'],
  ...['breaks', 'tenths', 'counted_ms', 'counted_views'],
]

/** A list, as that of a view: objects of so many fields are slow to take apart and put together. */
export function sessionValues(session: KeptSession): unknown[] {
  const { sessionId, site, userId, visitorId, startedAt, endedAt, lastActivityAt } = session
  const { durationMs, totalMs, visibleMs, engagedMs, samplingRate, status, endReason, componentName } = session
  const { aliveUntil, heartbeatMs, viewCount, entryPath, exitPath, pageGroup, referrer, campaign } = session
  return [
    ...[sessionId, site, userId, visitorId, personOf(session), startedAt, endedAt, lastActivityAt],
    ...[durationMs, totalMs, visibleMs, engagedMs, bucketOf(durationMs), bucketOf(visibleMs), bucketOf(engagedMs)],
    ...[samplingRate, 1 / samplingRate, status, endReason, componentName, aliveUntil, heartbeatMs, viewCount],
    ...[entryPath, exitPath, pageGroup, referrer, campaign, session.device, Number(session.isBot), session.skewMs],
    ...[JSON.stringify(session.breaks), JSON.stringify(session.tenths)],
    ...[session.countedMs, session.countedViews.join()],
  ]
}

/** Whose session it is: the user's, else the visitor's. */
export const personOf = ({ userId, visitorId }: KeptSession): string => userId || visitorId || ''

/** What is read of a session that was kept; null throughout if it was not. */
export type KeptRow = { [K in (typeof KEPT)[number]]: KeptValues[K] | null }

interface KeptValues {
  site: string
  component_name: string
  status: KeptSession['status']
  counted_ms: number
  counted_views: string
  duration_ms: number
  total_ms: number
  visible_ms: number
  engaged_ms: number
}

const KEPT = [
  ...(['site', 'component_name', 'status', 'counted_ms', 'counted_views'] as const),
  ...(['duration_ms', 'total_ms', 'visible_ms', 'engaged_ms'] as const),
] as const

/** These columns of a table, as a list for SELECT. */
export const keptColumns = (table: string): string => KEPT.map((column) => `${table}.${column} AS ${column}`).join(', ')

export function keptBefore(row: KeptRow): KeptBefore | undefined {
  if (row.site === null) return undefined
  const kept = row as KeptValues
  return {
    site: kept.site,
    componentName: kept.component_name,
    status: kept.status,
    countedMs: kept.counted_ms,
    countedViews: kept.counted_views ? kept.counted_views.split(',') : [],
    durationMs: kept.duration_ms,
    totalMs: kept.total_ms,
    visibleMs: kept.visible_ms,
    engagedMs: kept.engaged_ms,
  }
}
