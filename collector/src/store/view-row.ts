import type { SendMethod, ViewRecord } from 'dwelltime/protocol'
import type { DeviceClass } from '../ingest/user-agent.ts'
import { bucketOf } from '../log-buckets.ts'
import { clockCorrectionMs } from '../sessions/clock-correction.ts'
import type { ReceivedView } from './store.ts'

/** The columns that a view is read from; the others repeat parts of the record for the questions asked of it. */
export interface ViewRow {
  record: string
  received_at: number
  skew_ms: number | null
  via: string
  device: string
  is_bot: number
}

/** These columns, as a list for SELECT. */
export const VIEW_COLUMNS = `record, views.received_at AS received_at, views.skew_ms AS skew_ms, views.via AS via,
  views.device AS device, views.is_bot AS is_bot`

/** What is stored of a view, in the order of `viewValues`. */
export const STORED_COLUMNS = [
  ...['view_id', 'seq', 'session_id', 'site', 'path', 'started_at', 'began_at', 'weight'],
  ...['total_ms', 'visible_ms', 'engaged_ms', 'visible_bucket', 'engaged_bucket'],
  ...['page_group', 'referrer', 'campaign', 'threshold', 'timers'],
  ...['received_at', 'skew_ms', 'via', 'device', 'is_bot', 'record'],
]

/** A list, not an object: bound by position a row is written in half the time. */
export function viewValues({ record, receivedAt, skewMs, via, device, isBot }: ReceivedView): unknown[] {
  const { viewId, seq, sessionId, site, path, startedAt, totalMs, visibleMs, engagedMs } = record
  return [
    ...[viewId, seq, sessionId, site, path, startedAt, startedAt + clockCorrectionMs(skewMs), 1 / record.samplingRate],
    ...[totalMs, visibleMs, engagedMs, bucketOf(visibleMs), bucketOf(engagedMs)],
    ...[record.pageGroup ?? '', record.referrerHost ?? '', record.utm?.campaign ?? ''],
    ...[Math.max(0, ...(record.thresholds ?? [])), record.timers ? JSON.stringify(record.timers) : ''],
    ...[receivedAt, skewMs, via, device, Number(isBot), JSON.stringify(record)],
  ]
}

export const receivedView = (row: ViewRow): ReceivedView => ({
  record: JSON.parse(row.record) as ViewRecord,
  receivedAt: row.received_at,
  skewMs: row.skew_ms,
  via: (row.via || 'fetch') as SendMethod, // unknown of what an earlier version stored
  device: row.device as DeviceClass,
  isBot: row.is_bot === 1,
})
