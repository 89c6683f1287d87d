import { bucketOf } from '../log-buckets.ts'
import type { ChangedSession, KeptSession } from './store.ts'

/** What is stored of a session, in the order of `sessionValues`. */
export const SESSION_COLUMNS = [
  ...['session_id', 'site', 'user_id', 'visitor_id', 'person', 'started_at', 'ended_at', 'last_activity_at'],
  ...['duration_ms', 'total_ms', 'visible_ms', 'engaged_ms', 'duration_bucket', 'visible_bucket', 'engaged_bucket'],
  ...['sampling_rate', 'weight', 'status', 'end_reason', 'component_name', 'alive_until', 'heartbeat_ms', 'view_count'],
  ...['entry_path', 'exit_path', 'page_group', 'referrer', 'campaign', 'device', 'is_bot', 'skew_ms'],
  ...['breaks', 'tenths'],
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
  ]
}

/** Whose session it is: the user's, else the visitor's. */
export const personOf = ({ userId, visitorId }: KeptSession): string => userId || visitorId || ''

/** What is read of a session that was kept; null throughout if it was not. */
export interface KeptRow {
  site: string | null
  component_name: string | null
  status: KeptSession['status'] | null
}

export const keptBefore = ({ site, component_name, status }: KeptRow): ChangedSession['kept'] =>
  site !== null && component_name !== null && status !== null
    ? { site, componentName: component_name, status }
    : undefined
